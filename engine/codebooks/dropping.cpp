// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/codebooks/dropping.h"
#include <algorithm>
#include <cmath>

namespace engine {

std::vector<std::size_t> staying(std::span<const std::uint64_t> occupancy, std::span<const float> representatives,
                                 const CodebookShape &shape)
{
    const std::size_t k = representatives.size();
    const auto zero = static_cast<std::size_t>(std::ranges::min_element(representatives, {}, [](float r) { return std::abs(r); }) -
                                               representatives.begin());
    std::vector<std::size_t> places;
    for (std::size_t j = 0; j < k; ++j) {
        const bool lives = occupancy[j] > 0 || (shape.isSymmetric && occupancy[k - 1 - j] > 0);
        if (lives || shape.isGrid || (shape.hasZero && j == zero))
            places.push_back(j);
    }
    if (places.empty())
        places.push_back(0);
    return places;
}

} // namespace engine
