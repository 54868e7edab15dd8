// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/codebooks/mixing.h"
#include <algorithm>
#include <numeric>

namespace engine {
namespace {

double sumOf(std::span<const double> values) { return std::accumulate(values.begin(), values.end(), 0.0); }

} // namespace

void keepMixing(std::span<double> mixing)
{
    const auto k = static_cast<double>(mixing.size());
    const double least = kLeastShare / k, sum = sumOf(mixing);
    double above = 0;
    for (double &share : mixing) {
        share = std::max(share / sum - least, 0.0); // what it has beyond the least
        above += share;
    }
    for (double &share : mixing)
        share = least + share * (1.0 - kLeastShare) / above;
}

std::vector<double> mixingOf(std::span<const std::uint64_t> occupancy)
{
    std::vector<double> mixing(occupancy.begin(), occupancy.end());
    if (std::ranges::all_of(occupancy, [](std::uint64_t members) { return members == 0; }))
        std::ranges::fill(mixing, 1.0);
    keepMixing(mixing);
    return mixing;
}

void stepMixing(std::span<double> mixing, std::span<const double> mass, double rate)
{
    const double n = sumOf(mass);
    if (!(n > 0))
        return;
    for (std::size_t j = 0; j < mixing.size(); ++j)
        mixing[j] += rate * (mass[j] / n - mixing[j]);
    keepMixing(mixing);
}

} // namespace engine
