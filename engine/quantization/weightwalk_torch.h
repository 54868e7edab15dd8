// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/regularizers/entropy.h"
#include "engine/regularizers/regularizer.h"
#include <memory>
#include <span>
#include <torch/types.h>
#include <vector>

namespace engine {

/// What ties weights to representatives, beside the regularizer's name. Requires: 1 … 256 finite ascending values.
struct ScaledCodebook {
    std::span<const float> representatives; ///< r (k)
    RegularizerScale scale;
};

/// All that is computed from every weight of a layer: each function is one walk over its kernel W (n).
/// Weights and codes are in the order of the kernel's memory (one without gaps and with channels fastest or
/// last dimension fastest), else of its shape. A gradient has the kernel's sizes, type and device and lies in
/// that order. An undefined one is none: there are only sums.
class WeightWalk {
public:
    virtual ~WeightWalk() = default;

    /// See Regularizer::pull: adds λ ∂R/∂w_i to the gradient.
    virtual RegularizerSums pull(const RegularizerSpec &regularizer, const ScaledCodebook &codebook, double lambda,
                                 const torch::Tensor &gradient) const = 0;
    /// See NearestCells::measure.
    virtual NearestSums measure(const NearestCells &cells) const = 0;
    /// See SoftOccupancy: its first walk gives Σ_i ρ_ij (k); with these the second adds β ∂E/∂w_i, within its bound, to
    /// the gradient, and gives the sum of the squares of that.
    virtual std::vector<double> countSoftly(const ScaledCodebook &codebook) const = 0;
    virtual double pullEntropy(const ScaledCodebook &codebook, std::span<const double> sums, const EntropyPull &strength,
                               const torch::Tensor &gradient) const = 0;

    /// snapped_i = r_a(i) for from <= i < to. `snapped` lies as a gradient does. Ranges may come on several threads.
    virtual void snap(const NearestCells &cells, std::size_t from, std::size_t to, const torch::Tensor &snapped) const = 0;
    virtual std::vector<CodeIndex> encode(const NearestCells &cells) const = 0; ///< a(i) (n)

    /// The same with codes (n) in place of a(i), whatever the weights are: values_c(i), in a tensor like the
    /// kernel, and occupancy, weightSum, gradientSum and squaredGradient.
    virtual torch::Tensor gather(std::span<const float> values, std::span<const CodeIndex> codes) const = 0;
    virtual NearestSums sumByCode(std::span<const float> values, std::span<const CodeIndex> codes, const torch::Tensor &gradient) const = 0;

    /// The weights (n) in the CPU's memory: themselves, or a copy in float32 that lasts until the next call.
    virtual std::span<const float> weights() const = 0;
};

/// Weights that a parallel walk hands to Regularizer::pull at once: fixed, so that sums do not depend on the
/// number of threads.
inline constexpr std::size_t kWeightsOfPart = 1 << 16;

/// On every processor, at the speed of memory; results do not depend on the number of threads.
/// Requires: a kernel of float32 on the CPU, without gaps, channels or last dimension fastest.
std::unique_ptr<WeightWalk> parallelWalk(torch::Tensor kernel);
/// By LibTorch's operations alone, and so wherever it computes: CUDA, double precision, kernels with gaps.
/// The same results but for rounding; CUDA adds in no fixed order, so that the last bits of its sums vary.
/// Memory beyond the arguments: up to some 200 MiB whatever n and k. Knows the regularizers by name
/// (tensorterms_torch.h), and computes the entropy term, too.
/// Requires: a kernel of float32 or float64.
std::unique_ptr<WeightWalk> tensorWalk(torch::Tensor kernel);
/// The first where the kernel is as it requires, else the second. Fails (c10::Error) for a kernel of another type.
std::unique_ptr<WeightWalk> walkOver(torch::Tensor kernel);

} // namespace engine
