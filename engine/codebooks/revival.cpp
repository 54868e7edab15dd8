// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/codebooks/revival.h"
#include "engine/codebooks/nearest.h"
#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

namespace engine {
namespace {

struct Halves { float left, right; };

/// Means of the members of `cell` on either side of its representative; nothing if a side has none.
std::optional<Halves> halve(const NearestCells &cells, std::span<const float> weights, std::size_t cell)
{
    const float centre = cells.representatives()[cell];
    double sum[2] = {0, 0};
    std::size_t members[2] = {0, 0};
    for (const float weight : weights) {
        if (cells.nearest(weight) != cell)
            continue;
        const bool right = weight > centre;
        sum[right] += static_cast<double>(weight);
        ++members[right];
    }
    if (members[0] == 0 || members[1] == 0)
        return std::nullopt;
    return Halves{static_cast<float>(sum[0] / static_cast<double>(members[0])),
                  static_cast<float>(sum[1] / static_cast<double>(members[1]))};
}

} // namespace

std::size_t reviveDead(std::span<const float> weights, std::span<float> representatives, std::span<double> mixing)
{
    std::vector<std::size_t> place(representatives.size()); // of the ascending values
    std::iota(place.begin(), place.end(), std::size_t{0});
    for (std::size_t revived = 0;; ++revived) {
        std::ranges::stable_sort(place, {}, [&](std::size_t p) { return representatives[p]; });
        std::vector<float> ascending;
        for (const std::size_t p : place)
            ascending.push_back(representatives[p]);
        const NearestCells cells{ascending};
        NearestSums sums{cells.k()};
        cells.measure(weights, sums);
        const auto dead = std::ranges::find(sums.occupancy, std::uint64_t{0});
        if (dead == sums.occupancy.end() || revived == representatives.size())
            return revived;
        const auto fullest = static_cast<std::size_t>(std::ranges::max_element(sums.occupancy) - sums.occupancy.begin());
        const auto halves = halve(cells, weights, fullest);
        if (!halves)
            return revived;
        const std::size_t left = place[fullest], right = place[static_cast<std::size_t>(dead - sums.occupancy.begin())];
        representatives[left] = halves->left;
        representatives[right] = halves->right;
        if (!mixing.empty())
            mixing[left] = mixing[right] = std::midpoint(mixing[left], mixing[right]);
    }
}

} // namespace engine
