// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/regularizers/blocks.h"
#include <vector>

/// What the regularizers have in common in which every representative pulls at every weight: ∂R/∂w_i = Σ_j
/// q_ij d_ij and ∂R/∂r_j = −Σ_i q_ij d_ij. They differ in q alone.
namespace engine {

inline constexpr float kSoftening = 0.01f; ///< ε in units of σ²: keeps the pull finite on top of a representative
inline constexpr float kNegligibleExponent = -80.0f; ///< e^-80 is lost in any sum, and what lies below it is slow to compute with

/// One block on its way; lengths and distances in units of σ, so that squares stay in the range of float.
/// Take it by value: its members are then known not to change while a loop writes, and the loop becomes one of vectors.
struct SharedBlock {
    std::size_t n, k;
    const float *weights, *nearest, *representatives;
    float inverseSigma;
    float temperature;    ///< τ
    const float *mixing;  ///< (k) π, or null: all are 1/k
    float *terms;         ///< (k × blocks::kSize) one row a representative
    float *total;         ///< (n) zero at first
    float *pull;          ///< (n) zero at first
    double *slope, *mass; ///< (k) to be added to
};

/// First half of a block: terms_ij = term(d_ij). Always inlined, as pullShared.
template <typename Term>
[[gnu::always_inline]] inline void fillTerms(const SharedBlock b, const Term term)
{
    for (std::size_t j = 0; j < b.k; ++j) {
        float *terms = b.terms + j * blocks::kSize;
        const float *weights = b.weights;
        const float r = b.representatives[j], inverseSigma = b.inverseSigma;
#pragma omp simd
        for (std::size_t i = 0; i < b.n; ++i)
            terms[i] = term((weights[i] - r) * inverseSigma);
    }
}

/// Second half of a block: q_ij = strength(terms_ij, total_i). Always inlined, so that it is compiled for its
/// caller's processor.
template <typename Strength>
[[gnu::always_inline]] inline void pullShared(const SharedBlock b, const Strength strength)
{
    for (std::size_t j = 0; j < b.k; ++j) {
        const float *terms = b.terms + j * blocks::kSize;
        const float *weights = b.weights, *total = b.total;
        float *pull = b.pull;
        const float r = b.representatives[j], inverseSigma = b.inverseSigma;
        float slope = 0, mass = 0;
#pragma omp simd reduction(+ : slope, mass)
        for (std::size_t i = 0; i < b.n; ++i) {
            const float q = strength(terms[i], total[i]);
            const float force = q * ((weights[i] - r) * inverseSigma);
            pull[i] += force;
            slope += force;
            mass += q;
        }
        b.slope[j] -= static_cast<double>(slope);
        b.mass[j] += static_cast<double>(mass);
    }
}

/// Walks over the weights with `fill(block)`, which fills pull, slope and mass in units of σ and returns Σ R
/// in units of σ².
template <blocks::Needs kNeeds, typename Fill>
void sharedPull(const NearestCells &cells, const RegularizerScale &scale, std::span<const float> weights, float lambda,
                std::span<float> gradient, RegularizerSums &sums, const Fill &fill)
{
    const std::size_t k = cells.k();
    const double sigma = scale.sigma;
    std::vector<float> terms(k * blocks::kSize), total(blocks::kSize);
    const std::vector<float> mixing(scale.mixing.begin(), scale.mixing.end());
    RegularizerSums part{k};
    blocks::overBlocks<kNeeds>(cells, weights, lambda, gradient, part, [&](const blocks::Block &block) {
        std::ranges::fill(total, 0.0f);
        std::fill_n(block.pull, block.size(), 0.0f);
        part.energy += static_cast<double>(fill(SharedBlock{
            .n = block.size(), .k = k, .weights = block.weights.data(), .nearest = block.nearest,
            .representatives = cells.representatives().data(), .inverseSigma = static_cast<float>(1.0 / sigma),
            .temperature = static_cast<float>(scale.temperature), .mixing = mixing.empty() ? nullptr : mixing.data(), .terms = terms.data(),
            .total = total.data(), .pull = block.pull, .slope = part.slope.data(), .mass = part.mass.data()}));
        for (std::size_t i = 0; i < block.size(); ++i)
            block.pull[i] *= static_cast<float>(sigma);
    });
    part.energy *= sigma * sigma;
    for (double &slope : part.slope)
        slope *= sigma;
    sums += part;
}

/// The regularizer that a block function makes: all that those of this kind differ in. It fills pull, slope and mass of
/// its block and returns Σ R.
template <float (*kBlock)(SharedBlock), blocks::Needs kNeeds>
class SharedRegularizer : public Regularizer {
public:
    SharedRegularizer(std::span<const float> representatives, const RegularizerScale &scale) : m_cells{representatives}, m_scale{scale} {}

    static std::unique_ptr<Regularizer> make(std::span<const float> representatives, const RegularizerScale &scale)
    {
        return std::make_unique<SharedRegularizer>(representatives, scale);
    }
    void pull(std::span<const float> weights, float lambda, std::span<float> gradient, RegularizerSums &sums) const override
    {
        sharedPull<kNeeds>(m_cells, m_scale, weights, lambda, gradient, sums, kBlock);
    }

private:
    NearestCells m_cells;
    RegularizerScale m_scale;
};

} // namespace engine
