// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <span>
#include <vector>

namespace engine {

/// Auxiliary term that keeps representatives apart: E(r) = σ² Σ_{j<m} exp(−(r_j − r_m)² ÷ s²), s = σ ÷ k.
struct Repulsion {
    double energy = 0;
    std::vector<double> slope; ///< (k) ∂E/∂r_j
};
/// Requires: σ > 0.
Repulsion repulsion(std::span<const float> representatives, double sigma);

} // namespace engine
