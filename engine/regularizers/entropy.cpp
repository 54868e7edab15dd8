// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/regularizers/entropy.h"
#include "engine/core/vectors.h"
#include "engine/regularizers/responsibilities.h"
#include "engine/codebooks/withoutgradient.h"
#include <numeric>

namespace engine {

/// `surprise`: ln p_j.
CONDENSATE_CLONES
static float entropyBlock(const SharedBlock b, const float *surprise)
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

void SoftOccupancy::pull(std::span<const float> weights, std::span<const double> sums, float beta, std::span<float> gradient,
                         std::span<double> slope) const
{
    const double n = std::accumulate(sums.begin(), sums.end(), 0.0);
    std::vector<float> surprise;
    for (const double sum : sums) // a share that underflowed has no responsibilities left to weigh it with
        surprise.push_back(sum > 0 ? static_cast<float>(std::log(sum / n)) : 0.0f);
    RegularizerSums part{m_cells.k()};
    sharedPull<blocks::Needs::Values>(m_cells, m_scale, weights, beta, gradient, part,
                                      [&](const SharedBlock &block) { return entropyBlock(block, surprise.data()); });
    for (std::size_t j = 0; j < slope.size(); ++j)
        slope[j] += part.slope[j];
}

} // namespace engine
