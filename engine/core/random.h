// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <utility>

namespace engine {

/// Random numbers whose sequence is fixed by this file alone: the distributions and the shuffle of the standard library
/// differ between its makers, and a run must repeat from its seed anywhere.
/// Source: SplitMix64, G. Steele, D. Lea, C. Flood, Fast splittable pseudorandom number generators, OOPSLA 2014.
class SplitMix64 {
public:
    explicit constexpr SplitMix64(std::uint64_t seed) noexcept : m_state(seed) {}
    /// A generator of its own for each pair, e.g. (seed, epoch).
    constexpr SplitMix64(std::uint64_t a, std::uint64_t b) noexcept : m_state(scramble(scramble(a) + kGamma + b)) {}
    constexpr SplitMix64(std::uint64_t a, std::uint64_t b, std::uint64_t c) noexcept : SplitMix64(SplitMix64(a, b).m_state, c) {}

    constexpr std::uint64_t next() noexcept { return scramble(m_state += kGamma); }

    /// Each of 0 … limit − 1 equally often. Requires: limit > 0.
    /// Source: D. Lemire, Fast random integer generation in an interval, ACM TOMACS 29(1), 2019.
    constexpr std::uint32_t below(std::uint32_t limit) noexcept
    {
        std::uint64_t product = (next() >> 32) * limit;
        if (static_cast<std::uint32_t>(product) < limit) {
            const std::uint32_t unfair = (0u - limit) % limit;
            while (static_cast<std::uint32_t>(product) < unfair)
                product = (next() >> 32) * limit;
        }
        return static_cast<std::uint32_t>(product >> 32);
    }

private:
    static constexpr std::uint64_t kGamma = 0x9e3779b97f4a7c15;
    static constexpr std::uint64_t scramble(std::uint64_t z) noexcept
    {
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    std::uint64_t m_state;
};

/// Puts the values into one of all orders, each equally likely (Fisher and Yates). Requires: fewer than 2³² values.
constexpr void shuffle(std::span<std::uint32_t> values, SplitMix64 &random) noexcept
{
    for (std::size_t left = values.size(); left > 1; --left)
        std::swap(values[left - 1], values[random.below(static_cast<std::uint32_t>(left))]);
}

} // namespace engine
