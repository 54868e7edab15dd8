// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <algorithm>
#include <chrono>
#include <optional>

namespace widgets {

/// Decides when the packed size of a run is measured next: only after something has changed, never while an
/// answer is due, at most once in kShortest, and so seldom that it takes no more than kShareOfTime of one
/// processor. A run that stands still is measured at once, for it loses nothing. Times are of any steady
/// clock. No clock of its own, so that it is tested as numbers.
class PackedPacer {
public:
    using Time = std::chrono::nanoseconds;
    static constexpr Time kShortest = std::chrono::seconds{2};
    static constexpr double kShareOfTime = 0.05;

    /// What was measured is not what would be measured now.
    void changed() noexcept { m_isStale = true; }
    void asked(Time now) noexcept
    {
        m_lastAsked = now;
        m_isStale = false;
        m_isWaiting = true;
    }
    /// `cost`: of what was asked for.
    void answered(Time cost) noexcept
    {
        m_cost = cost;
        m_isWaiting = false;
    }

    Time interval() const noexcept
    {
        return std::max(kShortest, Time{static_cast<Time::rep>(static_cast<double>(m_cost.count()) / kShareOfTime)});
    }
    /// How long to wait from now, 0 if the next measurement is due; nothing: there is no reason for one.
    std::optional<Time> untilNext(Time now, bool standsStill) const noexcept
    {
        if (m_isWaiting || !m_isStale)
            return std::nullopt;
        return standsStill || !m_lastAsked ? Time{0} : std::max(Time{0}, *m_lastAsked + interval() - now);
    }

private:
    std::optional<Time> m_lastAsked;
    Time m_cost{0};
    bool m_isStale = true, m_isWaiting = false;
};

} // namespace widgets
