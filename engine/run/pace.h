// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>

namespace engine {

/// Keeps what watching costs below a share of the time: the interval between two measurements grows with their cost.
class Pace {
public:
    explicit Pace(double share) : m_share{share} {}
    using Seconds = std::chrono::duration<double>;

    void measured(Seconds cost) noexcept { m_cost = smooth(m_cost, cost.count()); }
    void stepped(Seconds cost) noexcept { m_step = smooth(m_step, cost.count()); }
    /// Steps from one measurement to the next: `asked`, or more if that would take over the share.
    std::uint64_t interval(std::uint64_t asked) const noexcept
    {
        if (m_step <= 0)
            return asked;
        return std::max(asked, static_cast<std::uint64_t>(std::ceil(m_cost / (m_share * m_step))));
    }

private:
    static double smooth(double old, double now) noexcept { return old == 0 ? now : 0.8 * old + 0.2 * now; }
    double m_share;
    double m_cost = 0, m_step = 0; // seconds
};

} // namespace engine
