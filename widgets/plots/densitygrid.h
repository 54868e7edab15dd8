// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/frame/history.h"
#include <cstdint>
#include <vector>

namespace widgets {

/// The weight density of one layer over the steps, on one grid although the samples' ranges differ and their steps are
/// not evenly spaced. Grows with the history: a call costs what has been added, except when the ranges must widen
/// (by a quarter each time, hence seldom) or the history was thinned.
class DensityGrid {
public:
    static constexpr int kColumns = 400, kRows = 200;
    static constexpr double kVisibleShare = 1e-4; ///< of a layer's weights; what the heat map's colours begin with

    /// Takes in what is new. Returns whether anything changed.
    bool update(const engine::History &history, engine::LayerId layer);
    void clear();

    bool empty() const noexcept { return m_columnsFilled == 0; }
    double stepHigh() const noexcept { return m_stepHigh; }   ///< columns cover 0 … stepHigh
    double valueLow() const noexcept { return m_valueLow; }   ///< rows cover valueLow … valueHigh
    double valueHigh() const noexcept { return m_valueHigh; }
    /// Share of the layer's weights in one cell of the grid, 0…1; a column sums to 1. Columns behind the newest sample
    /// are 0; a column that no sample falls into repeats the one before it.
    float share(int column, int row) const { return m_shares[static_cast<std::size_t>(column * kRows + row)]; }
    /// Range of the values that held a visible share of the weights in any sample, for the axis.
    double occupiedLow() const noexcept { return m_occupiedLow; }
    double occupiedHigh() const noexcept { return m_occupiedHigh; }
    int columnsFilled() const noexcept { return m_columnsFilled; }
    int rebuilds() const noexcept { return m_rebuilds; } ///< how often everything was computed anew

private:
    bool fits(const engine::History &history, engine::LayerId layer) const;
    void reset(const engine::History &history, engine::LayerId layer);
    void add(const engine::Sample &sample, engine::LayerId layer);

    std::vector<float> m_shares;  // (kColumns, kRows)
    std::vector<int> m_samplesIn; // (kColumns) samples averaged in each
    double m_stepHigh = 0, m_valueLow = 0, m_valueHigh = 0;
    double m_occupiedLow = 0, m_occupiedHigh = 0;
    int m_columnsFilled = 0, m_rebuilds = 0;
    std::size_t m_taken = 0;      // samples taken in
    engine::Step m_lastStep{};
    std::uint64_t m_revision = 0;
    engine::LayerId m_layer{};
};

} // namespace widgets
