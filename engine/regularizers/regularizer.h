// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/codebooks/nearest.h"
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace engine {

/// What one pass of a regularizer R over some weights yields; passes over parts add up.
struct RegularizerSums {
    NearestSums nearest;       ///< cells and distances: the same whatever the regularizer
    double energy = 0;         ///< R(W, r)
    double squaredPull = 0;    ///< Σ_i (∂R/∂w_i)²
    std::vector<double> slope; ///< (k) ∂R/∂r_j
    /// (k) What slope_j is divided by, so that a representative's step does not depend on how many weights it has: its
    /// members n_j, or, where every weight pulls at every representative with strength q_ij, Σ_i q_ij. 0: it rests.
    std::vector<double> mass;

    explicit RegularizerSums(std::size_t k = 0) : nearest{k}, slope(k), mass(k) {}
    RegularizerSums &operator+=(const RegularizerSums &other); ///< requires equal k
};

/// What a regularizer has to know beside the weights.
struct RegularizerScale {
    double sigma = 1;       ///< σ: standard deviation of the layer's weights when its codebook was made; > 0
    double temperature = 1; ///< τ of soft-min, in units of σ²; > 0
    std::vector<double> mixing{}; ///< (k) π of soft-min, each above 0, sum 1; empty: all are 1/k
};

/// σ of finite weights, the others passed over; 0 for fewer than two.
double standardDeviation(std::span<const float> weights);

/// A term R(W, r) that ties weights to representatives, prepared for one codebook (method.md, "Regularizers";
/// d_ij = w_i − r_j). Const functions may run on several threads at once.
class Regularizer {
public:
    virtual ~Regularizer() = default;
    /// One pass: adds λ ∂R/∂w_i to gradient[i] and everything in RegularizerSums to `sums`. Requires equal
    /// lengths and sums of size k. Memory beyond the arguments: some KiB a representative, whatever the
    /// number of weights.
    virtual void pull(std::span<const float> weights, float lambda, std::span<float> gradient, RegularizerSums &sums) const = 0;
    /// As `pull` without a gradient.
    void measure(std::span<const float> weights, RegularizerSums &sums) const;
};

/// One line of the registry.
struct RegularizerSpec {
    std::string_view name;    ///< as the parameter `regularizer` and snapshots spell it
    std::string_view formula; ///< R(W, r)
    std::string_view help;    ///< one or two sentences for tooltips
    bool isGrid = false;      ///< its codebooks are r_j = b + jΔ
    bool mixes = false;       ///< it has mixing proportions, and RegularizerSums::mass_j is Σ_i ρ_ij
    /// Requires: 1 <= k <= 256 finite ascending representatives.
    std::unique_ptr<Regularizer> (*make)(std::span<const float> representatives, const RegularizerScale &scale) = nullptr;
};

/// All of them; the first is the default. To add one: a file beside this, and its line in registry.cpp.
std::span<const RegularizerSpec> regularizers() noexcept;
/// The one of this name, or nullptr.
const RegularizerSpec *findRegularizer(std::string_view name) noexcept;

} // namespace engine
