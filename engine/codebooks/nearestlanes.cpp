// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/codebooks/nearestlanes.h"
#include "engine/codebooks/nearestblock.h"
#include <algorithm>
#include <array>
#include <cstdint>

namespace engine::lanes {
namespace {

constexpr std::size_t kLargestGroup = Vectors<16>::kGroup;

/// The sums over one block, lane by lane added up.
struct BlockTotals {
    double squaredDistance, absoluteDistance, squaredGradient, weight, gradient, sign, squaredSign;
    std::array<double, kCompareAllLimit> weightAbove, gradientAbove, signAbove;
    std::array<std::int64_t, kCompareAllLimit> countAbove;
};

/// Over the first groups · group weights of a block.
using PullBlock = void (*)(const float *weights, std::size_t groups, const Cells &cells, float lambda, float *gradient,
                           BlockTotals &totals);
using SnapGroups = void (*)(const float *weights, std::size_t groups, const Cells &cells, float *snapped);
using EncodeGroups = void (*)(const float *weights, std::size_t groups, const Cells &cells, std::uint8_t *codes);

/// What one generation of processors runs.
struct Passes {
    std::size_t group; ///< weights at a time
    PullBlock pullByDistance, pullBySign;
    SnapGroups snap, stream;
    EncodeGroups encode;
};

} // namespace

template <std::size_t kLanes>
CONDENSATE_INLINE double total(const typename Vectors<kLanes>::Floats &lanes)
{
    double sums[kLanes];
    for (std::size_t lane = 0; lane < kLanes; ++lane)
        sums[lane] = static_cast<double>(lanes[lane]);
    for (std::size_t half = kLanes / 2; half > 0; half /= 2) // a tree: one chain of additions would wait for itself
        for (std::size_t lane = 0; lane < half; ++lane)
            sums[lane] += sums[lane + half];
    return sums[0];
}

template <std::size_t kLanes>
CONDENSATE_INLINE std::int64_t total(const typename Vectors<kLanes>::Ints &lanes)
{
    std::int64_t sum = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane)
        sum += lanes[lane];
    return sum;
}

template <std::size_t kLanes, Pull kPull>
CONDENSATE_INLINE void pullBlock(const float *weights, std::size_t groups, const Cells &cells, float lambda, float *gradient,
                                 BlockTotals &totals)
{
    typename Vectors<kLanes>::BlockSums block;
    pullGroups<kLanes, kPull>(weights, groups, cells, lambda, gradient, block);
    totals.squaredDistance = total<kLanes>(block.squaredDistance);
    totals.absoluteDistance = total<kLanes>(block.absoluteDistance);
    totals.squaredGradient = total<kLanes>(block.squaredGradient);
    totals.weight = total<kLanes>(block.weight);
    totals.gradient = total<kLanes>(block.gradient);
    for (std::size_t b = 0; b < cells.boundaryCount; ++b) {
        totals.countAbove[b] = total<kLanes>(block.above[b].count);
        totals.weightAbove[b] = total<kLanes>(block.above[b].weight);
        totals.gradientAbove[b] = total<kLanes>(block.above[b].gradient);
    }
    if constexpr (kPull == Pull::Sign) {
        totals.sign = total<kLanes>(block.sign);
        totals.squaredSign = total<kLanes>(block.squaredSign);
        for (std::size_t b = 0; b < cells.boundaryCount; ++b)
            totals.signAbove[b] = total<kLanes>(block.signAbove[b]);
    }
}

template <std::size_t kLanes, Destination kDestination>
CONDENSATE_INLINE void snapAll(const float *weights, std::size_t groups, const Cells &cells, float *snapped)
{
    if constexpr (kLanes == 16) {
        if (searches<kLanes>(cells))
            return snapGroups<kLanes, kDestination, true>(weights, groups, cells, snapped);
    }
    snapGroups<kLanes, kDestination, false>(weights, groups, cells, snapped);
}

#define CONDENSATE_PASSES(Name, target, kLanes)                                                                                            \
    target static void pullByDistance##Name(const float *weights, std::size_t groups, const Cells &cells, float lambda, float *gradient,   \
                                            BlockTotals &totals)                                                                           \
    {                                                                                                                                      \
        pullBlock<kLanes, Pull::Distance>(weights, groups, cells, lambda, gradient, totals);                                               \
    }                                                                                                                                      \
    target static void pullBySign##Name(const float *weights, std::size_t groups, const Cells &cells, float lambda, float *gradient,       \
                                        BlockTotals &totals)                                                                               \
    {                                                                                                                                      \
        pullBlock<kLanes, Pull::Sign>(weights, groups, cells, lambda, gradient, totals);                                                   \
    }                                                                                                                                      \
    target static void snap##Name(const float *weights, std::size_t groups, const Cells &cells, float *snapped)                            \
    {                                                                                                                                      \
        snapAll<kLanes, Destination::Cache>(weights, groups, cells, snapped);                                                              \
    }                                                                                                                                      \
    target static void stream##Name(const float *weights, std::size_t groups, const Cells &cells, float *snapped)                          \
    {                                                                                                                                      \
        snapAll<kLanes, Destination::Memory>(weights, groups, cells, snapped);                                                             \
    }                                                                                                                                      \
    target static void encode##Name(const float *weights, std::size_t groups, const Cells &cells, std::uint8_t *codes)                     \
    {                                                                                                                                      \
        encodeGroups<kLanes>(weights, groups, cells, codes);                                                                               \
    }                                                                                                                                      \
    static constexpr Passes k##Name{                                                                                                       \
        Vectors<kLanes>::kGroup, pullByDistance##Name, pullBySign##Name, snap##Name, stream##Name, encode##Name};

CONDENSATE_PASSES(Any, , 4)
#if CONDENSATE_HAS_GENERATIONS
CONDENSATE_PASSES(Avx2, __attribute__((target("arch=x86-64-v3"))), 8)
CONDENSATE_PASSES(Avx512, __attribute__((target("arch=x86-64-v4"))), 16)
#endif

static const Passes &passesFor(Generation generation)
{
#if CONDENSATE_HAS_GENERATIONS
    switch (generation) {
    case Generation::Any: return kAny;
    case Generation::Avx2: return kAvx2;
    case Generation::Avx512: return kAvx512;
    }
#endif
    static_cast<void>(generation);
    return kAny;
}

/// Turns "above boundary b" into "in cell j": cell j = above(j−1) − above(j), above(−1) = all.
static void addBlock(const BlockTotals &block, std::size_t boundaries, std::size_t weights, NearestSums &sums)
{
    sums.squaredDistance += block.squaredDistance;
    sums.absoluteDistance += block.absoluteDistance;
    sums.squaredGradient += block.squaredGradient;
    auto count = static_cast<std::int64_t>(weights);
    double weight = block.weight;
    double gradient = block.gradient;
    for (std::size_t j = 0; j <= boundaries; ++j) {
        const bool last = j == boundaries;
        const std::int64_t countAbove = last ? 0 : block.countAbove[j];
        const double weightAbove = last ? 0.0 : block.weightAbove[j];
        const double gradientAbove = last ? 0.0 : block.gradientAbove[j];
        sums.occupancy[j] += static_cast<std::uint64_t>(count - countAbove);
        sums.weightSum[j] += weight - weightAbove;
        sums.gradientSum[j] += gradient - gradientAbove;
        count = countAbove;
        weight = weightAbove;
        gradient = gradientAbove;
    }
}

static void addSigns(const BlockTotals &block, std::size_t boundaries, SignSums &sums)
{
    sums.squaredSign += block.squaredSign;
    double sign = block.sign;
    for (std::size_t j = 0; j <= boundaries; ++j) {
        const double above = j == boundaries ? 0.0 : block.signAbove[j];
        sums.sign[j] += sign - above;
        sign = above;
    }
}

void encode(std::span<const float> weights, const Cells &cells, std::span<CodeIndex> codes)
{
    const Passes &passes = passesFor(cells.generation);
    const std::size_t groups = weights.size() / passes.group, done = groups * passes.group, rest = weights.size() - done;
    passes.encode(weights.data(), groups, cells, codes.data());
    std::array<float, kLargestGroup> w{};
    std::array<CodeIndex, kLargestGroup> code{};
    std::copy_n(weights.begin() + static_cast<std::ptrdiff_t>(done), rest, w.begin());
    passes.encode(w.data(), 1, cells, code.data());
    std::copy_n(code.begin(), rest, codes.begin() + static_cast<std::ptrdiff_t>(done));
}

void snap(std::span<const float> weights, const Cells &cells, std::span<float> snapped, Destination destination)
{
    const Passes &passes = passesFor(cells.generation);
    const bool streams = destination == Destination::Memory && reinterpret_cast<std::uintptr_t>(snapped.data()) % 16 == 0;
    const std::size_t groups = weights.size() / passes.group, done = groups * passes.group, rest = weights.size() - done;
    std::array<float, kLargestGroup> w{}, nearest{};
    std::copy_n(weights.begin() + static_cast<std::ptrdiff_t>(done), rest, w.begin());
    (streams ? passes.stream : passes.snap)(weights.data(), groups, cells, snapped.data());
    passes.snap(w.data(), 1, cells, nearest.data());
    std::copy_n(nearest.begin(), rest, snapped.begin() + static_cast<std::ptrdiff_t>(done));
}

/// All blocks of a pass and, padded, what remains of the last.
template <typename AddMore>
static void overBlocks(std::span<const float> weights, const Cells &cells, float lambda, std::span<float> gradient, NearestSums &sums,
                       PullBlock pullBlock, const AddMore &addMore)
{
    const std::size_t group = passesFor(cells.generation).group;
    BlockTotals block;
    for (std::size_t from = 0; from < weights.size(); from += kBlock) {
        const std::size_t length = std::min(kBlock, weights.size() - from);
        const std::size_t done = length / group * group, rest = length - done;
        pullBlock(weights.data() + from, done / group, cells, lambda, gradient.data() + from, block);
        addBlock(block, cells.boundaryCount, done, sums);
        addMore(block);
        // The rest of the last block, padded with the first representative, which is at distance 0 from itself.
        if (rest == 0)
            continue;
        std::array<float, kLargestGroup> w, g{};
        w.fill(cells.representatives[0]);
        std::copy_n(weights.data() + from + done, rest, w.data());
        std::copy_n(gradient.data() + from + done, rest, g.data());
        pullBlock(w.data(), 1, cells, lambda, g.data(), block);
        addBlock(block, cells.boundaryCount, group, sums);
        addMore(block);
        const std::size_t padding = group - rest;
        sums.occupancy[0] -= padding;
        sums.weightSum[0] -= static_cast<double>(padding) * cells.representatives[0];
        std::copy_n(g.data(), rest, gradient.data() + from + done);
    }
}

void pull(std::span<const float> weights, const Cells &cells, float lambda, std::span<float> gradient, NearestSums &sums)
{
    overBlocks(weights, cells, lambda, gradient, sums, passesFor(cells.generation).pullByDistance, [](const BlockTotals &) {});
}

void pullSigns(std::span<const float> weights, const Cells &cells, float strength, std::span<float> gradient, NearestSums &sums,
               SignSums &signs)
{
    overBlocks(weights, cells, strength, gradient, sums, passesFor(cells.generation).pullBySign,
               [&](const BlockTotals &block) { addSigns(block, cells.boundaryCount, signs); });
}

} // namespace engine::lanes
