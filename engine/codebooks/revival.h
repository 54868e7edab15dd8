// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <span>

namespace engine {

/// Gives dead representatives something to do, one after the other: the fullest cell is split where its
/// representative lies; that one goes to the mean of the members on its left, the dead one to the mean of
/// those on its right. Every value keeps its place in `representatives`, which is ascending before and
/// perhaps not after. Of `mixing` (k, or nothing: they have none) each of the two gets half of what both had.
/// Returns how many were revived; a cell whose members lie on one side cannot be split and ends it.
/// Source: Y. Linde, A. Buzo, R. Gray, An algorithm for vector quantizer design, IEEE Trans. Communications
/// 28(1), 1980.
std::size_t reviveDead(std::span<const float> weights, std::span<float> representatives, std::span<double> mixing = {});

} // namespace engine
