// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/regularizers/regularizer.h"
#include <algorithm>
#include <array>
#include <cstddef>

/// What the regularizers share: the walk over the weights in blocks that stay in the first cache.
namespace engine::blocks {

inline constexpr std::size_t kSize = 512; // float sums run this long at most before they go to double

struct Block {
    std::span<const float> weights;
    const float *nearest; ///< r_a(i), where needed
    float *pull;          ///< to be filled with ∂R/∂w_i

    std::size_t size() const noexcept { return weights.size(); }
};

/// gradient += λ pull. Returns Σ pull².
double addPull(std::span<const float> pull, float lambda, std::span<float> gradient);

/// What a regularizer has to know of the nearest representatives.
enum class Needs { Nothing, Values };

/// Calls fill(block) for each block of the weights, then adds what it left in `pull` to the gradient and to
/// squaredPull. `sums.nearest` is filled here; energy, slope and mass are for `fill`.
template <Needs kNeeds, typename Fill>
void overBlocks(const NearestCells &cells, std::span<const float> weights, float lambda, std::span<float> gradient,
                RegularizerSums &sums, const Fill &fill)
{
    alignas(64) std::array<float, kSize> nearest, pull;
    for (std::size_t from = 0; from < weights.size(); from += kSize) {
        const std::size_t length = std::min(kSize, weights.size() - from);
        const auto part = weights.subspan(from, length);
        const auto slopes = gradient.subspan(from, length);
        if constexpr (kNeeds == Needs::Values)
            cells.snap(part, std::span{nearest}.first(length));
        cells.pull(part, 0.0f, slopes, sums.nearest);
        fill(Block{part, nearest.data(), pull.data()});
        sums.squaredPull += addPull(std::span{pull}.first(length), lambda, slopes);
    }
}

} // namespace engine::blocks
