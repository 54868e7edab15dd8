// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/regularizers/shared.h"
#include "engine/regularizers/vectormath.h"

namespace engine {

/// terms_j = π_j exp((d_a² − d_j²) ÷ τ), so that the nearest has π_a and no sum underflows; total = 1 ÷ Σ_j
/// terms_j. The responsibilities are their products. Returns Σ_i (½ d_a² − (τ/2) ln Σ_j terms_j), soft-min's
/// energy. A uniform π is left to the end: terms are then k times as large. Always inlined, so that it is
/// compiled for its caller's processor.
[[gnu::always_inline]] inline float fillResponsibilities(const SharedBlock b)
{
    const float temperature = b.temperature, inverse = 1.0f / temperature, inverseSigma = b.inverseSigma;
    const float *weights = b.weights, *nearest = b.nearest;
    float *total = b.total;
    for (std::size_t j = 0; j < b.k; ++j) {
        float *terms = b.terms + j * blocks::kSize;
        const float r = b.representatives[j], share = b.mixing ? b.mixing[j] : 1.0f;
#pragma omp simd
        for (std::size_t i = 0; i < b.n; ++i) {
            // d_a² − d_j² as a product: exactly 0 for the nearest, however far it is
            const float gap = (r - nearest[i]) * inverseSigma, both = ((weights[i] - nearest[i]) + (weights[i] - r)) * inverseSigma;
            const float exponent = gap * both * inverse;
            terms[i] = exponent < kNegligibleExponent ? kNegligibleExponent : exponent; // a NaN passes
        }
#pragma omp simd
        for (std::size_t i = 0; i < b.n; ++i) { // a loop of its own: beside a choice the compiler leaves it scalar
            terms[i] = share * ::expf(terms[i]);
            total[i] += terms[i];
        }
    }
    const float share = b.mixing ? 1.0f : 1.0f / static_cast<float>(b.k);
    float energy = 0;
#pragma omp simd reduction(+ : energy)
    for (std::size_t i = 0; i < b.n; ++i) {
        const float least = (weights[i] - nearest[i]) * inverseSigma;
        energy += 0.5f * (least * least - temperature * ::logf(total[i] * share));
        total[i] = 1.0f / total[i];
    }
    return energy;
}

/// The block of soft-min: q_ij are the responsibilities, so that mass is the soft occupancy.
float softMinBlock(SharedBlock b);

} // namespace engine
