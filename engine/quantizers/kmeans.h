// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/quantizers/sortedweights.h"

namespace engine {

/// Cells of k-means with the means of their weights, at most k: the optimum of the histogram (initialiser.h),
/// then rounds of S. Lloyd's method on the weights themselves until no weight changes cell. `objectives` (if
/// any) gets Σ_i (w_i − r_c(i))² at the start and after each round.
std::vector<WeightCell> kMeansCells(const SortedWeights &sorted, int k, std::vector<double> *objectives = nullptr);

} // namespace engine
