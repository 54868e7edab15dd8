// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/parallel_torch.h"
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace engine {

inline constexpr std::size_t kPart = 1 << 16; // weights; fixed, so that sums do not depend on the number of threads

/// Does `work(part, begin, length)` for each part of n weights, on all processors.
template <typename Work>
void overParts(std::size_t n, const Work &work)
{
    const auto parts = static_cast<std::int64_t>((n + kPart - 1) / kPart);
    at::parallel_for(0, parts, 1, [&](std::int64_t from, std::int64_t to) {
        for (std::int64_t part = from; part < to; ++part) {
            const std::size_t begin = static_cast<std::size_t>(part) * kPart;
            work(static_cast<std::size_t>(part), begin, std::min(kPart, n - begin));
        }
    });
}

/// As overParts, and adds the sums of the parts in order.
template <typename Sums, typename Work>
Sums sumOverParts(std::size_t n, std::size_t k, const Work &work)
{
    std::vector<Sums> sums((n + kPart - 1) / kPart, Sums{k});
    overParts(n, [&](std::size_t part, std::size_t begin, std::size_t length) { work(begin, length, sums[part]); });
    Sums total{k};
    for (const auto &part : sums)
        total += part;
    return total;
}

} // namespace engine
