// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace engine {

/// Counts of values over equal bins. Cost is the same however the values are spread: nothing depends on how
/// many share a bin. The range is chosen by the owner and only ever grows; `rangeRevision` tells that it did.
struct Histogram {
    double low = 0, high = 0;          ///< range [low, high); bins are (high − low) / counts.size() wide
    std::vector<std::uint64_t> counts; ///< (bins)
    std::uint64_t underflow = 0, overflow = 0, notANumber = 0, infinite = 0;
    std::uint32_t rangeRevision = 0;   ///< how often the range was widened since the run began

    double binWidth() const noexcept { return counts.empty() ? 0.0 : (high - low) / static_cast<double>(counts.size()); }
    double centre(std::size_t bin) const noexcept { return low + (static_cast<double>(bin) + 0.5) * binWidth(); }
    std::vector<double> edges() const;           ///< (bins + 1)
    std::uint64_t total() const noexcept;        ///< all values seen, whatever became of them
    bool operator==(const Histogram &) const = default;
};

/// Counts `values` into `bins` equal bins of [low, high). Requires: bins >= 1, low < high.
Histogram countHistogram(std::span<const float> values, double low, double high, int bins);

/// Keeps the bin range of one layer over a run: starts 25 % wider than the first weights and grows by half
/// whenever a value falls outside.
class HistogramRange {
public:
    HistogramRange() = default;
    HistogramRange(double low, double high, std::uint32_t revision) : m_low{low}, m_high{high}, m_revision{revision} {}
    /// Widens the range as far as the finite extremes of `values` ask for, then counts.
    Histogram count(std::span<const float> values, int bins);
    double low() const noexcept { return m_low; }
    double high() const noexcept { return m_high; }
    std::uint32_t revision() const noexcept { return m_revision; }

private:
    double m_low = 0, m_high = 0;
    std::uint32_t m_revision = 0;
};

} // namespace engine
