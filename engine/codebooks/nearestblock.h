// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/vectors.h"
#include "engine/codebooks/nearestlanes.h"
#include <cstdint>
#include <cstring>
#ifdef __SSE__
#include <xmmintrin.h>
#endif

/// The loops of nearestlanes.cpp for vectors of any number of lanes. All is inlined into functions that are
/// compiled for one generation of processors each: no lambdas here, nor calls to what the compiler might keep
/// apart.
#define CONDENSATE_INLINE [[gnu::always_inline]] static inline

namespace engine::lanes {

inline constexpr std::size_t kRows = 4;        // vectors in flight: hides latency, amortises the per-boundary sums
inline constexpr std::size_t kBlock = 2048;    // float sums run this long at most before they go to double
inline constexpr int kWithoutSign = 0x7fffffff;

/// What the pull on a weight is at distance d: d, or its sign.
enum class Pull : std::uint8_t { Distance, Sign };

template <std::size_t kLanes>
struct Vectors {
    using Floats [[gnu::vector_size(kLanes * sizeof(float))]] = float;
    using Ints [[gnu::vector_size(kLanes * sizeof(int))]] = int;
    using Bytes [[gnu::vector_size(kLanes)]] = std::uint8_t;
    static constexpr std::size_t kGroup = kLanes * kRows;
    /// AVX-512 adds under a mask in one instruction; others are faster adding a masked number.
    static constexpr bool kAddsUnderMask = kLanes == 16;

    struct BoundarySums { // of the weights above one boundary
        Ints count;
        Floats weight, gradient;
    };
    struct BlockSums {
        Floats squaredDistance, absoluteDistance, squaredGradient, weight, gradient;
        BoundarySums above[kCompareAllLimit]; // the first `boundaryCount` of them
        Floats sign, squaredSign;             // where the pull is of one size
        Floats signAbove[kCompareAllLimit];
    };
};

template <std::size_t kLanes>
CONDENSATE_INLINE void addWhere(const typename Vectors<kLanes>::Ints &mask, const typename Vectors<kLanes>::Floats &value,
                                typename Vectors<kLanes>::Floats &sum)
{
    if constexpr (Vectors<kLanes>::kAddsUnderMask)
        sum = mask ? sum + value : sum;
    else
        sum += mask ? value : typename Vectors<kLanes>::Floats{};
}

template <std::size_t kLanes>
CONDENSATE_INLINE void countWhere(const typename Vectors<kLanes>::Ints &mask, typename Vectors<kLanes>::Ints &count)
{
    if constexpr (Vectors<kLanes>::kAddsUnderMask)
        count = mask ? count + 1 : count;
    else
        count -= mask; // true is −1
}

template <std::size_t kLanes>
CONDENSATE_INLINE void takeSign(const typename Vectors<kLanes>::Floats &distance, typename Vectors<kLanes>::Floats &sign)
{
    const typename Vectors<kLanes>::Floats zero{}, one = zero + 1.0f;
    sign = distance > zero ? one : distance < zero ? -one : distance; // a NaN stays one
}

/// pullGroups where the number of boundaries is known, so that every sum stays in a register.
template <std::size_t kLanes, Pull kPull, std::size_t kBoundaries>
CONDENSATE_INLINE void pullFew(const float *weights, std::size_t groups, const Cells &cells, float lambda, float *gradient,
                               typename Vectors<kLanes>::BlockSums &sums)
{
    using Floats = typename Vectors<kLanes>::Floats;
    using Ints = typename Vectors<kLanes>::Ints;
    const Floats zero{};
    Floats boundary[kBoundaries + 1], value[kBoundaries + 1];
    for (std::size_t j = 0; j <= kBoundaries; ++j) {
        boundary[j] = j < kBoundaries ? zero + cells.boundaries[j] : zero;
        value[j] = zero + cells.representatives[j];
    }
    Floats squaredDistance{}, absoluteDistance{}, squaredGradient{}, weight{}, slope{};
    typename Vectors<kLanes>::BoundarySums above[kBoundaries + 1]{};
    Floats sign{}, squaredSign{}, signAbove[kBoundaries + 1]{};
    for (const float *end = weights + groups * Vectors<kLanes>::kGroup; weights != end; weights += kLanes, gradient += kLanes) {
        __builtin_prefetch(weights + kPrefetchAhead);
        __builtin_prefetch(gradient + kPrefetchAhead, 1);
        Floats w, g;
        std::memcpy(&w, weights, sizeof w);
        std::memcpy(&g, gradient, sizeof g);
        Floats nearest = value[0];
        for (std::size_t b = 0; b < kBoundaries; ++b) {
            const Ints isAbove = w > boundary[b];
            nearest = isAbove ? value[b + 1] : nearest;
            countWhere<kLanes>(isAbove, above[b].count);
            addWhere<kLanes>(isAbove, w, above[b].weight);
            addWhere<kLanes>(isAbove, g, above[b].gradient);
        }
        const Floats distance = w - nearest;
        squaredDistance += distance * distance;
        absoluteDistance += reinterpret_cast<Floats>(reinterpret_cast<Ints>(distance) & kWithoutSign);
        squaredGradient += g * g;
        weight += w;
        slope += g;
        if constexpr (kPull == Pull::Sign) {
            Floats own;
            takeSign<kLanes>(distance, own);
            for (std::size_t b = 0; b < kBoundaries; ++b)
                addWhere<kLanes>(w > boundary[b], own, signAbove[b]);
            sign += own;
            squaredSign += own * own;
            g += lambda * own;
        } else {
            g += lambda * distance;
        }
        std::memcpy(gradient, &g, sizeof g);
    }
    sums.squaredDistance = squaredDistance;
    sums.absoluteDistance = absoluteDistance;
    sums.squaredGradient = squaredGradient;
    sums.weight = weight;
    sums.gradient = slope;
    sums.sign = sign;
    sums.squaredSign = squaredSign;
    for (std::size_t b = 0; b < kBoundaries; ++b) {
        sums.above[b] = above[b];
        sums.signAbove[b] = signAbove[b];
    }
}

template <std::size_t kLanes>
CONDENSATE_INLINE void clear(typename Vectors<kLanes>::BlockSums &sums, std::size_t boundaryCount)
{
    sums.squaredDistance = sums.absoluteDistance = sums.squaredGradient = sums.weight = sums.gradient = sums.sign = sums.squaredSign =
        typename Vectors<kLanes>::Floats{};
    for (std::size_t b = 0; b < boundaryCount; ++b) {
        sums.above[b] = typename Vectors<kLanes>::BoundarySums{};
        sums.signAbove[b] = typename Vectors<kLanes>::Floats{};
    }
}

template <std::size_t kLanes, Pull kPull>
CONDENSATE_INLINE void pullMany(const float *weights, std::size_t groups, const Cells &cells, float lambda, float *gradient,
                                typename Vectors<kLanes>::BlockSums &sums)
{
    using Floats = typename Vectors<kLanes>::Floats;
    using Ints = typename Vectors<kLanes>::Ints;
    clear<kLanes>(sums, cells.boundaryCount);
    const Floats zero{};
    for (std::size_t group = 0; group < groups; ++group, weights += Vectors<kLanes>::kGroup, gradient += Vectors<kLanes>::kGroup) {
        for (std::size_t row = 0; row < kRows; ++row) {
            __builtin_prefetch(weights + kPrefetchAhead + row * kLanes);
            __builtin_prefetch(gradient + kPrefetchAhead + row * kLanes, 1);
        }
        Floats w[kRows], g[kRows], nearest[kRows];
        [[maybe_unused]] Floats sign[kRows];
        std::memcpy(w, weights, sizeof w);
        std::memcpy(g, gradient, sizeof g);
        for (std::size_t row = 0; row < kRows; ++row)
            nearest[row] = zero + cells.representatives[0];
        for (std::size_t b = 0; b < cells.boundaryCount; ++b) {
            const Floats boundary = zero + cells.boundaries[b];
            const Floats upper = zero + cells.representatives[b + 1];
            auto above = sums.above[b];
            for (std::size_t row = 0; row < kRows; ++row) {
                const Ints isAbove = w[row] > boundary;
                nearest[row] = isAbove ? upper : nearest[row];
                countWhere<kLanes>(isAbove, above.count);
                addWhere<kLanes>(isAbove, w[row], above.weight);
                addWhere<kLanes>(isAbove, g[row], above.gradient);
            }
            sums.above[b] = above;
        }
        for (std::size_t row = 0; row < kRows; ++row) {
            const Floats distance = w[row] - nearest[row];
            sums.squaredDistance += distance * distance;
            sums.absoluteDistance += reinterpret_cast<Floats>(reinterpret_cast<Ints>(distance) & kWithoutSign);
            sums.squaredGradient += g[row] * g[row];
            sums.weight += w[row];
            sums.gradient += g[row];
            if constexpr (kPull == Pull::Sign) {
                takeSign<kLanes>(distance, sign[row]);
                sums.sign += sign[row];
                sums.squaredSign += sign[row] * sign[row];
                g[row] += lambda * sign[row];
            } else {
                g[row] += lambda * distance;
            }
        }
        if constexpr (kPull == Pull::Sign) {
            for (std::size_t b = 0; b < cells.boundaryCount; ++b) {
                const Floats boundary = zero + cells.boundaries[b];
                for (std::size_t row = 0; row < kRows; ++row)
                    addWhere<kLanes>(w[row] > boundary, sign[row], sums.signAbove[b]);
            }
        }
        std::memcpy(gradient, g, sizeof g);
    }
}

template <std::size_t kLanes, Pull kPull>
CONDENSATE_INLINE void pullGroups(const float *weights, std::size_t groups, const Cells &cells, float lambda, float *gradient,
                                  typename Vectors<kLanes>::BlockSums &sums)
{
    switch (cells.boundaryCount) {
    case 0: return pullFew<kLanes, kPull, 0>(weights, groups, cells, lambda, gradient, sums);
    case 1: return pullFew<kLanes, kPull, 1>(weights, groups, cells, lambda, gradient, sums);
    case 2: return pullFew<kLanes, kPull, 2>(weights, groups, cells, lambda, gradient, sums);
    case 3: return pullFew<kLanes, kPull, 3>(weights, groups, cells, lambda, gradient, sums);
    default: return pullMany<kLanes, kPull>(weights, groups, cells, lambda, gradient, sums);
    }
}

#if CONDENSATE_HAS_GENERATIONS
/// Up to 16 cells in four vectors of 16: a binary search by looking up in them, four compares instead of one
/// for each boundary.
struct Search16 {
    using Floats = Vectors<16>::Floats;
    using Ints = Vectors<16>::Ints;
    Floats values, middle;      // middle: boundary 7 in each lane
    Floats quarters, eighths, sixteenths; // entry c: what a weight that so far has code c is compared with next
};

CONDENSATE_INLINE Search16 searchOf(const Cells &cells)
{
    float boundary[32], value[16];
    for (std::size_t j = 0; j < 32; ++j)
        boundary[j] = j < cells.boundaryCount ? cells.boundaries[j] : __builtin_inff();
    for (std::size_t j = 0; j < 16; ++j)
        value[j] = cells.representatives[j < cells.boundaryCount ? j : cells.boundaryCount];
    Search16 search;
    std::memcpy(&search.values, value, sizeof search.values);
    search.middle = Search16::Floats{} + boundary[7];
    std::memcpy(&search.quarters, boundary + 3, sizeof search.quarters);
    std::memcpy(&search.eighths, boundary + 1, sizeof search.eighths);
    std::memcpy(&search.sixteenths, boundary, sizeof search.sixteenths);
    return search;
}

CONDENSATE_INLINE void codesOf(const Search16 &search, const Search16::Floats &w, Search16::Ints &code)
{
    const Search16::Ints zero{};
    code = w > search.middle ? zero + 8 : zero;
    code = w > __builtin_shuffle(search.quarters, code) ? code + 4 : code;
    code = w > __builtin_shuffle(search.eighths, code) ? code + 2 : code;
    code = w > __builtin_shuffle(search.sixteenths, code) ? code + 1 : code;
}
#endif

/// Whether Search16 serves, and is faster than a compare for each boundary.
template <std::size_t kLanes>
CONDENSATE_INLINE bool searches(const Cells &cells)
{
    return CONDENSATE_HAS_GENERATIONS && kLanes == 16 && cells.boundaryCount > 6 && cells.boundaryCount < 16;
}

template <std::size_t kLanes>
CONDENSATE_INLINE void snapByComparing(const Cells &cells, const typename Vectors<kLanes>::Floats (&w)[kRows],
                                       typename Vectors<kLanes>::Floats (&nearest)[kRows])
{
    using Floats = typename Vectors<kLanes>::Floats;
    const Floats zero{};
    for (std::size_t row = 0; row < kRows; ++row)
        nearest[row] = zero + cells.representatives[0];
    for (std::size_t b = 0; b < cells.boundaryCount; ++b) {
        const Floats boundary = zero + cells.boundaries[b];
        const Floats upper = zero + cells.representatives[b + 1];
        for (std::size_t row = 0; row < kRows; ++row)
            nearest[row] = w[row] > boundary ? upper : nearest[row];
    }
}

template <std::size_t kLanes, Destination kDestination, bool kSearches>
CONDENSATE_INLINE void snapGroups(const float *weights, std::size_t groups, const Cells &cells, float *snapped)
{
    using Floats = typename Vectors<kLanes>::Floats;
    constexpr std::size_t kGroup = Vectors<kLanes>::kGroup;
#if CONDENSATE_HAS_GENERATIONS
    [[maybe_unused]] Search16 search;
    if constexpr (kSearches)
        search = searchOf(cells);
#endif
    for (std::size_t group = 0; group < groups; ++group, weights += kGroup, snapped += kGroup) {
        for (std::size_t row = 0; row < kRows; ++row) {
            __builtin_prefetch(weights + kPrefetchAhead + row * kLanes);
            if constexpr (kDestination == Destination::Cache)
                __builtin_prefetch(snapped + kPrefetchAhead + row * kLanes, 1);
        }
        Floats w[kRows], nearest[kRows];
        std::memcpy(w, weights, sizeof w);
        if constexpr (!kSearches) {
            snapByComparing<kLanes>(cells, w, nearest);
        } else {
#if CONDENSATE_HAS_GENERATIONS
            for (std::size_t row = 0; row < kRows; ++row) {
                typename Vectors<kLanes>::Ints code;
                codesOf(search, w[row], code);
                nearest[row] = __builtin_shuffle(search.values, code);
            }
#endif
        }
#ifdef __SSE__
        if constexpr (kDestination == Destination::Memory) {
            float values[kGroup];
            std::memcpy(values, nearest, sizeof values);
            for (std::size_t i = 0; i < kGroup; i += 4)
                _mm_stream_ps(snapped + i, _mm_loadu_ps(values + i));
            continue;
        }
#endif
        std::memcpy(snapped, nearest, sizeof nearest);
    }
#ifdef __SSE__
    if constexpr (kDestination == Destination::Memory)
        _mm_sfence(); // such stores are not ordered with later ones
#endif
}

template <std::size_t kLanes>
CONDENSATE_INLINE void encodeGroups(const float *weights, std::size_t groups, const Cells &cells, std::uint8_t *codes)
{
    using Floats = typename Vectors<kLanes>::Floats;
    using Ints = typename Vectors<kLanes>::Ints;
    using Bytes = typename Vectors<kLanes>::Bytes;
    const Floats zero{};
    for (std::size_t group = 0; group < groups; ++group, weights += Vectors<kLanes>::kGroup, codes += Vectors<kLanes>::kGroup) {
        Floats w[kRows];
        std::memcpy(w, weights, sizeof w);
        Ints code[kRows] = {};
        for (std::size_t b = 0; b < cells.boundaryCount; ++b) {
            const Floats boundary = zero + cells.boundaries[b];
            for (std::size_t row = 0; row < kRows; ++row)
                code[row] -= w[row] > boundary; // true is −1
        }
        for (std::size_t row = 0; row < kRows; ++row) {
            const Bytes bytes = __builtin_convertvector(code[row], Bytes);
            std::memcpy(codes + row * kLanes, &bytes, sizeof bytes);
        }
    }
}

} // namespace engine::lanes
