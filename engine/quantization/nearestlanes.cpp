// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quantization/nearestlanes.h"
#include <algorithm>
#include <array>
#include <cstring>

// One binary runs on every x86-64 and uses what the processor has; no -march=native, no -ffast-math.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CONDENSATE_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CONDENSATE_CLONES
#endif

namespace engine::lanes {
namespace {

constexpr std::size_t kLanes = 16;
constexpr std::size_t kRows = 4;              // vectors in flight: hides latency, amortises the per-boundary sums
constexpr std::size_t kGroup = kLanes * kRows;
constexpr std::size_t kBlock = 2048;          // float sums run this long at most before they go to double

using Floats [[gnu::vector_size(kLanes * sizeof(float))]] = float;
using Ints [[gnu::vector_size(kLanes * sizeof(int))]] = int;

struct BoundarySums { // of the weights above one boundary
    Ints count;
    Floats weight, gradient;
};

struct BlockSums {
    Floats squaredDistance, absoluteDistance, squaredGradient, weight, gradient;
    std::array<BoundarySums, kCompareAllLimit> above;
};

double total(const Floats &lanes)
{
    double sum = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane)
        sum += static_cast<double>(lanes[lane]);
    return sum;
}

std::int64_t total(const Ints &lanes)
{
    std::int64_t sum = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane)
        sum += lanes[lane];
    return sum;
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

CONDENSATE_CLONES
static void pullBlock(const float *weights, std::size_t groups, const float *boundaries, std::size_t boundaryCount,
                      const float *representatives, float lambda, float *gradient, BlockSums &sums)
{
    const Floats zero{};
    for (std::size_t group = 0; group < groups; ++group, weights += kGroup, gradient += kGroup) {
        Floats w[kRows], g[kRows], nearest[kRows];
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
            sums.absoluteDistance += distance < zero ? -distance : distance;
            sums.squaredGradient += g[row] * g[row];
            sums.weight += w[row];
            sums.gradient += g[row];
            g[row] += lambda * distance;
        }
        std::memcpy(gradient, g, sizeof g);
    }
}

CONDENSATE_CLONES
static void snapGroups(const float *weights, std::size_t groups, const float *boundaries, std::size_t boundaryCount,
                       const float *representatives, float *snapped)
{
    const Floats zero{};
    for (std::size_t group = 0; group < groups; ++group, weights += kGroup, snapped += kGroup) {
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
        std::memcpy(snapped, nearest, sizeof nearest);
    }
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
          std::span<float> snapped)
{
    const std::size_t groups = weights.size() / kGroup, done = groups * kGroup, rest = weights.size() - done;
    std::array<float, kGroup> w{}, nearest{};
    std::copy_n(weights.begin() + static_cast<std::ptrdiff_t>(done), rest, w.begin());
    snapGroups(weights.data(), groups, boundaries.data(), boundaries.size(), representatives.data(), snapped.data());
    snapGroups(w.data(), 1, boundaries.data(), boundaries.size(), representatives.data(), nearest.data());
    std::copy_n(nearest.begin(), rest, snapped.begin() + static_cast<std::ptrdiff_t>(done));
}

void pull(std::span<const float> weights, std::span<const float> boundaries, std::span<const float> representatives,
          float lambda, std::span<float> gradient, NearestSums &sums)
{
    for (std::size_t from = 0; from < weights.size(); from += kBlock) {
        const std::size_t length = std::min(kBlock, weights.size() - from);
        const std::size_t groups = length / kGroup;
        BlockSums block{};
        pullBlock(weights.data() + from, groups, boundaries.data(), boundaries.size(), representatives.data(), lambda,
                  gradient.data() + from, block);
        addBlock(block, boundaries.size(), groups * kGroup, sums);
        // The rest of the last block, padded with the first representative, which is at distance 0 from itself.
        const std::size_t done = groups * kGroup, rest = length - done;
        if (rest == 0)
            continue;
        std::array<float, kGroup> w, g{};
        w.fill(representatives[0]);
        std::memcpy(w.data(), weights.data() + from + done, rest * sizeof(float));
        std::memcpy(g.data(), gradient.data() + from + done, rest * sizeof(float));
        BlockSums tail{};
        pullBlock(w.data(), 1, boundaries.data(), boundaries.size(), representatives.data(), lambda, g.data(), tail);
        addBlock(tail, boundaries.size(), kGroup, sums);
        const std::size_t padding = kGroup - rest;
        sums.occupancy[0] -= padding;
        sums.weightSum[0] -= static_cast<double>(padding) * representatives[0];
        std::memcpy(gradient.data() + from + done, g.data(), rest * sizeof(float));
    }
}

} // namespace engine::lanes
