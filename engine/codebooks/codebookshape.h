// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <span>

namespace engine {

/// What a codebook r_0 ≤ … ≤ r_(k−1) is held to; a step of the representatives is followed by the projection onto the
/// nearest one that obeys.
struct CodebookShape {
    bool isGrid = false;      ///< r_j = b + jΔ, Δ ≥ 0
    bool isSymmetric = false; ///< r_j = −r_(k−1−j)
    bool hasZero = false;     ///< one representative is 0: weights there need no multiplication and code well
    bool operator==(const CodebookShape &) const = default;
};

/// Moves r onto the nearest codebook of this shape, in the least squares weighted by `mass` (all alike if
/// fewer than two have any). The zero goes to the representative nearest to it. Requires equal lengths, r
/// ascending (it stays so), and an odd k where the shape is symmetric with a zero.
void project(const CodebookShape &shape, std::span<float> representatives, std::span<const double> mass);

} // namespace engine
