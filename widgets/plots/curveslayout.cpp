// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/curveslayout.h"
#include <algorithm>
#include <cmath>

namespace widgets {
namespace {

constexpr double kSmoothingShare = 0.02; // of the steps so far
constexpr std::size_t kFewSamples = 50;  // too few to tell a spike
constexpr double kSpike = 2;             // times what nearly all values stay below

void add(Series &series, double step, double value)
{
    series.steps.push_back(step);
    series.values.push_back(value);
}

/// The least of 1, 1.5, 2, 3, 5, 7 × 10^m above all values, or above nearly all where a few lie far off: a spike must
/// not flatten a curve, and the peak of a curve is no spike.
double roundedHigh(const Series &series)
{
    std::vector<double> finite;
    std::ranges::copy_if(series.values, std::back_inserter(finite), [](double v) { return std::isfinite(v); });
    if (finite.empty())
        return 1;
    const auto rank = static_cast<std::ptrdiff_t>(0.995 * static_cast<double>(finite.size() - 1));
    std::ranges::nth_element(finite, finite.begin() + rank);
    const double nearly = finite[static_cast<std::size_t>(rank)], all = *std::ranges::max_element(finite);
    const bool spiked = finite.size() >= kFewSamples && all > kSpike * nearly;
    const double value = 1.05 * (spiked ? nearly : all);
    if (!(value > 0))
        return 1;
    const double power = std::pow(10.0, std::floor(std::log10(value)));
    for (const double step : {1.0, 1.5, 2.0, 3.0, 5.0, 7.0})
        if (value <= step * power)
            return step * power;
    return 10 * power;
}

} // namespace

Series smoothed(const Series &series, double steps)
{
    Series result;
    double sum = 0, mass = 0, last = 0;
    for (std::size_t i = 0; i < series.values.size(); ++i) {
        if (!std::isfinite(series.values[i]))
            continue;
        const double fade = steps > 0 ? std::exp(-(series.steps[i] - last) / steps) : 0;
        sum = fade * sum + series.values[i];
        mass = fade * mass + 1;
        last = series.steps[i];
        add(result, last, sum / mass);
    }
    return result;
}

CurvesLayout layoutCurves(const engine::History &history)
{
    CurvesLayout curves;
    Series training;
    double low = 100, high = 0;
    for (const auto &sample : history.samples()) {
        const auto step = static_cast<double>(engine::count(sample.step));
        add(curves.task, step, sample.taskLoss);
        add(curves.regularizer, step, sample.regularizerLoss);
        add(training, step, 100 * sample.trainAccuracy);
        const auto measured = [&](double accuracy, Series &line, Series &whole) {
            if (!std::isfinite(accuracy))
                return;
            add(line, step, 100 * accuracy);
            if (sample.wholeValidation)
                add(whole, step, 100 * accuracy);
            low = std::min(low, 100 * accuracy);
            high = std::max(high, 100 * accuracy);
        };
        measured(sample.latentAccuracy, curves.latent, curves.latentWhole);
        measured(sample.snappedAccuracy, curves.snapped, curves.snappedWhole);
        curves.stepHigh = std::max(curves.stepHigh, step);
    }
    curves.training = smoothed(training, kSmoothingShare * curves.stepHigh);
    for (const double value : curves.training.values) {
        low = std::min(low, value);
        high = std::max(high, value);
    }
    curves.taskHigh = roundedHigh(curves.task);
    curves.regularizerHigh = roundedHigh(curves.regularizer);
    if (low <= high) {
        curves.accuracyLow = std::max(0.0, std::floor((low - 2) / 5) * 5);
        curves.accuracyHigh = std::min(100.0, std::ceil((high + 1) / 5) * 5);
    }
    return curves;
}

} // namespace widgets
