// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/thinning.h"
#include <algorithm>
#include <utility>

namespace widgets {
namespace {

/// First place and one behind the last of what can be seen, with a neighbour on either side.
std::pair<std::size_t, std::size_t> visible(std::span<const double> steps, double low, double high)
{
    auto first = static_cast<std::size_t>(std::ranges::lower_bound(steps, low) - steps.begin());
    auto end = static_cast<std::size_t>(std::ranges::upper_bound(steps, high) - steps.begin());
    first -= first > 0;
    end += end < steps.size();
    return {first, std::max(first, end)};
}

} // namespace

Series thinned(const Series &series, double low, double high, std::size_t buckets)
{
    const auto [first, end] = visible(series.steps, low, high);
    Series result;
    const auto take = [&](std::size_t place) {
        result.steps.push_back(series.steps[place]);
        result.values.push_back(series.values[place]);
    };
    const std::size_t count = end - first;
    if (count <= 2 * buckets) {
        for (std::size_t place = first; place < end; ++place)
            take(place);
        return result;
    }
    for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
        const auto from = series.values.begin() + static_cast<std::ptrdiff_t>(first + bucket * count / buckets);
        const auto to = series.values.begin() + static_cast<std::ptrdiff_t>(first + (bucket + 1) * count / buckets);
        const auto [least, greatest] = std::minmax_element(from, to);
        const auto [one, other] = std::minmax({least - series.values.begin(), greatest - series.values.begin()});
        take(static_cast<std::size_t>(one));
        if (other != one)
            take(static_cast<std::size_t>(other));
    }
    if (result.steps.back() != series.steps[end - 1])
        take(end - 1);
    return result;
}

std::vector<std::size_t> evenPlaces(std::span<const double> steps, double low, double high, std::size_t most)
{
    const auto [first, end] = visible(steps, low, high);
    std::vector<std::size_t> places;
    const std::size_t count = end - first;
    if (count <= most) {
        for (std::size_t place = first; place < end; ++place)
            places.push_back(place);
        return places;
    }
    for (std::size_t i = 0; i < most; ++i)
        places.push_back(first + i * (count - 1) / (most - 1));
    return places;
}

} // namespace widgets
