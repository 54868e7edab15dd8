// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <vector>

/// Mixing proportions π (k) of soft-min where they are learnt: what share of the weights each representative
/// claims. Σ_j π_j is 1 and each is at least kLeastShare of 1/k, so that a representative that has lost all
/// its weights can win some back.
/// Source: S. Nowlan, G. Hinton, Simplifying neural networks by soft weight-sharing, Neural Computation 4(4), 1992.
namespace engine {

inline constexpr double kLeastShare = 1e-3;

/// Makes Σ_j π_j = 1 and lifts what is below the least; what lies above it shrinks in proportion. π that is
/// as it should be stays.
/// Requires: at least one value above 0, no negative one.
void keepMixing(std::span<double> mixing);

/// π to begin with: the share of weights in each cell. Uniform where there are none.
std::vector<double> mixingOf(std::span<const std::uint64_t> occupancy);

/// π_j ← π_j + rate · (mean_i ρ_ij − π_j) with the responsibilities ρ_ij = π_j exp(−d_ij²/τ) ÷ Σ_m π_m
/// exp(−d_im²/τ) of n weights. A rate of 1 is a step of the EM algorithm. The direction is that of descent:
/// with π the softmax of logits, ∂R/∂logit_j = −(τ n/2) (mean_i ρ_ij − π_j). `mass`: (k) Σ_i ρ_ij, whose sum
/// is n; nothing moves where that is 0. Requires: 0 <= rate <= 1 and finite masses.
void stepMixing(std::span<double> mixing, std::span<const double> mass, double rate);

} // namespace engine
