// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quantization/nearestlanes.h"
#include "engine/core/vectors.h"
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#ifdef __SSE__
#include <xmmintrin.h>
#endif

namespace engine::lanes {
namespace {

constexpr std::size_t kLanes = kFloatsPerCacheLine;
constexpr std::size_t kRows = 4;              // vectors in flight: hides latency, amortises the per-boundary sums
constexpr std::size_t kGroup = kLanes * kRows;
constexpr int kWithoutSign = 0x7fffffff;
constexpr std::size_t kBlock = 2048;          // float sums run this long at most before they go to double

using Floats [[gnu::vector_size(kLanes * sizeof(float))]] = float;
using Ints [[gnu::vector_size(kLanes * sizeof(int))]] = int;

struct BoundarySums { // of the weights above one boundary
    Ints count;
    Floats weight, gradient;
};

struct BlockSums { // filled by a block function
    Floats squaredDistance, absoluteDistance, squaredGradient, weight, gradient;
    std::array<BoundarySums, kCompareAllLimit> above; // the first `boundaryCount` of them
    Floats sign, squaredSign;                         // where the pull is of one size
    std::array<Floats, kCompareAllLimit> signAbove;
};

/// What the pull on a weight is at distance d: d, or its sign.
enum class Pull { Distance, Sign };

double total(const Floats &lanes)
{
    std::array<double, kLanes> sums;
    for (std::size_t lane = 0; lane < kLanes; ++lane)
        sums[lane] = static_cast<double>(lanes[lane]);
    for (std::size_t half = kLanes / 2; half > 0; half /= 2) // a tree: one chain of additions would wait for itself
        for (std::size_t lane = 0; lane < half; ++lane)
            sums[lane] += sums[lane + half];
    return sums[0];
}

std::int64_t total(const Ints &lanes)
{
    std::int64_t sum = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane)
        sum += lanes[lane];
    return sum;
}

void addSigns(const BlockSums &block, std::size_t boundaries, SignSums &sums)
{
    sums.squaredSign += total(block.squaredSign);
    double sign = total(block.sign);
    for (std::size_t j = 0; j <= boundaries; ++j) {
        const double above = j == boundaries ? 0.0 : total(block.signAbove[j]);
        sums.sign[j] += sign - above;
        sign = above;
    }
}

/// Turns "above boundary b" into "in cell j": cell j = above(j−1) − above(j), above(−1) = all.
void addBlock(const BlockSums &block, std::size_t boundaries, std::size_t weights, NearestSums &sums)
{
    sums.squaredDistance += total(block.squaredDistance);
    sums.absoluteDistance += total(block.absoluteDistance);
    sums.squaredGradient += total(block.squaredGradient);
    auto count = static_cast<std::int64_t>(weights);
    double weight = total(block.weight);
    double gradient = total(block.gradient);
    for (std::size_t j = 0; j <= boundaries; ++j) {
        const bool last = j == boundaries;
        const std::int64_t countAbove = last ? 0 : total(block.above[j].count);
        const double weightAbove = last ? 0.0 : total(block.above[j].weight);
        const double gradientAbove = last ? 0.0 : total(block.above[j].gradient);
        sums.occupancy[j] += static_cast<std::uint64_t>(count - countAbove);
        sums.weightSum[j] += weight - weightAbove;
        sums.gradientSum[j] += gradient - gradientAbove;
        count = countAbove;
        weight = weightAbove;
        gradient = gradientAbove;
    }
}

} // namespace

[[gnu::always_inline]] static inline void takeSign(const Floats &distance, Floats &sign)
{
    const Floats zero{}, one = zero + 1.0f;
    sign = distance > zero ? one : distance < zero ? -one : distance; // a NaN stays one
}

/// pullGroups where the number of boundaries is known, so that every sum stays in a register.
template <Pull kPull, std::size_t kBoundaries>
[[gnu::always_inline]] static inline void pullFew(const float *weights, std::size_t groups, const float *boundaries,
                                                  const float *representatives, float lambda, float *gradient, BlockSums &sums)
{
    const Floats zero{};
    Floats boundary[kBoundaries + 1], value[kBoundaries + 1];
    for (std::size_t j = 0; j <= kBoundaries; ++j) {
        boundary[j] = j < kBoundaries ? zero + boundaries[j] : zero;
        value[j] = zero + representatives[j];
    }
    Floats squaredDistance{}, absoluteDistance{}, squaredGradient{}, weight{}, slope{};
    BoundarySums above[kBoundaries + 1]{};
    Floats sign{}, squaredSign{}, signAbove[kBoundaries + 1]{};
    for (const float *end = weights + groups * kGroup; weights != end; weights += kLanes, gradient += kLanes) {
        __builtin_prefetch(weights + kPrefetchAhead);
        __builtin_prefetch(gradient + kPrefetchAhead, 1);
        Floats w, g;
        std::memcpy(&w, weights, sizeof w);
        std::memcpy(&g, gradient, sizeof g);
        Floats nearest = value[0];
        for (std::size_t b = 0; b < kBoundaries; ++b) {
            const Ints isAbove = w > boundary[b];
            nearest = isAbove ? value[b + 1] : nearest;
            above[b].count -= isAbove; // true is −1
            above[b].weight = isAbove ? above[b].weight + w : above[b].weight; // one instruction, unlike + (isAbove ? w : 0)
            above[b].gradient = isAbove ? above[b].gradient + g : above[b].gradient;
        }
        const Floats distance = w - nearest;
        squaredDistance += distance * distance;
        absoluteDistance += reinterpret_cast<Floats>(reinterpret_cast<Ints>(distance) & kWithoutSign);
        squaredGradient += g * g;
        weight += w;
        slope += g;
        if constexpr (kPull == Pull::Sign) {
            Floats own;
            takeSign(distance, own);
            for (std::size_t b = 0; b < kBoundaries; ++b)
                signAbove[b] = w > boundary[b] ? signAbove[b] + own : signAbove[b];
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
    std::copy_n(above, kBoundaries, sums.above.begin());
    sums.sign = sign;
    sums.squaredSign = squaredSign;
    std::copy_n(signAbove, kBoundaries, sums.signAbove.begin());
}

static void clear(BlockSums &sums, std::size_t boundaryCount)
{
    sums.squaredDistance = sums.absoluteDistance = sums.squaredGradient = sums.weight = sums.gradient = Floats{};
    std::fill_n(sums.above.begin(), boundaryCount, BoundarySums{});
    sums.sign = sums.squaredSign = Floats{};
    std::fill_n(sums.signAbove.begin(), boundaryCount, Floats{});
}

template <Pull kPull>
[[gnu::always_inline]] static inline void pullGroups(const float *weights, std::size_t groups, const float *boundaries, std::size_t boundaryCount,
                                                     const float *representatives, float lambda, float *gradient, BlockSums &sums)
{
    switch (boundaryCount) {
    case 0: return pullFew<kPull, 0>(weights, groups, boundaries, representatives, lambda, gradient, sums);
    case 1: return pullFew<kPull, 1>(weights, groups, boundaries, representatives, lambda, gradient, sums);
    case 2: return pullFew<kPull, 2>(weights, groups, boundaries, representatives, lambda, gradient, sums);
    case 3: return pullFew<kPull, 3>(weights, groups, boundaries, representatives, lambda, gradient, sums);
    default: break;
    }
    clear(sums, boundaryCount);
    const Floats zero{};
    for (std::size_t group = 0; group < groups; ++group, weights += kGroup, gradient += kGroup) {
        for (std::size_t row = 0; row < kRows; ++row) {
            __builtin_prefetch(weights + kPrefetchAhead + row * kLanes);
            __builtin_prefetch(gradient + kPrefetchAhead + row * kLanes, 1);
        }
        Floats w[kRows], g[kRows], nearest[kRows];
        [[maybe_unused]] Floats sign[kRows];
        std::memcpy(w, weights, sizeof w);
        std::memcpy(g, gradient, sizeof g);
        for (std::size_t row = 0; row < kRows; ++row)
            nearest[row] = zero + representatives[0];
        for (std::size_t b = 0; b < boundaryCount; ++b) {
            const Floats boundary = zero + boundaries[b];
            const Floats upper = zero + representatives[b + 1];
            BoundarySums &above = sums.above[b];
            for (std::size_t row = 0; row < kRows; ++row) {
                const Ints isAbove = w[row] > boundary;
                nearest[row] = isAbove ? upper : nearest[row];
                above.count -= isAbove; // true is −1
                above.weight += isAbove ? w[row] : zero;
                above.gradient += isAbove ? g[row] : zero;
            }
        }
        for (std::size_t row = 0; row < kRows; ++row) {
            const Floats distance = w[row] - nearest[row];
            sums.squaredDistance += distance * distance;
            sums.absoluteDistance += reinterpret_cast<Floats>(reinterpret_cast<Ints>(distance) & kWithoutSign);
            sums.squaredGradient += g[row] * g[row];
            sums.weight += w[row];
            sums.gradient += g[row];
            if constexpr (kPull == Pull::Sign) {
                takeSign(distance, sign[row]);
                sums.sign += sign[row];
                sums.squaredSign += sign[row] * sign[row];
                g[row] += lambda * sign[row];
            } else {
                g[row] += lambda * distance;
            }
        }
        if constexpr (kPull == Pull::Sign) {
            for (std::size_t b = 0; b < boundaryCount; ++b) {
                const Floats boundary = zero + boundaries[b];
                for (std::size_t row = 0; row < kRows; ++row)
                    sums.signAbove[b] += w[row] > boundary ? sign[row] : zero;
            }
        }
        std::memcpy(gradient, g, sizeof g);
    }
}

CONDENSATE_CLONES
static void pullByDistance(const float *weights, std::size_t groups, const float *boundaries, std::size_t boundaryCount,
                           const float *representatives, float lambda, float *gradient, BlockSums &sums)
{
    pullGroups<Pull::Distance>(weights, groups, boundaries, boundaryCount, representatives, lambda, gradient, sums);
}

CONDENSATE_CLONES
static void pullBySign(const float *weights, std::size_t groups, const float *boundaries, std::size_t boundaryCount,
                       const float *representatives, float lambda, float *gradient, BlockSums &sums)
{
    pullGroups<Pull::Sign>(weights, groups, boundaries, boundaryCount, representatives, lambda, gradient, sums);
}

template <Destination kDestination>
[[gnu::always_inline]] static inline void snapGroupsTo(const float *weights, std::size_t groups, const float *boundaries,
                                                       std::size_t boundaryCount, const float *representatives, float *snapped)
{
    const Floats zero{};
    for (std::size_t group = 0; group < groups; ++group, weights += kGroup, snapped += kGroup) {
        for (std::size_t row = 0; row < kRows; ++row) {
            __builtin_prefetch(weights + kPrefetchAhead + row * kLanes);
            if constexpr (kDestination == Destination::Cache)
                __builtin_prefetch(snapped + kPrefetchAhead + row * kLanes, 1);
        }
        Floats w[kRows], nearest[kRows];
        std::memcpy(w, weights, sizeof w);
        for (std::size_t row = 0; row < kRows; ++row)
            nearest[row] = zero + representatives[0];
        for (std::size_t b = 0; b < boundaryCount; ++b) {
            const Floats boundary = zero + boundaries[b];
            const Floats upper = zero + representatives[b + 1];
            for (std::size_t row = 0; row < kRows; ++row)
                nearest[row] = w[row] > boundary ? upper : nearest[row];
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
}

CONDENSATE_CLONES
static void snapGroups(const float *weights, std::size_t groups, const float *boundaries, std::size_t boundaryCount,
                       const float *representatives, float *snapped)
{
    snapGroupsTo<Destination::Cache>(weights, groups, boundaries, boundaryCount, representatives, snapped);
}

CONDENSATE_CLONES
static void streamGroups(const float *weights, std::size_t groups, const float *boundaries, std::size_t boundaryCount,
                         const float *representatives, float *snapped)
{
    snapGroupsTo<Destination::Memory>(weights, groups, boundaries, boundaryCount, representatives, snapped);
#ifdef __SSE__
    _mm_sfence(); // such stores are not ordered with later ones
#endif
}

CONDENSATE_CLONES
static void encodeGroups(const float *weights, std::size_t groups, const float *boundaries, std::size_t boundaryCount,
                         std::uint8_t *codes)
{
    using Bytes [[gnu::vector_size(kLanes)]] = std::uint8_t;
    const Floats zero{};
    for (std::size_t group = 0; group < groups; ++group, weights += kGroup, codes += kGroup) {
        Floats w[kRows];
        std::memcpy(w, weights, sizeof w);
        Ints code[kRows] = {};
        for (std::size_t b = 0; b < boundaryCount; ++b) {
            const Floats boundary = zero + boundaries[b];
            for (std::size_t row = 0; row < kRows; ++row)
                code[row] -= w[row] > boundary; // true is −1
        }
        for (std::size_t row = 0; row < kRows; ++row) {
            const Bytes bytes = __builtin_convertvector(code[row], Bytes);
            std::memcpy(codes + row * kLanes, &bytes, sizeof bytes);
        }
    }
}

void encode(std::span<const float> weights, std::span<const float> boundaries, std::span<CodeIndex> codes)
{
    const std::size_t groups = weights.size() / kGroup, done = groups * kGroup, rest = weights.size() - done;
    encodeGroups(weights.data(), groups, boundaries.data(), boundaries.size(), codes.data());
    std::array<float, kGroup> w{};
    std::array<CodeIndex, kGroup> code{};
    std::copy_n(weights.begin() + static_cast<std::ptrdiff_t>(done), rest, w.begin());
    encodeGroups(w.data(), 1, boundaries.data(), boundaries.size(), code.data());
    std::copy_n(code.begin(), rest, codes.begin() + static_cast<std::ptrdiff_t>(done));
}

void snap(std::span<const float> weights, std::span<const float> boundaries, std::span<const float> representatives,
          std::span<float> snapped, Destination destination)
{
    const bool streams = destination == Destination::Memory && reinterpret_cast<std::uintptr_t>(snapped.data()) % 16 == 0;
    const std::size_t groups = weights.size() / kGroup, done = groups * kGroup, rest = weights.size() - done;
    std::array<float, kGroup> w{}, nearest{};
    std::copy_n(weights.begin() + static_cast<std::ptrdiff_t>(done), rest, w.begin());
    if (streams)
        streamGroups(weights.data(), groups, boundaries.data(), boundaries.size(), representatives.data(), snapped.data());
    else
        snapGroups(weights.data(), groups, boundaries.data(), boundaries.size(), representatives.data(), snapped.data());
    snapGroups(w.data(), 1, boundaries.data(), boundaries.size(), representatives.data(), nearest.data());
    std::copy_n(nearest.begin(), rest, snapped.begin() + static_cast<std::ptrdiff_t>(done));
}

/// All blocks of a pass and, padded, what remains of the last.
template <typename Block, typename Add>
static void overBlocks(std::span<const float> weights, std::span<const float> boundaries, std::span<const float> representatives,
                       float lambda, std::span<float> gradient, NearestSums &sums, const Block &pullBlock, const Add &addMore)
{
    for (std::size_t from = 0; from < weights.size(); from += kBlock) {
        const std::size_t length = std::min(kBlock, weights.size() - from);
        const std::size_t groups = length / kGroup;
        BlockSums block;
        pullBlock(weights.data() + from, groups, boundaries.data(), boundaries.size(), representatives.data(), lambda,
                  gradient.data() + from, block);
        addBlock(block, boundaries.size(), groups * kGroup, sums);
        addMore(block);
        // The rest of the last block, padded with the first representative, which is at distance 0 from itself.
        const std::size_t done = groups * kGroup, rest = length - done;
        if (rest == 0)
            continue;
        std::array<float, kGroup> w, g{};
        w.fill(representatives[0]);
        std::memcpy(w.data(), weights.data() + from + done, rest * sizeof(float));
        std::memcpy(g.data(), gradient.data() + from + done, rest * sizeof(float));
        BlockSums tail;
        pullBlock(w.data(), 1, boundaries.data(), boundaries.size(), representatives.data(), lambda, g.data(), tail);
        addBlock(tail, boundaries.size(), kGroup, sums);
        addMore(tail);
        const std::size_t padding = kGroup - rest;
        sums.occupancy[0] -= padding;
        sums.weightSum[0] -= static_cast<double>(padding) * representatives[0];
        std::memcpy(gradient.data() + from + done, g.data(), rest * sizeof(float));
    }
}

void pull(std::span<const float> weights, std::span<const float> boundaries, std::span<const float> representatives,
          float lambda, std::span<float> gradient, NearestSums &sums)
{
    overBlocks(weights, boundaries, representatives, lambda, gradient, sums, pullByDistance, [](const BlockSums &) {});
}

void pullSigns(std::span<const float> weights, std::span<const float> boundaries, std::span<const float> representatives,
               float strength, std::span<float> gradient, NearestSums &sums, SignSums &signs)
{
    overBlocks(weights, boundaries, representatives, strength, gradient, sums, pullBySign,
               [&](const BlockSums &block) { addSigns(block, boundaries.size(), signs); });
}

} // namespace engine::lanes
