// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/regularizers/regularizer.h"
#include <span>
#include <vector>

namespace engine {

/// Auxiliary term that empties rare cells, so that the coded size shrinks: E(W, r) = σ² n H(p) with the soft occupancy
///   p_j = (1/n) Σ_i ρ_ij,   ρ_ij = exp(−d_ij²/τ) ÷ Σ_m exp(−d_im²/τ),   H(p) = −Σ_j p_j ln p_j.
/// Two walks: the shares p are those of the whole layer, so they must be known before anything can be pulled.
/// With L_i = Σ_j ρ_ij ln p_j and q_ij = (2/τ) ρ_ij (ln p_j − L_i): ∂E/∂w_i = σ² Σ_j q_ij d_ij, ∂E/∂r_j = −σ²
/// Σ_i q_ij d_ij.
class SoftOccupancy {
public:
    /// Requires: as RegularizerSpec::make.
    SoftOccupancy(std::span<const float> representatives, const RegularizerScale &scale) : m_cells{representatives}, m_scale{scale} {}

    /// First walk: adds Σ_i ρ_ij to `sums` (k).
    void count(std::span<const float> weights, std::span<double> sums) const;
    /// E of a layer whose first walk gave `sums`.
    double energy(std::span<const double> sums) const;
    /// Second walk: adds β ∂E/∂w_i to gradient[i] and ∂E/∂r_j to slope[j], all with the `sums` of the first.
    void pull(std::span<const float> weights, std::span<const double> sums, float beta, std::span<float> gradient,
              std::span<double> slope) const;

private:
    NearestCells m_cells;
    RegularizerScale m_scale;
};

} // namespace engine
