// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/regularizers/entropy.h"
#include "engine/regularizers/regularizer.h"
#include <span>
#include <string_view>
#include <torch/types.h>
#include <vector>

/// The formulas of regularizers/ once more, in LibTorch's operations: for weights that lie where plain C++
/// does not reach them. Everything below is computed in the type and on the device of the weights; sums are
/// of float64 there.
namespace engine::tensors {

/// The cells of NearestCells as tensors.
struct Cells {
    torch::Tensor representatives; ///< (k)
    torch::Tensor boundaries;      ///< (k−1)

    Cells(const NearestCells &cells, const torch::Tensor &weights); ///< of the type and on the device of `weights`
    std::int64_t k() const { return representatives.numel(); }
    torch::Tensor codesOf(const torch::Tensor &weights) const; ///< a(i) (n) int32; a NaN has 0
};

/// Some weights and where they stand.
struct Chunk {
    torch::Tensor weights, codes, nearest, distance; ///< (n) w_i, a(i), r_a(i), w_i − r_a(i)
    torch::Tensor members;                           ///< (k) how many have each code

    Chunk(const Cells &cells, const torch::Tensor &someWeights);
};

/// RegularizerSums on its way.
struct Sums {
    torch::Tensor squaredDistance, absoluteDistance, squaredGradient, energy, squaredPull; ///< ()
    torch::Tensor occupancy, weightSum, gradientSum, slope, mass;                          ///< (k)

    explicit Sums(const Cells &cells);
    void addNearest(const Chunk &chunk, const torch::Tensor &gradient); ///< what NearestSums holds; gradient (n) or undefined
    RegularizerSums toHost() const;
};

/// (k) Σ of the values (n) that have each code, in float64.
torch::Tensor sumByCode(const torch::Tensor &codes, const torch::Tensor &values, std::int64_t k);

/// One regularizer's line.
struct Term {
    std::string_view name; ///< as in regularizers()
    bool comparesAll;      ///< whether temporary tensors are of size n × k
    /// Adds energy, slope and mass of a chunk to the sums. Gives ∂R/∂w_i (n).
    torch::Tensor (*pull)(const Cells &cells, const RegularizerScale &scale, const Chunk &chunk, Sums &sums);
};
/// The one of this name, or nullptr. To add one: its function and its line in the source beside this.
const Term *findTerm(std::string_view name) noexcept;

/// β ∂E/∂w_i (n) of the entropy term, within its bound. `surprise`: ln p_j (k). Temporary tensors of size n × k.
torch::Tensor entropyPull(const Cells &cells, const RegularizerScale &scale, const Chunk &chunk, const torch::Tensor &surprise,
                          const EntropyPull &strength);

} // namespace engine::tensors
