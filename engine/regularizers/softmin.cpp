// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/vectors.h"
#include "engine/regularizers/registry.h"
#include "engine/regularizers/responsibilities.h"

namespace engine {

/// R = −(τ/2) Σ_i log Σ_j π_j exp(−d_ij² ÷ τ) with π_j = 1/k or learnt (mixing.h): a mixture of Gaussians
/// around the representatives, in which every weight belongs to each with responsibility q_ij = π_j
/// exp(−d_ij²/τ) ÷ Σ_m π_m exp(−d_im²/τ). ∂R/∂w_i = Σ_j q_ij d_ij.
/// Source: S. Nowlan, G. Hinton, Simplifying neural networks by soft weight-sharing, Neural Computation 4(4), 1992.
CONDENSATE_CLONES
float softMinBlock(const SharedBlock b)
{
    const float energy = fillResponsibilities(b);
    pullShared(b, [](float term, float inverseTotal) { return term * inverseTotal; });
    return energy;
}

const RegularizerSpec registry::kSoftMin{.name = "soft-min",
                                         .formula = "−(τ/2) Σᵢ log Σⱼ πⱼ exp(−(wᵢ − rⱼ)²/τ)",
                                         .help = "Every weight belongs to each representative a little, the more so the higher the "
                                                 "temperature τ; as τ falls this becomes nearest-l2. "
                                                 "The proportions πⱼ are 1/k or learnt (mixing).",
                                         .mixes = true,
                                         .make = SharedRegularizer<softMinBlock, blocks::Needs::Values>::make};

} // namespace engine
