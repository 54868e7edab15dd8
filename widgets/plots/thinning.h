// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace widgets {

/// Points of one curve, ascending by step. A NaN value breaks the line.
struct Series {
    std::vector<double> steps, values;
};

// Drawing a wide line costs microseconds a point, so long runs are drawn with fewer points than they have.

/// The points with steps in low … high and one more on either side; if they are more than 2 · buckets, the least and
/// the greatest of each bucket, so that no spike is lost. Requires: buckets >= 1.
Series thinned(const Series &series, double low, double high, std::size_t buckets);

/// Places in `steps` (ascending) that lie in low … high and one more on either side, at most `most` + 2 of them, evenly
/// spaced, always with the first and the last: for smooth lines. Requires: most >= 2.
std::vector<std::size_t> evenPlaces(std::span<const double> steps, double low, double high, std::size_t most);

} // namespace widgets
