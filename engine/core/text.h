// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace engine {

/// Numbers as people read them, in all that is printed.

std::string grouped(std::uint64_t number);               ///< "1,234,567"
std::string percent(double share);                       ///< 0.9125 as "91.25 %"; NaN as "not measured"
std::string percent(const std::optional<double> &share); ///< nothing as NaN
std::string percentOrDash(double share);                 ///< NaN as "–", where there is no room for more

} // namespace engine
