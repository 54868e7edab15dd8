// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/random.h"
#include "engine/quantizers/registry.h"
#include "engine/quantizers/sortedweights.h"
#include <algorithm>

namespace engine {
namespace {

/// The quantiles 0, 1/(k−1), …, 1, equal ones once.
std::vector<float> intervalEnds(std::span<const float> ascending, int k)
{
    std::vector<float> ends;
    const auto intervals = static_cast<std::size_t>(k - 1);
    for (std::size_t j = 0; j <= intervals; ++j) {
        const float end = ascending[(j * (ascending.size() - 1) + intervals / 2) / intervals] + 0.0f; // no −0
        if (ends.empty() || ends.back() != end)
            ends.push_back(end);
    }
    return ends;
}

QuantizedWeights quantizeProbabilistic(std::span<const float> weights, const QuantizerOptions &options)
{
    const SortedWeights sorted{weights};
    if (options.k == 1) { // without intervals, the mean alone is unbiased
        const WeightCell all{0, sorted.size(), sorted.mean(0, sorted.size())};
        return fromCells(weights, sorted, {&all, 1});
    }
    QuantizedWeights quantized;
    quantized.representatives = intervalEnds(sorted.ascending(), options.k);
    const auto &ends = quantized.representatives;
    quantized.occupancy.resize(ends.size());
    quantized.codes.reserve(weights.size());
    SplitMix64 random{options.seed};
    for (const float w : weights) {
        const double draw = static_cast<double>(random.next() >> 11) * 0x1p-53; // 0 ≤ draw < 1; one a weight, needed or not
        const auto upper = std::min(std::ranges::upper_bound(ends, w), ends.end() - 1);
        const auto lower = upper == ends.begin() ? upper : upper - 1;
        const double width = static_cast<double>(*upper) - *lower;
        const bool goesUp = width > 0 && draw < (static_cast<double>(w) - *lower) / width;
        const auto code = static_cast<CodeIndex>((goesUp ? upper : lower) - ends.begin());
        quantized.codes.push_back(code);
        ++quantized.occupancy[code];
    }
    return quantized;
}

} // namespace

const QuantizerSpec registry::kProbabilistic{.name = "probabilistic",
                                             .formula = "w → V with probability (w − v)/(V − v), else v",
                                             .help = "The ends [v, V] of k − 1 intervals with as many weights each; a weight goes to one "
                                                     "of its two by chance, so that it stays where it was on average.",
                                             .quantize = quantizeProbabilistic};

} // namespace engine
