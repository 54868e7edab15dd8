// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/codebooks/codebookshape.h"
#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

namespace engine {
namespace {

using Values = std::vector<double>;

std::size_t nearestToZero(const Values &r)
{
    return static_cast<std::size_t>(std::ranges::min_element(r, {}, [](double value) { return std::abs(value); }) - r.begin());
}

void makeSymmetric(Values &r, Values &mass)
{
    const std::size_t k = r.size();
    for (std::size_t j = 0; j < (k + 1) / 2; ++j) {
        const std::size_t mirror = k - 1 - j;
        const double both = mass[j] + mass[mirror];
        const double value = j == mirror ? 0.0 : both > 0 ? (mass[j] * r[j] - mass[mirror] * r[mirror]) / both : 0.5 * (r[j] - r[mirror]);
        r[j] = std::min(0.0, value);
        r[mirror] = -r[j];
        mass[j] = mass[mirror] = 0.5 * both;
    }
    std::sort(r.begin(), r.begin() + static_cast<std::ptrdiff_t>(k / 2)); // pairs of unequal weight may have passed each other
    for (std::size_t j = 0; j < k / 2; ++j)
        r[k - 1 - j] = -r[j];
}

/// The line r_j = value + step (j − index) through the point that the shape gives, or through the weighted mean.
void makeGrid(Values &r, const Values &mass, const CodebookShape &shape)
{
    double all = 0, index = 0, value = 0;
    if (shape.isSymmetric) {
        index = 0.5 * static_cast<double>(r.size() - 1);
    } else if (shape.hasZero) {
        index = static_cast<double>(nearestToZero(r));
    } else {
        for (std::size_t j = 0; j < r.size(); ++j) {
            all += mass[j];
            index += mass[j] * static_cast<double>(j);
            value += mass[j] * r[j];
        }
        index /= all;
        value /= all;
    }
    double together = 0, square = 0;
    for (std::size_t j = 0; j < r.size(); ++j) {
        const double away = static_cast<double>(j) - index;
        together += mass[j] * away * (r[j] - value);
        square += mass[j] * away * away;
    }
    const double step = square > 0 ? std::max(0.0, together / square) : 0.0;
    for (std::size_t j = 0; j < r.size(); ++j)
        r[j] = value + step * (static_cast<double>(j) - index);
}

} // namespace

void project(const CodebookShape &shape, std::span<float> representatives, std::span<const double> mass)
{
    assert(representatives.size() == mass.size() && std::ranges::is_sorted(representatives));
    if (shape == CodebookShape{} || representatives.empty())
        return;
    Values r(representatives.begin(), representatives.end()), weight(mass.begin(), mass.end());
    if (std::ranges::count_if(weight, [](double m) { return m > 0; }) < 2) // a line needs two points
        std::ranges::fill(weight, 1.0);
    if (shape.isSymmetric)
        makeSymmetric(r, weight);
    if (shape.isGrid && r.size() > 1)
        makeGrid(r, weight, shape);
    else if (shape.hasZero)
        r[nearestToZero(r)] = 0.0;
    std::ranges::transform(r, representatives.begin(), [](double value) { return static_cast<float>(value); });
}

} // namespace engine
