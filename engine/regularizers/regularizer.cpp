// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/regularizers/regularizer.h"
#include "engine/codebooks/withoutgradient.h"
#include <cmath>

namespace engine {

RegularizerSums &RegularizerSums::operator+=(const RegularizerSums &other)
{
    nearest += other.nearest;
    energy += other.energy;
    squaredPull += other.squaredPull;
    for (std::size_t j = 0; j < slope.size(); ++j) {
        slope[j] += other.slope[j];
        mass[j] += other.mass[j];
    }
    return *this;
}

double standardDeviation(std::span<const float> weights)
{
    double count = 0, mean = 0, squares = 0; // Welford's recurrence: no cancellation
    for (const float weight : weights) {
        if (!std::isfinite(weight))
            continue;
        count += 1;
        const double away = static_cast<double>(weight) - mean;
        mean += away / count;
        squares += away * (static_cast<double>(weight) - mean);
    }
    return count > 1 ? std::sqrt(squares / count) : 0.0;
}

void Regularizer::measure(std::span<const float> weights, RegularizerSums &sums) const
{
    withoutGradient(weights, [&](std::span<const float> part, std::span<float> zeros) { pull(part, 0.0f, zeros, sums); });
}

} // namespace engine
