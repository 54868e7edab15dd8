// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/frame/histogram.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace engine {

std::vector<double> Histogram::edges() const
{
    std::vector<double> result(counts.size() + 1);
    for (std::size_t bin = 0; bin < counts.size(); ++bin)
        result[bin] = low + static_cast<double>(bin) * binWidth();
    result.back() = high;
    return result;
}

std::uint64_t Histogram::total() const noexcept
{
    return std::accumulate(counts.begin(), counts.end(), underflow + overflow + notANumber + infinite);
}

Histogram countHistogram(std::span<const float> values, double low, double high, int bins)
{
    // Several interleaved tables: neighbours that fall into the same bin then do not wait for each other's store,
    // so that collapsed weights cost what spread ones cost.
    constexpr std::size_t kTables = 4;
    const auto width = static_cast<std::size_t>(bins) + 4; // bins, then underflow, overflow, NaN, Inf
    std::vector<std::uint32_t> tables(kTables * width, 0);
    const auto scale = static_cast<float>(bins / (high - low));
    const auto base = static_cast<float>(low);
    const auto last = static_cast<float>(bins);
    auto slotOf = [&](float value) -> std::size_t {
        const float position = (value - base) * scale;
        if (position >= 0.0f && position < last) [[likely]]
            return static_cast<std::size_t>(position);
        const auto extra = static_cast<std::size_t>(bins);
        if (std::isnan(value))
            return extra + 2;
        if (std::isinf(value))
            return extra + 3;
        return position < 0.0f ? extra : extra + 1;
    };
    for (std::size_t i = 0; i < values.size(); ++i)
        ++tables[(i % kTables) * width + slotOf(values[i])];

    Histogram histogram;
    histogram.low = low;
    histogram.high = high;
    histogram.counts.resize(static_cast<std::size_t>(bins));
    auto sum = [&](std::size_t slot) {
        std::uint64_t total = 0;
        for (std::size_t table = 0; table < kTables; ++table)
            total += tables[table * width + slot];
        return total;
    };
    for (std::size_t bin = 0; bin < histogram.counts.size(); ++bin)
        histogram.counts[bin] = sum(bin);
    histogram.underflow = sum(histogram.counts.size());
    histogram.overflow = sum(histogram.counts.size() + 1);
    histogram.notANumber = sum(histogram.counts.size() + 2);
    histogram.infinite = sum(histogram.counts.size() + 3);
    return histogram;
}

Histogram HistogramRange::count(std::span<const float> values, int bins)
{
    float least = std::numeric_limits<float>::infinity();
    float most = -least;
    for (const float value : values) {
        if (!std::isfinite(value))
            continue;
        least = std::min(least, value);
        most = std::max(most, value);
    }
    if (least > most)
        least = most = 0.0f; // no finite value at all
    const bool first = !(m_low < m_high);
    if (first) {
        const double middle = (static_cast<double>(least) + most) / 2;
        double half = 1.25 * (static_cast<double>(most) - least) / 2;
        if (!(half > 1e-6 * std::max(1.0, std::abs(middle))))
            half = std::max(1e-3, 0.1 * std::abs(middle));
        m_low = middle - half;
        m_high = middle + half;
    }
    for (bool grown = true; grown && !first;) {
        const double half = (m_high - m_low) / 2;
        grown = false;
        if (least < m_low) {
            m_low -= half;
            grown = true;
        }
        if (most >= m_high) {
            m_high += half;
            grown = true;
        }
        m_revision += grown ? 1 : 0;
    }
    Histogram histogram = countHistogram(values, m_low, m_high, bins);
    histogram.rangeRevision = m_revision;
    return histogram;
}

} // namespace engine
