// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/regularizers/regularizer.h"
#include <limits>
#include <span>
#include <vector>

namespace engine {

/// How hard the entropy term pulls.
struct EntropyPull {
    double beta = 0; ///< β
    /// A spring constant. No weight is pulled harder than a spring of this stiffness would pull it to where it goes:
    /// the representative next to its nearest one, or, where there is none beyond, the nearest. Infinite: no bound.
    double stiffest = std::numeric_limits<double>::infinity();
};

/// Auxiliary term that empties rare cells, so that the coded size shrinks: E(W) = σ² n H(p) with the soft occupancy
///   p_j = (1/n) Σ_i ρ_ij,   ρ_ij = exp(−d_ij²/τ) ÷ Σ_m exp(−d_im²/τ),   H(p) = −Σ_j p_j ln p_j.
/// Two walks: the shares p are those of the whole layer, so they must be known before anything can be pulled.
/// With L_i = Σ_j ρ_ij ln p_j and q_ij = (2/τ) ρ_ij (ln p_j − L_i): ∂E/∂w_i = σ² Σ_j q_ij d_ij.
/// It moves weights alone. In r it has no minimum: it falls for ever while a representative flees from its last
/// members. As in entropy-constrained quantization, the price −ln p_j of a cell decides which weights it has, and
/// its representative follows them by R. Source: P. Chou, T. Lookabaugh, R. Gray, Entropy-constrained vector
/// quantization, IEEE Trans. ASSP 37(1), 1989.
/// The price is a staircase over w, with flights some τσ² ÷ gap wide and slopes up to β gap ÷ τ: a step along such a
/// slope may end anywhere. EntropyPull::stiffest is its trust region. H is concave in p, so that E falls wherever each
/// weight moves to a lower price.
class SoftOccupancy {
public:
    /// Requires: as RegularizerSpec::make.
    SoftOccupancy(std::span<const float> representatives, const RegularizerScale &scale) : m_cells{representatives}, m_scale{scale} {}

    /// First walk: adds Σ_i ρ_ij to `sums` (k).
    void count(std::span<const float> weights, std::span<double> sums) const;
    /// E of a layer whose first walk gave `sums`.
    double energy(std::span<const double> sums) const;
    /// Second walk, with the `sums` of the first: adds β ∂E/∂w_i, within its bound, to gradient[i]. Returns the sum of
    /// the squares of what it added.
    double pull(std::span<const float> weights, std::span<const double> sums, const EntropyPull &strength, std::span<float> gradient) const;

private:
    NearestCells m_cells;
    RegularizerScale m_scale;
};

} // namespace engine
