// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/sensitivity/sensitivity.h"
#include <cstdint>
#include <vector>

namespace widgets {

/// What a layer's quantization is measured by.
enum class Cost : std::uint8_t {
    Loss,    ///< how far the loss rises; natural log
    Accuracy ///< how far the accuracy falls; percentage points
};

/// The two bars of a layer; below 0 where quantization helps.
struct SensitivityBars {
    std::size_t layer = 0; ///< its place in Sensitivity::layers
    double alone = 0;      ///< what it costs to snap this layer alone: against no layer snapped
    double others = 0;     ///< what it costs to snap this layer too, all others being snapped: against all but it
};

/// The numbers SensitivityView draws.
struct SensitivityLayout {
    std::vector<SensitivityBars> rows; ///< the most sensitive first, by `alone`; what is not a number is most sensitive
    double low = 0, high = 1;          ///< axis range that shows all bars and 0
};

SensitivityLayout layoutSensitivity(const engine::Sensitivity &sensitivity, Cost cost);

} // namespace widgets
