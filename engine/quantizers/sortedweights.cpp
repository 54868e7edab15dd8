// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quantizers/sortedweights.h"
#include <algorithm>
#include <limits>

namespace engine {

SortedWeights::SortedWeights(std::span<const float> weights) : m_ascending(weights.begin(), weights.end())
{
    std::ranges::sort(m_ascending);
    m_origin = m_ascending[size() / 2];
    m_sum.reserve(size() + 1);
    m_square.reserve(size() + 1);
    m_sum.push_back(0);
    m_square.push_back(0);
    for (const float w : m_ascending) {
        const double away = static_cast<double>(w) - m_origin;
        m_sum.push_back(m_sum.back() + away);
        m_square.push_back(m_square.back() + away * away);
    }
}

std::size_t SortedWeights::countUpTo(double border) const noexcept
{
    const auto above = std::ranges::upper_bound(m_ascending, border, {}, [](float w) { return static_cast<double>(w); });
    return static_cast<std::size_t>(above - m_ascending.begin());
}

double SortedWeights::mean(std::size_t from, std::size_t to) const
{
    const double mean = m_origin + (m_sum[to] - m_sum[from]) / static_cast<double>(to - from);
    return std::clamp(mean, static_cast<double>(m_ascending[from]), static_cast<double>(m_ascending[to - 1]));
}

double SortedWeights::spread(std::size_t from, std::size_t to) const
{
    const double sum = m_sum[to] - m_sum[from];
    return std::max(0.0, m_square[to] - m_square[from] - sum * sum / static_cast<double>(to - from));
}

std::vector<WeightCell> cheapestCells(const SortedWeights &sorted, std::span<const double> values, std::span<const double> costs)
{
    // Beside w², which is the same for all, the costs are lines over w: what is left is their lower envelope.
    struct Line { std::size_t j; double begin; }; // the cheapest above `begin`
    const auto border = [&](std::size_t low, std::size_t high) {
        const double apart = values[high] - values[low];
        if (apart > 0)
            return 0.5 * (values[low] + values[high]) + (costs[high] - costs[low]) / (2 * apart);
        return costs[high] < costs[low] ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
    };
    std::vector<Line> envelope;
    for (std::size_t j = 0; j < values.size(); ++j) {
        double begin = -std::numeric_limits<double>::infinity();
        while (!envelope.empty() && (begin = border(envelope.back().j, j)) <= envelope.back().begin)
            envelope.pop_back();
        envelope.push_back({j, envelope.empty() ? -std::numeric_limits<double>::infinity() : begin});
    }
    std::vector<WeightCell> cells;
    for (std::size_t line = 0, from = 0; line < envelope.size() && from < sorted.size(); ++line) {
        const std::size_t to = line + 1 < envelope.size() ? sorted.countUpTo(envelope[line + 1].begin) : sorted.size();
        if (to > from)
            cells.push_back({from, to, values[envelope[line].j]});
        from = std::max(from, to);
    }
    return cells;
}

void moveToMeans(const SortedWeights &sorted, std::span<WeightCell> cells)
{
    for (WeightCell &cell : cells)
        cell.value = sorted.mean(cell.from, cell.to);
}

QuantizedWeights fromCells(std::span<const float> weights, const SortedWeights &sorted, std::span<const WeightCell> cells)
{
    constexpr double kLargest = std::numeric_limits<float>::max();
    QuantizedWeights quantized;
    std::vector<float> greatest; // weight of each cell
    for (const WeightCell &cell : cells) {
        const auto value = static_cast<float>(std::clamp(cell.value, -kLargest, kLargest)) + 0.0f; // no −0
        if (quantized.representatives.empty() || quantized.representatives.back() != value) {
            quantized.representatives.push_back(value);
            quantized.occupancy.push_back(0);
            greatest.push_back(0);
        }
        quantized.occupancy.back() += cell.count();
        greatest.back() = sorted.ascending()[cell.to - 1];
    }
    quantized.codes.resize(weights.size());
    std::ranges::transform(weights, quantized.codes.begin(),
                           [&](float w) { return static_cast<CodeIndex>(std::ranges::lower_bound(greatest, w) - greatest.begin()); });
    return quantized;
}

} // namespace engine
