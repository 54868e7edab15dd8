// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/codebooks/initialiser.h"
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>

namespace engine {
namespace {

constexpr std::size_t kBins = 4096;

struct Extremes { float least, most; bool any; };

Extremes finiteExtremes(std::span<const float> weights)
{
    float least = std::numeric_limits<float>::max();
    float most = std::numeric_limits<float>::lowest();
    for (const float w : weights) {
        if (!std::isfinite(w))
            continue;
        least = std::min(least, w);
        most = std::max(most, w);
    }
    return {least, most, least <= most};
}

/// k equally spaced values, ends included.
std::vector<float> spaced(float least, float most, int k)
{
    std::vector<float> codebook(static_cast<std::size_t>(k));
    for (int j = 0; j < k; ++j) {
        const double position = k == 1 ? 0.5 : static_cast<double>(j) / (k - 1);
        codebook[static_cast<std::size_t>(j)] = static_cast<float>(least + (static_cast<double>(most) - least) * position);
    }
    return codebook;
}

std::vector<float> linearCodebook(std::span<const float> weights, int k)
{
    const auto [least, most, any] = finiteExtremes(weights);
    return any ? spaced(least, most, k) : spaced(0.0f, 0.0f, k);
}

/// Puts the quantiles first … last of k into codebook; values[0, n) hold what lies between their neighbours.
void fillQuantiles(std::span<float> values, std::size_t below, std::size_t all, std::span<float> codebook, std::size_t first, std::size_t k)
{
    if (codebook.empty())
        return;
    const std::size_t middle = codebook.size() / 2, j = first + middle;
    const std::size_t rank = std::min(all - 1, (2 * j + 1) * all / (2 * k)); // of all values, counted from 0
    const std::size_t place = std::min(rank - std::min(rank, below), values.size() - 1);
    std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(place));
    codebook[middle] = values[place];
    fillQuantiles(values.first(place + 1), below, all, codebook.first(middle), first, k);
    fillQuantiles(values.subspan(place), below + place, all, codebook.subspan(middle + 1), j + 1, k);
}

std::vector<float> quantileCodebook(std::span<const float> weights, int k)
{
    std::vector<float> codebook(static_cast<std::size_t>(k), 0.0f);
    std::vector<float> finite;
    std::ranges::copy_if(weights, std::back_inserter(finite), [](float w) { return std::isfinite(w); });
    if (!finite.empty())
        fillQuantiles(finite, 0, finite.size(), codebook, 0, codebook.size());
    return codebook;
}

std::vector<float> percentileCodebook(std::span<const float> weights, int k)
{
    const auto quantiles = quantileCodebook(weights, 50); // medians of cells of 2 %: the first is at 1 %, the last at 99 %
    return spaced(quantiles.front(), quantiles.back(), k);
}

std::vector<float> uniformZeroCodebook(std::span<const float> weights, int k)
{
    const auto [least, most, any] = finiteExtremes(weights);
    std::vector<float> codebook(static_cast<std::size_t>(k), 0.0f);
    if (!any || k == 1)
        return codebook;
    const double reach = std::max(std::abs(static_cast<double>(least)), std::abs(static_cast<double>(most)));
    const int half = k / 2;                                     // levels on the longer side
    const int below = k % 2 == 1 || -static_cast<double>(least) >= most ? half : half - 1;
    for (int j = 0; j < k; ++j)
        codebook[static_cast<std::size_t>(j)] = static_cast<float>(reach * static_cast<double>(j - below) / half);
    return codebook;
}

/// Exact k-means over the non-empty bins, ascending; a bin counts with its number and mean of weights.
class BinnedKMeans {
public:
    BinnedKMeans(std::span<const float> weights, const Extremes &extremes);
    std::vector<double> solve(std::size_t k); // relative to the least weight, ascending

private:
    double mean(std::size_t from, std::size_t to) const;                     // of bins [from, to)
    double cost(std::size_t from, std::size_t to) const;                     // Σ (w − mean)² up to the spread inside bins
    void fillRow(std::size_t low, std::size_t high, std::size_t bestLow, std::size_t bestHigh);

    std::vector<double> m_count, m_sum, m_square;                            // prefix sums, (bins + 1)
    std::vector<double> m_previous, m_current;                               // least cost of the first b bins
    std::vector<std::uint32_t> m_split;                                      // where the last cell begins, one row
};

BinnedKMeans::BinnedKMeans(std::span<const float> weights, const Extremes &extremes)
{
    std::vector<double> count(kBins, 0), sum(kBins, 0);
    const double low = extremes.least;
    const double width = static_cast<double>(extremes.most) - low;
    const double scale = width > 0 ? static_cast<double>(kBins) / width : 0;
    for (const float w : weights) {
        if (!std::isfinite(w))
            continue;
        const auto bin = std::min(kBins - 1, static_cast<std::size_t>((w - low) * scale));
        count[bin] += 1;
        sum[bin] += w - low; // relative to the least weight: differences of the prefix sums keep their digits
    }
    m_count = m_sum = m_square = {0};
    for (std::size_t bin = 0; bin < kBins; ++bin) {
        if (count[bin] == 0)
            continue;
        m_count.push_back(m_count.back() + count[bin]);
        m_sum.push_back(m_sum.back() + sum[bin]);
        m_square.push_back(m_square.back() + sum[bin] * sum[bin] / count[bin]);
    }
}

double BinnedKMeans::mean(std::size_t from, std::size_t to) const
{
    return (m_sum[to] - m_sum[from]) / (m_count[to] - m_count[from]);
}

double BinnedKMeans::cost(std::size_t from, std::size_t to) const
{
    const double sum = m_sum[to] - m_sum[from];
    return std::max(0.0, m_square[to] - m_square[from] - sum * sum / (m_count[to] - m_count[from]));
}

void BinnedKMeans::fillRow(std::size_t low, std::size_t high, std::size_t bestLow, std::size_t bestHigh)
{
    if (low > high)
        return;
    const std::size_t middle = (low + high) / 2;
    double least = std::numeric_limits<double>::infinity();
    std::size_t best = bestLow;
    for (std::size_t split = bestLow; split <= std::min(bestHigh, middle - 1); ++split) {
        const double total = m_previous[split] + cost(split, middle);
        if (total < least) {
            least = total;
            best = split;
        }
    }
    m_current[middle] = least;
    m_split[middle] = static_cast<std::uint32_t>(best);
    fillRow(low, middle - 1, bestLow, best);
    fillRow(middle + 1, high, best, bestHigh);
}

std::vector<double> BinnedKMeans::solve(std::size_t k)
{
    const std::size_t bins = m_count.size() - 1;
    const std::size_t cells = std::min(k, bins);
    m_previous.assign(bins + 1, 0);
    for (std::size_t b = 1; b <= bins; ++b)
        m_previous[b] = cost(0, b);
    std::vector<std::vector<std::uint32_t>> splits;
    for (std::size_t cell = 2; cell <= cells; ++cell) {
        m_current.assign(bins + 1, std::numeric_limits<double>::infinity());
        m_split.assign(bins + 1, 0);
        fillRow(cell, bins, cell - 1, bins - 1);
        splits.push_back(m_split);
        std::swap(m_previous, m_current);
    }
    std::vector<double> means;
    std::size_t end = bins;
    for (std::size_t cell = cells; cell >= 1; --cell) {
        const std::size_t begin = cell == 1 ? 0 : splits[cell - 2][end];
        means.push_back(mean(begin, end));
        end = begin;
    }
    std::ranges::reverse(means);
    return means;
}

std::vector<float> kMeansCodebook(std::span<const float> weights, int k)
{
    const Extremes extremes = finiteExtremes(weights);
    if (!extremes.any)
        return std::vector<float>(static_cast<std::size_t>(k), 0.0f);
    std::vector<float> codebook;
    for (const double mean : BinnedKMeans{weights, extremes}.solve(static_cast<std::size_t>(k)))
        codebook.push_back(static_cast<float>(extremes.least + mean));
    codebook.resize(static_cast<std::size_t>(k), codebook.back()); // fewer distinct weights than k
    return codebook;
}

} // namespace

std::vector<float> initialCodebook(Initialiser kind, std::span<const float> weights, int k)
{
    switch (kind) {
    case Initialiser::Linear: return linearCodebook(weights, k);
    case Initialiser::Percentile: return percentileCodebook(weights, k);
    case Initialiser::Quantile: return quantileCodebook(weights, k);
    case Initialiser::UniformZero: return uniformZeroCodebook(weights, k);
    case Initialiser::KMeans: break;
    }
    return kMeansCodebook(weights, k);
}

} // namespace engine
