// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/frame/size.h"
#include <bit>
#include <cmath>
#include <numeric>

namespace engine {

SizeEstimate &SizeEstimate::operator+=(const SizeEstimate &other) noexcept
{
    weights += other.weights;
    floatBytes += other.floatBytes;
    fixedBytes += other.fixedBytes;
    entropyBytes += other.entropyBytes;
    return *this;
}

double entropyBits(std::span<const std::uint64_t> occupancy) noexcept
{
    const auto total = static_cast<double>(std::accumulate(occupancy.begin(), occupancy.end(), std::uint64_t{0}));
    double bits = 0;
    for (const auto members : occupancy) {
        if (members == 0)
            continue;
        const double share = static_cast<double>(members) / total;
        bits -= share * std::log2(share);
    }
    return bits;
}

SizeEstimate layerSize(std::span<const std::uint64_t> occupancy, bool hasCodebook) noexcept
{
    SizeEstimate size;
    size.weights = std::accumulate(occupancy.begin(), occupancy.end(), std::uint64_t{0});
    size.floatBytes = 4 * size.weights;
    const auto codebookBytes = hasCodebook ? static_cast<double>(4 * occupancy.size()) : 0.0;
    const int codeBits = occupancy.size() > 1 ? std::bit_width(occupancy.size() - 1) : 0;
    size.fixedBytes = codebookBytes + static_cast<double>(size.weights) * codeBits / 8.0;
    size.entropyBytes = codebookBytes + static_cast<double>(size.weights) * entropyBits(occupancy) / 8.0;
    return size;
}

SizeEstimate floatSize(std::uint64_t values) noexcept
{
    const auto bytes = static_cast<double>(4 * values);
    return {.weights = 0, .floatBytes = 4 * values, .fixedBytes = bytes, .entropyBytes = bytes};
}

} // namespace engine
