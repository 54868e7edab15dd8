// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/vectors.h"
#include "engine/regularizers/registry.h"
#include "engine/regularizers/shared.h"
#include "engine/regularizers/vectormath.h"

namespace engine {

/// R = ½ Σ_i exp((1/k) Σ_j log(d_ij² + ε)), ε = 0.01 σ²: the geometric mean P_i of the squared distances.
/// q_ij = P_i ÷ (k (d_ij² + ε)). The terms are d_j² + ε; logarithms are taken of two at a time.
CONDENSATE_CLONES
static float productBlock(const SharedBlock b)
{
    fillTerms(b, [](float d) { return d * d + kSoftening; });
    float *total = b.total;
    for (std::size_t j = 0; j + 1 < b.k; j += 2) {
        const float *terms = b.terms + j * blocks::kSize, *others = terms + blocks::kSize;
#pragma omp simd
        for (std::size_t i = 0; i < b.n; ++i)
            total[i] += ::logf(terms[i] * others[i]);
    }
    if (b.k % 2 == 1) {
        const float *terms = b.terms + (b.k - 1) * blocks::kSize;
#pragma omp simd
        for (std::size_t i = 0; i < b.n; ++i)
            total[i] += ::logf(terms[i]);
    }
    const float share = 1.0f / static_cast<float>(b.k);
    float energy = 0;
#pragma omp simd reduction(+ : energy)
    for (std::size_t i = 0; i < b.n; ++i) {
        const float mean = ::expf(total[i] * share);
        energy += 0.5f * mean;
        total[i] = mean * share;
    }
    pullShared(b, [](float term, float strength) { return strength / term; });
    return energy;
}

const RegularizerSpec registry::kProduct{
    .name = "product",
    .formula = "½ Σᵢ exp((1/k) Σⱼ log((wᵢ − rⱼ)² + ε))",
    .help =
        "The geometric mean of the squared distances: every representative feels every weight, and a weight is content near any of them.",
    .make = SharedRegularizer<productBlock, blocks::Needs::Nothing>::make};

} // namespace engine
