// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/choices.h"
#include <span>
#include <vector>

namespace engine {

/// k representatives, ascending, chosen from the weights of a layer (method.md, "Codebook initialisers"):
///   KMeans       minimises ½ Σ_i min_j (w_i − r_j)²: exact one-dimensional optimum over a histogram of 4,096 bins
///   Linear       equally spaced over [min, max], ends included; k = 1 takes the middle
///   Percentile   the same over the weights from the 1st to the 99th percentile: outliers count no more than one weight
///   Quantile     r_j is the (j + ½)/k quantile of the weights: the median of the j-th of k cells of equal mass
///   UniformZero  equally spaced with a level at 0, wide enough for the largest |w|; symmetric for odd k, for even k
///                with one level more on the side that reaches further
/// Values repeat where the weights have fewer than k distinct ones.
/// Non-finite weights are passed over; without any finite weight all representatives are 0. Deterministic.
/// Source of the exact solution: H. Wang, M. Song, Ckmeans.1d.dp, The R Journal 3(2), 2011; the divide-and-conquer
/// recursion that makes it O(k B log B) for B bins holds because optimal cell borders move right as the range grows.
std::vector<float> initialCodebook(Initialiser kind, std::span<const float> weights, int k);

} // namespace engine
