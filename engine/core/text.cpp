// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/text.h"
#include <cmath>
#include <cstddef>
#include <fmt/format.h>
#include <limits>

namespace engine {

std::string grouped(std::uint64_t number)
{
    std::string text = fmt::format("{}", number);
    for (auto place = static_cast<std::ptrdiff_t>(text.size()) - 3; place > 0; place -= 3)
        text.insert(static_cast<std::size_t>(place), 1, ',');
    return text;
}

std::string percent(double share) { return std::isnan(share) ? "not measured" : percentOrDash(share); }

std::string percent(const std::optional<double> &share) { return percent(share.value_or(std::numeric_limits<double>::quiet_NaN())); }

std::string percentOrDash(double share) { return std::isnan(share) ? "–" : fmt::format("{:.2f} %", 100 * share); }

} // namespace engine
