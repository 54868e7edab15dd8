// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/quantizers/quantizer.h"
#include <span>
#include <vector>

namespace engine {

/// Weights in ascending order, with the sums over any run of them at hand: the rounds of a quantizer whose
/// cells are runs then take k log n, not n. Requires: finite weights, at least one.
class SortedWeights {
public:
    explicit SortedWeights(std::span<const float> weights);

    std::size_t size() const noexcept { return m_ascending.size(); }
    std::span<const float> ascending() const noexcept { return m_ascending; }
    std::size_t countUpTo(double border) const noexcept; ///< how many weights are at most `border`
    double mean(std::size_t from, std::size_t to) const;   ///< of weights [from, to); requires from < to
    double spread(std::size_t from, std::size_t to) const; ///< Σ (w − mean)² over them
    double variance() const { return spread(0, size()) / static_cast<double>(size()); }

private:
    std::vector<float> m_ascending;
    double m_origin;                     // the sums are relative to it, so that differences keep their digits
    std::vector<double> m_sum, m_square; // (n + 1) of the first so many
};

/// Weights [from, to) in ascending order, which become `value`.
struct WeightCell {
    std::size_t from = 0, to = 0;
    double value = 0;
    std::size_t count() const noexcept { return to - from; }
    bool operator==(const WeightCell &) const = default;
};

/// The cells of weights for which r_j with the cost c_j is the cheapest: argmin_j (w − r_j)² + c_j, with the
/// lower index on a border. Cells without weights are left out. Requires: ascending values, as many costs.
std::vector<WeightCell> cheapestCells(const SortedWeights &sorted, std::span<const double> values, std::span<const double> costs);
/// Moves the value of each to the mean of its weights.
void moveToMeans(const SortedWeights &sorted, std::span<WeightCell> cells);
/// The codebook and codes that cells stand for; cells whose values are the same float become one. Requires:
/// cells that hold all weights, none of them empty, with ascending values.
QuantizedWeights fromCells(std::span<const float> weights, const SortedWeights &sorted, std::span<const WeightCell> cells);

} // namespace engine
