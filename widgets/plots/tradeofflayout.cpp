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
    layout.accuracyHigh =
        std::max(layout.accuracyHigh, high + 0.04 * (layout.accuracyHigh - layout.accuracyLow)); // a marker at 100 % is whole
}

TradeoffCurve layoutCurve(const PostTrainingCurve &curve, Coding coding, bool reestimated)
{
    TradeoffCurve result{curve.name(), {}};
    for (const auto &point : curve.points) {
        const double bytes = coding == Coding::Entropy ? point.entropyBytes : point.fixedBytes;
        if (bytes > 0)
            result.points.push_back({point.k, point.floatBytes / bytes, reestimated ? point.reestimatedAccuracy : point.accuracy, bytes});
    }
    return result;
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

void addCurves(TradeoffLayout &layout, const PostTrainingCurves &curves, Coding coding, bool reestimated)
{
    const double lowest = layout.accuracyLow - (layout.accuracyHigh - layout.accuracyLow);
    double low = layout.accuracyLow, high = layout.accuracyHigh;
    for (const auto &measured : curves.curves) {
        layout.curves.push_back(layoutCurve(measured, coding, reestimated));
        for (const auto &point : layout.curves.back().points) {
            if (point.accuracy < lowest)
                continue;
            low = std::min(low, point.accuracy - 0.01);
            high = std::max(high, point.accuracy + 0.01);
            layout.ratioHigh = std::max(layout.ratioHigh, 1.25 * point.ratio);
        }
    }
    if (low < layout.accuracyLow)
        layout.accuracyLow = std::max({0.0, lowest, std::floor(low * 20) / 20});
    if (high > layout.accuracyHigh)
        layout.accuracyHigh = std::min(1.01, std::ceil(high * 20) / 20);
}

} // namespace widgets
