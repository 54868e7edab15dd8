// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/quantization/regularizers/shared.h"
#include "engine/quantization/regularizers/vectormath.h"

namespace engine {

/// terms_j = exp((d_a² − d_j²) ÷ τ), so that the nearest has 1 and no sum underflows; total = 1 ÷ Σ_j terms_j. The
/// responsibilities are their products. Returns Σ_i (½ d_a² − (τ/2) ln((1/k) Σ_j terms_j)), soft-min's energy.
/// Always inlined, so that it is compiled for its caller's processor.
[[gnu::always_inline]] inline float fillResponsibilities(const SharedBlock &b, float temperature)
{
    const float inverse = 1.0f / temperature;
    for (std::size_t j = 0; j < b.k; ++j) {
        float *terms = b.terms + j * blocks::kSize;
        const float r = b.representatives[j];
#pragma omp simd
        for (std::size_t i = 0; i < b.n; ++i) {
            // d_a² − d_j² as a product: exactly 0 for the nearest, however far it is
            const float gap = (r - b.nearest[i]) * b.inverseSigma, both = ((b.weights[i] - b.nearest[i]) + (b.weights[i] - r)) * b.inverseSigma;
            terms[i] = ::expf(gap * both * inverse);
            b.total[i] += terms[i];
        }
    }
    const float share = 1.0f / static_cast<float>(b.k);
    float energy = 0;
#pragma omp simd reduction(+ : energy)
    for (std::size_t i = 0; i < b.n; ++i) {
        const float least = (b.weights[i] - b.nearest[i]) * b.inverseSigma;
        energy += 0.5f * (least * least - temperature * ::logf(b.total[i] * share));
        b.total[i] = 1.0f / b.total[i];
    }
    return energy;
}

} // namespace engine
