// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/densitygrid.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace widgets {
namespace {

const engine::LayerSample *layerOf(const engine::Sample &sample, engine::LayerId layer)
{
    const auto place = engine::index(layer);
    if (place >= sample.layers.size() || sample.layers[place].density.empty()
        || !(sample.layers[place].densityLow < sample.layers[place].densityHigh))
        return nullptr;
    return &sample.layers[place];
}

double stepOf(const engine::Sample &sample)
{
    return static_cast<double>(engine::count(sample.step));
}

} // namespace

void DensityGrid::clear()
{
    *this = DensityGrid{};
}

bool DensityGrid::update(const engine::History &history, engine::LayerId layer)
{
    const auto &samples = history.samples();
    if (samples.empty()) {
        const bool had = !empty();
        clear();
        return had;
    }
    // A newest sample that was replaced by one of its own step has the same weights: nothing to do.
    const bool replaced = m_taken > samples.size()
                          || (m_taken > 0 && samples[m_taken - 1].step != m_lastStep);
    if (m_shares.empty() || layer != m_layer || history.revision() != m_revision || replaced || !fits(history, layer))
        reset(history, layer);
    if (m_taken == samples.size())
        return false;
    for (; m_taken < samples.size(); ++m_taken)
        add(samples[m_taken], layer);
    m_lastStep = samples.back().step;
    return true;
}

bool DensityGrid::fits(const engine::History &history, engine::LayerId layer) const
{
    const auto &samples = history.samples();
    if (stepOf(samples.back()) > m_stepHigh)
        return false;
    return std::all_of(samples.begin() + static_cast<std::ptrdiff_t>(m_taken), samples.end(), [&](const auto &sample) {
        const auto *part = layerOf(sample, layer);
        return !part || (part->densityLow >= m_valueLow && part->densityHigh <= m_valueHigh);
    });
}

void DensityGrid::reset(const engine::History &history, engine::LayerId layer)
{
    const int rebuilds = m_rebuilds;
    clear();
    m_rebuilds = rebuilds + 1;
    m_shares.assign(static_cast<std::size_t>(kColumns) * kRows, 0.0F);
    m_samplesIn.assign(kColumns, 0);
    m_layer = layer;
    m_revision = history.revision();
    m_stepHigh = std::max(1.0, 1.25 * stepOf(history.samples().back()));
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const auto &sample : history.samples()) {
        if (const auto *part = layerOf(sample, layer)) {
            low = std::min(low, static_cast<double>(part->densityLow));
            high = std::max(high, static_cast<double>(part->densityHigh));
        }
    }
    m_valueLow = low < high ? low : -1;
    m_valueHigh = low < high ? high : 1;
    m_occupiedLow = m_valueHigh;
    m_occupiedHigh = m_valueLow;
}

/// Spreads each bin over the rows that it overlaps, in proportion, and takes the mean over the samples of a column.
void DensityGrid::add(const engine::Sample &sample, engine::LayerId layer)
{
    const auto *part = layerOf(sample, layer);
    if (!part)
        return;
    double total = 0;
    for (const auto count : part->density)
        total += count;
    if (total <= 0)
        return;
    const double rowHeight = (m_valueHigh - m_valueLow) / kRows;
    const double binHeight = (static_cast<double>(part->densityHigh) - part->densityLow)
                             / static_cast<double>(part->density.size());
    std::array<float, kRows> shares{};
    for (std::size_t bin = 0; bin < part->density.size(); ++bin) {
        if (part->density[bin] == 0)
            continue;
        const double low = part->densityLow + static_cast<double>(bin) * binHeight, high = low + binHeight;
        if (part->density[bin] >= kVisibleShare * total) {
            m_occupiedLow = std::min(m_occupiedLow, low);
            m_occupiedHigh = std::max(m_occupiedHigh, high);
        }
        const double first = (low - m_valueLow) / rowHeight, last = (high - m_valueLow) / rowHeight;
        const int firstRow = std::clamp(static_cast<int>(first), 0, kRows - 1);
        for (int row = firstRow; row < kRows && row < last; ++row) {
            const double overlap = std::min<double>(row + 1, last) - std::max<double>(row, first);
            shares[static_cast<std::size_t>(row)] +=
                static_cast<float>(part->density[bin] / total * std::max(0.0, overlap) / (last - first));
        }
    }
    const int column = std::clamp(static_cast<int>(stepOf(sample) / m_stepHigh * kColumns), 0, kColumns - 1);
    const auto at = [&](int c) { return m_shares.begin() + static_cast<std::ptrdiff_t>(c) * kRows; };
    for (int gap = m_columnsFilled; gap < column; ++gap) // before the first sample: as the first
        m_columnsFilled == 0 ? std::copy(shares.begin(), shares.end(), at(gap))
                             : std::copy_n(at(m_columnsFilled - 1), kRows, at(gap));
    const int n = m_samplesIn[static_cast<std::size_t>(column)]++;
    for (int row = 0; row < kRows; ++row)
        at(column)[row] += (shares[static_cast<std::size_t>(row)] - at(column)[row]) / static_cast<float>(n + 1);
    m_columnsFilled = std::max(m_columnsFilled, column + 1);
}

} // namespace widgets
