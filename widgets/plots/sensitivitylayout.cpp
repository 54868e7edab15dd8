// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/sensitivitylayout.h"
#include <algorithm>
#include <cmath>
#include <limits>

namespace widgets {
namespace {

constexpr double kLeastLoss = 1e-3, kLeastPoints = 0.1; // so that noise does not fill the plot

/// What `after` costs against `before`.
double costOf(const engine::Scores &before, const engine::Scores &after, Cost cost)
{
    return cost == Cost::Loss ? after.loss - before.loss : 100 * (before.accuracy - after.accuracy);
}

double rank(const SensitivityBars &bars)
{
    return std::isnan(bars.alone) ? std::numeric_limits<double>::infinity() : bars.alone;
}

} // namespace

SensitivityLayout layoutSensitivity(const engine::Sensitivity &sensitivity, Cost cost)
{
    SensitivityLayout layout;
    layout.high = cost == Cost::Loss ? kLeastLoss : kLeastPoints;
    for (std::size_t place = 0; place < sensitivity.layers.size(); ++place) {
        const auto &layer = sensitivity.layers[place];
        layout.rows.push_back({.layer = place,
                               .alone = costOf(sensitivity.latent, layer.alone, cost),
                               .others = costOf(layer.others, sensitivity.snapped, cost)});
    }
    std::ranges::stable_sort(layout.rows, std::ranges::greater{}, rank);
    for (const auto &bars : layout.rows) {
        for (const double value : {bars.alone, bars.others}) {
            if (!std::isfinite(value))
                continue;
            layout.low = std::min(layout.low, value);
            layout.high = std::max(layout.high, value);
        }
    }
    return layout;
}

} // namespace widgets
