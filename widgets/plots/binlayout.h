// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/frame/frame.h"
#include <cstdint>
#include <vector>

namespace widgets {

/// One cell of a codebook: the values nearer to its representative than to any other.
struct Cell {
    double representative = 0;
    double low = 0, high = 0;   ///< decision boundaries; the outermost are −∞ and +∞
    std::size_t identity = 0;   ///< which trajectory, hence which colour
    std::uint64_t occupancy = 0;
    double share = 0;           ///< of the layer's weights, 0…1
    double mixing = engine::kNotMeasured; ///< π of soft-min, 0…1, where it is learnt
};

/// The numbers HistogramView draws, in plot coordinates.
struct BinLayout {
    std::vector<double> keys, counts; ///< outline of the latent histogram: bin centres, one empty bin on either side
    double binWidth = 0;
    double weights = 0;               ///< of the layer: what π = 1 would be as an occupancy
    std::vector<Cell> cells;          ///< (k) ascending
    std::size_t trajectories = 0;     ///< that there are colours for: k, and those dropped since
    double valueLow = -1, valueHigh = 1;    ///< range that shows every weight and representative with a margin
    double countHigh = 10;            ///< of the fullest bin, or 10 if all are empty
    double occupancyHigh = 10;        ///< of the fullest cell, or 10 if all are empty

    bool hasMixing() const noexcept { return !cells.empty() && cells.front().mixing > 0; }
    /// The cell that value belongs to, or null without cells. A tie goes to the lower one (method.md).
    const Cell *cellAt(double value) const;
};

/// Requires: nothing; an empty frame gives the defaults.
BinLayout layoutBins(const engine::LayerFrame &frame);

} // namespace widgets
