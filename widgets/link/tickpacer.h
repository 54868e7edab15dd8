// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <algorithm>
#include <chrono>

namespace widgets {

/// Decides when the screen is brought up to date next: at most once in kShortest, and so seldom that drawing takes
/// no more than kShareOfTime of one processor. Training uses all processors, and what the window takes is lost to it.
/// Times are of any steady clock, costs are processor time. No clock of its own, so that it is tested as numbers.
class TickPacer {
public:
    using Time = std::chrono::nanoseconds;
    static constexpr Time kShortest = std::chrono::milliseconds{33};
    static constexpr Time kLongest = std::chrono::seconds{2}; ///< a window that shows nothing new for longer seems dead
    static constexpr double kShareOfTime = 0.02;

    void began(Time now) noexcept
    {
        m_lastTick = now;
        m_hurry = false;
    }
    /// What the tick that began last took in all. Rises are believed at once, falls by and by.
    void cost(Time taken) noexcept { m_cost = taken > m_cost ? taken : (3 * m_cost + taken) / 4; }
    /// Somebody waits for an answer: the next tick alone need not save time.
    void hurry() noexcept { m_hurry = true; }

    Time interval() const noexcept
    {
        if (m_hurry)
            return kShortest;
        const auto saving = Time{static_cast<Time::rep>(static_cast<double>(m_cost.count()) / kShareOfTime)};
        return std::clamp(saving, kShortest, kLongest);
    }
    /// How long to wait from now; 0 if the next tick is due.
    Time untilNext(Time now) const noexcept { return std::max(Time{0}, m_lastTick + interval() - now); }
    Time lastCost() const noexcept { return m_cost; }

private:
    Time m_lastTick{-kLongest};
    Time m_cost{0};
    bool m_hurry = false;
};

} // namespace widgets
