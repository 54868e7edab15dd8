// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

namespace engine {

/// NaN and infinities are no JSON: null, as is nothing.
inline nlohmann::ordered_json jsonNumber(double value)
{
    return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}
inline nlohmann::ordered_json jsonNumber(const std::optional<double> &value)
{
    return value ? jsonNumber(*value) : nlohmann::ordered_json(nullptr);
}

} // namespace engine
