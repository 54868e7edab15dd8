// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/vectors.h"
#include "engine/regularizers/registry.h"
#include "engine/regularizers/shared.h"

namespace engine {

/// R = ½ Σ_i k ÷ Σ_j 1/(d_ij² + ε), ε = 0.01 σ²: the harmonic mean of the squared distances. q_ij = k
/// (1/(d_ij² + ε))² ÷ (Σ_m 1/(d_im² + ε))². Source: B. Zhang, M. Hsu, U. Dayal, K-harmonic means, HP Labs,
/// 1999. The terms are ε ÷ (d_j² + ε), which lies in (0, 1].
CONDENSATE_CLONES
static float harmonicBlock(const SharedBlock b)
{
    fillTerms(b, [](float d) { return kSoftening / (d * d + kSoftening); });
    float *total = b.total;
    for (std::size_t j = 0; j < b.k; ++j) {
        const float *terms = b.terms + j * blocks::kSize;
#pragma omp simd
        for (std::size_t i = 0; i < b.n; ++i)
            total[i] += terms[i];
    }
    const auto k = static_cast<float>(b.k);
    float energy = 0;
#pragma omp simd reduction(+ : energy)
    for (std::size_t i = 0; i < b.n; ++i) {
        total[i] = 1.0f / total[i];
        energy += 0.5f * k * kSoftening * total[i];
    }
    pullShared(b, [k](float term, float inverseTotal) {
        const float share = term * inverseTotal;
        return k * share * share;
    });
    return energy;
}

const RegularizerSpec registry::kHarmonic{
    .name = "harmonic",
    .formula = "½ Σᵢ k / Σⱼ 1/((wᵢ − rⱼ)² + ε)",
    .help = "The harmonic mean of the squared distances: hardly depends on the codebook's start and brings dead representatives back. "
            "Close to a representative it pulls k times as hard as nearest-l2.",
    .make = SharedRegularizer<harmonicBlock, blocks::Needs::Nothing>::make};

} // namespace engine
