// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/codebooks/codebookshape.h"
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace engine {

/// The places, ascending, of the representatives that stay when the dead ones leave a codebook: those with
/// weights; of a symmetric codebook both of a pair if one of them has any; the zero of a codebook that holds
/// one; all of a grid; if that leaves none, the first. What goes had no weights, and a weight's nearest
/// representative is still its nearest among fewer: ŵ does not change. Requires equal lengths, at least 1,
/// and r ascending.
std::vector<std::size_t> staying(std::span<const std::uint64_t> occupancy, std::span<const float> representatives,
                                 const CodebookShape &shape);

} // namespace engine
