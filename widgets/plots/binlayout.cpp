// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/binlayout.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace widgets {
namespace {

void addCells(BinLayout &layout, const engine::LayerFrame &frame)
{
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const auto &values = frame.representatives;
    layout.trajectories = std::max(frame.trajectories, values.size());
    const auto total = std::accumulate(frame.occupancy.begin(), frame.occupancy.end(), std::uint64_t{0});
    layout.weights = static_cast<double>(total);
    for (std::size_t j = 0; j < values.size(); ++j) {
        Cell cell;
        cell.representative = values[j];
        cell.low = j == 0 ? -kInfinity : 0.5 * (static_cast<double>(values[j - 1]) + values[j]);
        cell.high = j + 1 == values.size() ? kInfinity : 0.5 * (static_cast<double>(values[j]) + values[j + 1]);
        cell.identity = j < frame.identity.size() ? frame.identity[j] : j;
        cell.occupancy = j < frame.occupancy.size() ? frame.occupancy[j] : 0;
        cell.share = total > 0 ? static_cast<double>(cell.occupancy) / static_cast<double>(total) : 0;
        cell.mixing = j < frame.mixing.size() ? frame.mixing[j] : engine::kNotMeasured;
        layout.occupancyHigh = std::max(layout.occupancyHigh, static_cast<double>(cell.occupancy));
        layout.cells.push_back(cell);
    }
}

void addBins(BinLayout &layout, const engine::Histogram &histogram)
{
    layout.binWidth = histogram.binWidth();
    layout.keys.push_back(histogram.low - 0.5 * layout.binWidth);
    layout.counts.push_back(0);
    for (std::size_t bin = 0; bin < histogram.counts.size(); ++bin) {
        layout.keys.push_back(histogram.centre(bin));
        layout.counts.push_back(static_cast<double>(histogram.counts[bin]));
        layout.countHigh = std::max(layout.countHigh, layout.counts.back());
    }
    layout.keys.push_back(histogram.high + 0.5 * layout.binWidth);
    layout.counts.push_back(0);
}

/// The occupied stretch, widened to twentieths of the bins' range so that the axis does not jitter from frame to frame.
void findRange(BinLayout &layout, const engine::Histogram &histogram)
{
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (std::size_t i = 0; i < layout.keys.size(); ++i) {
        if (layout.counts[i] > 0) {
            low = std::min(low, layout.keys[i] - 0.5 * layout.binWidth);
            high = std::max(high, layout.keys[i] + 0.5 * layout.binWidth);
        }
    }
    for (const auto &cell : layout.cells) {
        low = std::min(low, cell.representative);
        high = std::max(high, cell.representative);
    }
    if (!(low < high) && std::isfinite(low)) {
        low -= 0.5;
        high += 0.5;
    }
    if (!(low < high))
        return;
    const double span = histogram.high > histogram.low ? histogram.high - histogram.low : high - low;
    const double grain = span / 20, margin = 0.03 * (high - low);
    layout.valueLow = std::floor((low - margin) / grain) * grain;
    layout.valueHigh = std::ceil((high + margin) / grain) * grain;
}

} // namespace

const Cell *BinLayout::cellAt(double value) const
{
    const auto found = std::ranges::find_if(cells, [&](const Cell &cell) { return value <= cell.high; });
    return found == cells.end() ? nullptr : &*found;
}

BinLayout layoutBins(const engine::LayerFrame &frame)
{
    BinLayout layout;
    if (!frame.histogram.counts.empty())
        addBins(layout, frame.histogram);
    addCells(layout, frame);
    findRange(layout, frame.histogram);
    return layout;
}

} // namespace widgets
