// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/regularizers/repulsion.h"
#include <cmath>

namespace engine {

Repulsion repulsion(std::span<const float> representatives, double sigma)
{
    const std::size_t k = representatives.size();
    const double reach = sigma / static_cast<double>(k);
    Repulsion result{.energy = 0, .slope = std::vector<double>(k)};
    for (std::size_t j = 0; j < k; ++j) {
        for (std::size_t m = j + 1; m < k; ++m) {
            const double apart = (static_cast<double>(representatives[j]) - representatives[m]) / reach;
            const double push = std::exp(-apart * apart);
            result.energy += sigma * sigma * push;
            const double slope = -2.0 * sigma * sigma * push * apart / reach;
            result.slope[j] += slope;
            result.slope[m] -= slope;
        }
    }
    return result;
}

} // namespace engine
