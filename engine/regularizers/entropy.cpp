// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/regularizers/entropy.h"
#include "engine/core/vectors.h"
#include "engine/regularizers/responsibilities.h"
#include "engine/codebooks/withoutgradient.h"
#include <algorithm>
#include <limits>
#include <numeric>

namespace engine {

/// No pull down beyond `most` times the way to the representative below the nearest one, nor up beyond that to the one
/// above it.
[[gnu::always_inline]] static inline void boundPull(const SharedBlock b, const float most)
{
    alignas(64) float below[blocks::kSize], above[blocks::kSize];
    const float *weights = b.weights, *nearest = b.nearest;
    float *pull = b.pull;
    std::copy_n(nearest, b.n, below);
    std::copy_n(nearest, b.n, above);
    for (std::size_t j = 0; j < b.k; ++j) {
        const float rising = b.representatives[j], falling = b.representatives[b.k - 1 - j];
#pragma omp simd
        for (std::size_t i = 0; i < b.n; ++i) {
            below[i] = rising < nearest[i] ? rising : below[i];
            above[i] = falling > nearest[i] ? falling : above[i];
        }
    }
    const float unit = b.inverseSigma;
#pragma omp simd
    for (std::size_t i = 0; i < b.n; ++i) {
        const float down = (weights[i] - below[i]) * unit, up = (weights[i] - above[i]) * unit;
        const float highest = most * (down > 0.0f ? down : 0.0f), lowest = most * (up < 0.0f ? up : 0.0f);
        const float bounded = pull[i] > highest ? highest : pull[i]; // a NaN passes
        pull[i] = bounded < lowest ? lowest : bounded;
    }
}

/// `surprise`: ln p_j. `most`: see boundPull.
CONDENSATE_CLONES
static float entropyBlock(const SharedBlock b, const float *surprise, const float most)
{
    fillResponsibilities(b);
    const float *total = b.total;
    float mean[blocks::kSize] = {};
    for (std::size_t j = 0; j < b.k; ++j) {
        float *terms = b.terms + j * blocks::kSize;
        const float own = surprise[j];
#pragma omp simd
        for (std::size_t i = 0; i < b.n; ++i) {
            terms[i] *= total[i]; // ρ_ij
            mean[i] += terms[i] * own;
        }
    }
    const float twice = 2.0f / b.temperature;
    for (std::size_t j = 0; j < b.k; ++j) {
        float *terms = b.terms + j * blocks::kSize;
        const float own = surprise[j];
#pragma omp simd
        for (std::size_t i = 0; i < b.n; ++i)
            terms[i] *= twice * (own - mean[i]);
    }
    pullShared(b, [](float term, float) { return term; });
    if (most < std::numeric_limits<float>::infinity())
        boundPull(b, most);
    return 0;
}

void SoftOccupancy::count(std::span<const float> weights, std::span<double> sums) const
{
    RegularizerSums part{m_cells.k()};
    withoutGradient(weights, [&](std::span<const float> block, std::span<float> zeros) {
        sharedPull<blocks::Needs::Values>(m_cells, m_scale, block, 0.0f, zeros, part, softMinBlock);
    });
    for (std::size_t j = 0; j < sums.size(); ++j)
        sums[j] += part.mass[j];
}

double SoftOccupancy::energy(std::span<const double> sums) const
{
    const double n = std::accumulate(sums.begin(), sums.end(), 0.0);
    double entropy = 0;
    for (const double sum : sums)
        entropy -= sum > 0 ? sum / n * std::log(sum / n) : 0.0;
    return m_scale.sigma * m_scale.sigma * n * entropy;
}

double SoftOccupancy::pull(std::span<const float> weights, std::span<const double> sums, const EntropyPull &strength,
                           std::span<float> gradient) const
{
    const double n = std::accumulate(sums.begin(), sums.end(), 0.0);
    std::vector<float> surprise;
    for (const double sum : sums) // a share that underflowed has no responsibilities left to weigh it with
        surprise.push_back(sum > 0 ? static_cast<float>(std::log(sum / n)) : 0.0f);
    const auto most = static_cast<float>(strength.stiffest / strength.beta);
    RegularizerSums part{m_cells.k()};
    sharedPull<blocks::Needs::Values>(m_cells, m_scale, weights, static_cast<float>(strength.beta), gradient, part,
                                      [&](const SharedBlock &block) { return entropyBlock(block, surprise.data(), most); });
    return strength.beta * strength.beta * part.squaredPull;
}

} // namespace engine
