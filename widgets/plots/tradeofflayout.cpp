// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/tradeofflayout.h"
#include <algorithm>
#include <cmath>

namespace widgets {
namespace {

void findRanges(TradeoffLayout &layout)
{
    double low = 1, high = 0;
    for (const auto &point : layout.trail) {
        low = std::min(low, point.accuracy);
        high = std::max(high, point.accuracy);
        layout.ratioHigh = std::max(layout.ratioHigh, 1.25 * point.ratio);
    }
    if (layout.baseline) {
        low = std::min(low, *layout.baseline);
        high = std::max(high, *layout.baseline);
    }
    if (low > high)
        return; // nothing measured: 0…1
    // At least five points of accuracy, in steps of five, so that noise does not fill the plot or shake the axis.
    const double margin = std::max(0.02, 0.08 * (high - low));
    layout.accuracyLow = std::max(0.0, std::floor((low - margin) * 20) / 20);
    layout.accuracyHigh = std::min(1.0, std::ceil((high + margin) * 20) / 20);
    layout.accuracyHigh = std::max(layout.accuracyHigh, high + 0.04 * (layout.accuracyHigh - layout.accuracyLow)); // a marker at 100 % is whole
}

} // namespace

TradeoffLayout layoutTradeoff(const engine::History &history, Coding coding, std::optional<double> givenBaseline)
{
    TradeoffLayout layout;
    layout.baseline = givenBaseline;
    std::vector<TradeoffPoint> previews;
    std::optional<double> warmedUp;
    for (const auto &sample : history.samples()) {
        const bool warmup = sample.stage == engine::Stage::Warmup;
        if (warmup && std::isfinite(sample.latentAccuracy))
            warmedUp = sample.latentAccuracy;
        const double ratio = coding == Coding::Entropy ? sample.entropyRatio : sample.fixedRatio;
        if (std::isfinite(sample.snappedAccuracy) && ratio > 0)
            (warmup ? previews : layout.trail).push_back({sample.step, ratio, sample.snappedAccuracy, sample.wholeValidation});
    }
    if (!layout.baseline)
        layout.baseline = warmedUp;
    if (layout.trail.empty() && !previews.empty()) {
        layout.trail = std::move(previews);
        layout.preview = true;
    }
    findRanges(layout);
    return layout;
}

} // namespace widgets
