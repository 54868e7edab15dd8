// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/ids.h"
#include "engine/frame/size.h"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

/// Codes of made-up layers. The same arguments give the same codes.
namespace support {

/// Shares of k representatives that lie evenly within three standard deviations of normally distributed weights.
inline std::vector<double> gaussianShares(int k)
{
    std::vector<double> shares;
    for (int j = 0; j < k; ++j) {
        const double x = (j - 0.5 * (k - 1)) / (k / 6.0);
        shares.push_back(std::exp(-0.5 * x * x));
    }
    return shares;
}

/// Shares of k representatives of which the middle one has that share and the others are equal.
inline std::vector<double> skewedShares(int k, double share)
{
    std::vector<double> shares(static_cast<std::size_t>(k), (1 - share) / (k - 1));
    shares[static_cast<std::size_t>(k / 2)] = share;
    return shares;
}

/// Independent draws with these shares (up to a factor).
inline std::vector<engine::CodeIndex> drawCodes(const std::vector<double> &shares, std::size_t number, std::uint64_t seed = 1)
{
    std::vector<double> sums;
    for (double sum = 0; const double share : shares)
        sums.push_back(sum += share);
    std::mt19937_64 random{seed};
    std::vector<engine::CodeIndex> codes(number);
    std::ranges::generate(codes, [&] {
        const double at = static_cast<double>(random() >> 11) * 0x1p-53 * sums.back();
        const auto found = std::ranges::upper_bound(sums, at) - sums.begin();
        return static_cast<engine::CodeIndex>(std::min<std::ptrdiff_t>(found, static_cast<std::ptrdiff_t>(sums.size()) - 1));
    });
    return codes;
}

inline std::vector<std::uint64_t> countCodes(const std::vector<engine::CodeIndex> &codes, int k)
{
    std::vector<std::uint64_t> counts(static_cast<std::size_t>(k));
    for (const auto c : codes)
        ++counts[c];
    return counts;
}

/// Order-0 entropy of the codes, in bytes.
inline double entropyBytes(const std::vector<engine::CodeIndex> &codes, int k)
{
    return engine::entropyBits(countCodes(codes, k)) * static_cast<double>(codes.size()) / 8;
}

} // namespace support
