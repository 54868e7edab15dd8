// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quantizers/registry.h"
#include "engine/quantizers/sortedweights.h"
#include <algorithm>
#include <cmath>
#include <limits>

namespace engine {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kExactRounds = 5000;    // of the search for δ; some hundred are enough for weights around 0
constexpr double kCoarseGrowth = 1e-4; // of δ in a round after these
constexpr double kExactLevels = 0x1p52; // above, the next level is not another double

/// round(|w|/δ): the least whole m ≥ 0 with |w| ≤ (m + ½) δ. A weight between two levels goes to the one
/// nearer to 0, or there would be no smallest δ.
double levelOf(double magnitude, double step)
{
    double level = std::max(0.0, std::ceil(magnitude / step - 0.5));
    if (level >= kExactLevels)
        return level;
    while (magnitude > (level + 0.5) * step)
        ++level;
    while (level > 0 && magnitude <= (level - 0.5) * step)
        --level;
    return level;
}

double signedLevel(double weight, double step) { return std::copysign(levelOf(std::abs(weight), step), weight); }

/// The smallest δ with which a weight is on this level or one nearer to 0.
double stepFor(double magnitude, double level)
{
    double step = magnitude / (level + 0.5);
    for (double less = std::nextafter(step, 0.0); less > 0 && magnitude <= (level + 0.5) * less; less = std::nextafter(step, 0.0))
        step = less;
    while (magnitude > (level + 0.5) * step)
        step = std::nextafter(step, kInfinity);
    return step;
}

/// A δ above `step` below which two weights a < b, which are on two levels at `step`, stay on two.
double joined(double a, double b, double step)
{
    if (a < 0 && b > 0) // on 0 alone
        return std::max({stepFor(-a, 0), stepFor(b, 0), std::nextafter(step, kInfinity)});
    if (a < 0)
        return joined(-b, -a, step);
    step = std::max(std::nextafter(step, kInfinity), (b - a) * (1 - 1e-15)); // no level holds two weights that are further apart
    for (double level = levelOf(b, step); level > levelOf(a, step); level = levelOf(b, step))
        step = stepFor(b, level - 1);
    return step;
}

/// The place after the last weight on the level of that at `from`.
std::size_t levelEnd(std::span<const double> values, std::size_t from, double step)
{
    const double level = signedLevel(values[from], step);
    const auto end = std::partition_point(values.begin() + static_cast<std::ptrdiff_t>(from) + 1, values.end(),
                                          [&](double value) { return signedLevel(value, step) <= level; });
    return static_cast<std::size_t>(end - values.begin());
}

/// A weight of each of the first k + 1 levels: near the middle, or the outermost.
std::vector<double> pillars(std::span<const double> values, double step, std::size_t k)
{
    std::vector<double> chosen;
    for (std::size_t from = 0; from < values.size() && chosen.size() <= k;) {
        const std::size_t to = levelEnd(values, from, step);
        const auto level = values.subspan(from, to - from);
        const auto above = std::ranges::lower_bound(level, signedLevel(values[from], step) * step);
        chosen.push_back(from == 0 ? level.front() : to == values.size() || above == level.end() ? level.back() : *above);
        from = to;
    }
    return chosen;
}

/// A δ that is too small: k intervals as wide cannot hold all values, wherever they lie. Not far below the
/// least that can.
double tooSmall(std::span<const double> values, std::size_t k)
{
    const auto holdsAll = [&](double width) {
        auto next = values.begin();
        for (std::size_t interval = 0; interval < k && next != values.end(); ++interval)
            next = std::upper_bound(next, values.end(), *next + width);
        return next == values.end();
    };
    double low = kInfinity, high = values.back() - values.front();
    for (std::size_t i = 1; i < values.size(); ++i)
        low = std::min(low, 0.5 * (values[i] - values[i - 1]));
    while (high > low * 1.001) {
        const double middle = std::sqrt(low) * std::sqrt(high);
        (holdsAll(middle) ? high : low) = middle;
    }
    return low;
}

/// The smallest δ with at most k levels. Requires: ascending values, more than k, no two equal. From a δ with
/// more levels than k it goes on to the next one at which any two of k + 1 weights on different levels could
/// meet: all between have more than k levels, too. That takes long for weights in clusters far from 0, on
/// levels by the million, whose places on the grid alternate with every small change of δ: for them, a δ that
/// is small enough.
double smallestStep(std::span<const double> values, std::size_t k)
{
    double step = tooSmall(values, k);
    for (int round = 0;; ++round) {
        const auto apart = pillars(values, step, k);
        if (apart.size() <= k)
            return step;
        double next = kInfinity;
        for (std::size_t j = 1; j < apart.size(); ++j)
            next = std::min(next, joined(apart[j - 1], apart[j], step));
        step = round < kExactRounds ? next : std::max(next, step * (1 + kCoarseGrowth));
    }
}

QuantizedWeights quantizeUniform(std::span<const float> weights, const QuantizerOptions &options)
{
    const SortedWeights sorted{weights};
    std::vector<double> values(sorted.ascending().begin(), sorted.ascending().end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    const auto k = static_cast<std::size_t>(options.k);
    const double step = values.size() > k ? smallestStep(values, k) : 0; // few values stay as they are: the limit δ → 0
    std::vector<WeightCell> cells;
    for (std::size_t from = 0; from < values.size();) {
        const std::size_t to = step > 0 ? levelEnd(values, from, step) : from + 1;
        const std::size_t begin = cells.empty() ? 0 : cells.back().to;
        cells.push_back({begin, sorted.countUpTo(values[to - 1]), step > 0 ? step * signedLevel(values[from], step) : values[from]});
        from = to;
    }
    return fromCells(weights, sorted, cells);
}

} // namespace

const QuantizerSpec registry::kUniform{
    .name = "uniform",
    .formula = "δ round(w/δ)",
    .help = "A uniform grid through 0 with the smallest step δ that leaves at most k different values.",
    .keepsZero = true,
    .quantize = quantizeUniform};

} // namespace engine
