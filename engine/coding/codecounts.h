// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/coder.h"
#include <algorithm>
#include <functional>

namespace engine {

/// How often each code occurs. At most kMaxCodes.
inline std::array<std::uint64_t, kMaxRepresentatives> countCodes(std::span<const CodeIndex> codes) noexcept
{
    std::array<std::array<std::uint32_t, kMaxRepresentatives>, 4> parts{}; // equal neighbours need not wait for each other
    std::size_t i = 0;
    for (; i + 4 <= codes.size(); i += 4)
        for (std::size_t p = 0; p < 4; ++p)
            ++parts[p][codes[i + p]];
    for (; i < codes.size(); ++i)
        ++parts[0][codes[i]];
    std::array<std::uint64_t, kMaxRepresentatives> counts{};
    for (const auto &part : parts)
        std::ranges::transform(part, counts, counts.begin(), std::plus<std::uint64_t>{});
    return counts;
}

/// Representatives that occur.
inline int countUsed(std::span<const std::uint64_t> counts) noexcept
{
    return static_cast<int>(std::ranges::count_if(counts, [](std::uint64_t n) { return n > 0; }));
}

} // namespace engine
