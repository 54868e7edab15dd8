// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/vectors.h"
#include "engine/codebooks/nearest.h"
#include <cstddef>
#include <span>

/// The vectorised passes behind NearestCells for small codebooks: each boundary is compared with every
/// weight, and sums are kept per boundary ("all weights above it") so that no scatter is needed; a cell is
/// the difference of two neighbours.
namespace engine::lanes {

/// Up to this k comparing with every boundary beats a table look-up.
inline constexpr std::size_t kCompareAllLimit = 32;

/// Slice of a look-up table a value falls into; monotone in value, clamped to [0, slices). NaN: 0.
inline std::size_t slice(float value, float low, float scale, std::size_t slices) noexcept
{
    const float position = (value - low) * scale + 1.0f;
    if (!(position > 0.0f))
        return 0;
    return position < static_cast<float>(slices - 1) ? static_cast<std::size_t>(position) : slices - 1;
}

/// Borders and values of NearestCells, and the vectors to work in. Requires: boundaryCount < kCompareAllLimit.
struct Cells {
    const float *boundaries;      ///< (boundaryCount)
    std::size_t boundaryCount;    ///< k − 1
    const float *representatives; ///< (k)
    Generation generation;        ///< not newer than the processor
};

void encode(std::span<const float> weights, const Cells &cells, std::span<CodeIndex> codes);
void snap(std::span<const float> weights, const Cells &cells, std::span<float> snapped, Destination destination);
void pull(std::span<const float> weights, const Cells &cells, float lambda, std::span<float> gradient, NearestSums &sums);
void pullSigns(std::span<const float> weights, const Cells &cells, float strength, std::span<float> gradient, NearestSums &sums,
               SignSums &signs);

} // namespace engine::lanes
