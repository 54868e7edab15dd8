// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/codebooks/nearest.h"
#include "engine/codebooks/nearestlanes.h"
#include "engine/codebooks/withoutgradient.h"
#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

namespace engine {
namespace {

constexpr std::size_t kTableSlices = 4096;

} // namespace

NearestSums &NearestSums::operator+=(const NearestSums &other)
{
    assert(occupancy.size() == other.occupancy.size());
    squaredDistance += other.squaredDistance;
    absoluteDistance += other.absoluteDistance;
    squaredGradient += other.squaredGradient;
    for (std::size_t j = 0; j < occupancy.size(); ++j) {
        occupancy[j] += other.occupancy[j];
        weightSum[j] += other.weightSum[j];
        gradientSum[j] += other.gradientSum[j];
    }
    return *this;
}

std::vector<float> cellBoundaries(std::span<const float> representatives)
{
    std::vector<float> boundaries;
    for (std::size_t j = 1; j < representatives.size(); ++j)
        boundaries.push_back(std::midpoint(representatives[j - 1], representatives[j]));
    return boundaries;
}

NearestCells::NearestCells(std::span<const float> representatives, Generation generation)
    : m_generation{generation},
      m_representatives(representatives.begin(), representatives.end()), m_boundaries{cellBoundaries(representatives)}
{
    assert(!representatives.empty() && representatives.size() <= 256);
    assert(std::ranges::is_sorted(representatives));
    // Of equal representatives the lowest takes all: its border moves up to where the next different one begins.
    float upper = std::numeric_limits<float>::infinity();
    for (std::size_t b = m_boundaries.size(); b-- > 0;) {
        if (representatives[b] == representatives[b + 1])
            m_boundaries[b] = upper;
        upper = m_boundaries[b];
    }
    if (!comparesAll())
        buildTable();
}

bool NearestCells::comparesAll() const noexcept { return k() <= lanes::kCompareAllLimit; }

lanes::Cells NearestCells::lanesCells() const noexcept
{
    return {m_boundaries.data(), m_boundaries.size(), m_representatives.data(), m_generation};
}

void NearestCells::buildTable()
{
    // Slices of equal width over the boundaries; a slice knows how many boundaries lie below it, and the fullest slice
    // tells how many compares any weight may still need.
    const auto finite = std::ranges::find(m_boundaries, std::numeric_limits<float>::infinity()) - m_boundaries.begin();
    const std::span reachable = std::span{m_boundaries}.first(static_cast<std::size_t>(finite));
    m_tableLow = reachable.empty() ? 0.0f : reachable.front();
    const double width = reachable.empty() ? 0.0 : static_cast<double>(reachable.back()) - m_tableLow;
    const double scale = width > 0 ? static_cast<double>(kTableSlices - 2) / width : 0.0;
    m_tableScale = std::isfinite(static_cast<float>(scale)) ? static_cast<float>(scale) : 0.0f;
    std::vector<int> inSlice(kTableSlices + 1, 0);
    for (const float boundary : reachable)
        ++inSlice[lanes::slice(boundary, m_tableLow, m_tableScale, kTableSlices)];
    m_table.resize(kTableSlices);
    int below = 0;
    for (std::size_t s = 0; s < kTableSlices; ++s) {
        m_table[s] = static_cast<std::uint8_t>(below);
        below += inSlice[s];
        m_tableSteps = std::max(m_tableSteps, inSlice[s]);
    }
}

CodeIndex NearestCells::nearest(float weight) const noexcept
{
    const auto boundary = std::ranges::lower_bound(m_boundaries, weight);
    return std::isnan(weight) ? CodeIndex{0} : static_cast<CodeIndex>(boundary - m_boundaries.begin());
}

std::size_t NearestCells::search(float weight) const noexcept
{
    std::size_t code = m_table[lanes::slice(weight, m_tableLow, m_tableScale, kTableSlices)];
    const std::size_t last = m_boundaries.size();
    for (int step = 0; step < m_tableSteps; ++step)
        code += code < last && weight > m_boundaries[code];
    return code;
}

void NearestCells::encode(std::span<const float> weights, std::span<CodeIndex> codes) const
{
    assert(weights.size() == codes.size());
    if (comparesAll())
        return lanes::encode(weights, lanesCells(), codes);
    for (std::size_t i = 0; i < weights.size(); ++i)
        codes[i] = static_cast<CodeIndex>(search(weights[i]));
}

void NearestCells::snap(std::span<const float> weights, std::span<float> snapped, Destination destination) const
{
    assert(weights.size() == snapped.size());
    if (comparesAll())
        return lanes::snap(weights, lanesCells(), snapped, destination);
    for (std::size_t i = 0; i < weights.size(); ++i)
        snapped[i] = m_representatives[search(weights[i])];
}

/// One by one: pullAt(code, distance) is what goes to the gradient.
template <typename Pull>
void NearestCells::pullEach(std::span<const float> weights, std::span<float> gradient, NearestSums &sums, const Pull &pullAt) const
{
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const std::size_t code = search(weights[i]);
        const float distance = weights[i] - m_representatives[code];
        sums.squaredDistance += static_cast<double>(distance) * distance;
        sums.absoluteDistance += std::abs(distance);
        sums.squaredGradient += static_cast<double>(gradient[i]) * gradient[i];
        ++sums.occupancy[code];
        sums.weightSum[code] += weights[i];
        sums.gradientSum[code] += gradient[i];
        gradient[i] += pullAt(code, distance);
    }
}

void NearestCells::pull(std::span<const float> weights, float lambda, std::span<float> gradient, NearestSums &sums) const
{
    assert(weights.size() == gradient.size() && sums.occupancy.size() == k());
    if (comparesAll())
        return lanes::pull(weights, lanesCells(), lambda, gradient, sums);
    pullEach(weights, gradient, sums, [lambda](std::size_t, float distance) { return lambda * distance; });
}

void NearestCells::pullSigns(std::span<const float> weights, float strength, std::span<float> gradient, NearestSums &sums,
                             SignSums &signs) const
{
    assert(weights.size() == gradient.size() && sums.occupancy.size() == k() && signs.sign.size() == k());
    if (comparesAll())
        return lanes::pullSigns(weights, lanesCells(), strength, gradient, sums, signs);
    pullEach(weights, gradient, sums, [&](std::size_t code, float distance) {
        const float sign =
            distance == 0.0f || std::isnan(distance) ? distance : std::copysign(1.0f, distance); // no jump that could be guessed wrong
        signs.squaredSign += static_cast<double>(sign) * sign;
        signs.sign[code] += static_cast<double>(sign);
        return strength * sign;
    });
}

void NearestCells::measure(std::span<const float> weights, NearestSums &sums) const
{
    withoutGradient(weights, [&](std::span<const float> part, std::span<float> zeros) { pull(part, 0.0f, zeros, sums); });
}

} // namespace engine
