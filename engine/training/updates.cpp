// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/training/updates.h"
#include "engine/core/vectors.h"
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>

namespace engine {

CONDENSATE_CLONES
void sgdStep(std::span<float> weights, std::span<const float> gradient, std::span<float> velocity, SgdRates rates)
{
    float *w = weights.data();
    const float *g = gradient.data();
    float *v = velocity.data();
    for (std::size_t line = 0; line < weights.size(); line += kFloatsPerCacheLine) {
        __builtin_prefetch(w + line + kPrefetchAhead, 1);
        __builtin_prefetch(g + line + kPrefetchAhead);
        __builtin_prefetch(v + line + kPrefetchAhead, 1);
        const std::size_t end = std::min(line + kFloatsPerCacheLine, weights.size());
        for (std::size_t i = line; i < end; ++i) {
            const float slope = g[i] + rates.decay * w[i];
            const float speed = rates.momentum * v[i] + slope;
            v[i] = speed;
            w[i] -= rates.rate * (slope + rates.momentum * speed);
        }
    }
}

CONDENSATE_CLONES
void adamStep(std::span<float> weights, std::span<const float> gradient, std::span<float> first, std::span<float> second,
              AdamRates rates)
{
    const auto step = static_cast<double>(rates.step);
    const auto scale = static_cast<float>(rates.rate / (1.0 - std::pow(rates.beta1, step)));
    const auto widen = static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(rates.beta2, step)));
    const float keep = 1.0f - rates.rate * rates.decay;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const float g = gradient[i];
        first[i] = rates.beta1 * first[i] + (1.0f - rates.beta1) * g;
        second[i] = rates.beta2 * second[i] + (1.0f - rates.beta2) * g * g;
        weights[i] = weights[i] * keep - scale * first[i] / (std::sqrt(second[i]) * widen + rates.epsilon);
    }
}

CONDENSATE_CLONES
float largestMagnitude(std::span<const float> values)
{
    const auto bitsOf = [](float value) { return std::bit_cast<std::uint32_t>(value) & 0x7fffffffu; }; // without the sign
    const float *from = values.data();
    std::array<std::uint32_t, kFloatsPerCacheLine> largest{}; // magnitudes are in the order of their bits, NaNs above all
    std::size_t begin = 0;
    for (; begin + kFloatsPerCacheLine <= values.size(); begin += kFloatsPerCacheLine) {
        __builtin_prefetch(from + begin + kPrefetchAhead);
#pragma omp simd
        for (std::size_t i = 0; i < kFloatsPerCacheLine; ++i)
            largest[i] = std::max(largest[i], bitsOf(from[begin + i]));
    }
    for (; begin < values.size(); ++begin)
        largest[0] = std::max(largest[0], bitsOf(from[begin]));
    return std::bit_cast<float>(*std::ranges::max_element(largest));
}

} // namespace engine
