// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/quantizers/quantizer.h"
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

/// What tests of post-training quantizers have in common.
namespace support {

using Weights = std::vector<float>;

inline Weights gaussian(std::size_t n, unsigned seed, float scale = 1, float mean = 0)
{
    std::mt19937 generator{seed};
    std::normal_distribution<float> normal{mean, scale};
    Weights weights(n);
    std::ranges::generate(weights, [&] { return normal(generator); });
    return weights;
}

inline engine::QuantizedWeights quantized(const char *method, const Weights &weights, const engine::QuantizerOptions &options)
{
    auto result = quantize(*engine::findQuantizer(method), weights, options);
    if (!result)
        qFatal("%s", result.error().text.c_str());
    return *std::move(result);
}

inline Weights valuesOf(const engine::QuantizedWeights &q)
{
    Weights values(q.codes.size());
    std::ranges::transform(q.codes, values.begin(), [&](engine::CodeIndex code) { return q.representatives.at(code); });
    return values;
}

inline double squaredError(const Weights &weights, const engine::QuantizedWeights &q)
{
    const Weights values = valuesOf(q);
    double sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i)
        sum += (static_cast<double>(weights[i]) - values[i]) * (static_cast<double>(weights[i]) - values[i]);
    return sum;
}

/// What every quantizer promises, whatever the weights.
inline void checkPromises(const engine::QuantizedWeights &q, std::size_t n, int k, bool mayHaveEmptyZero = false)
{
    QCOMPARE(q.codes.size(), n);
    QVERIFY(!q.representatives.empty() && q.representatives.size() <= static_cast<std::size_t>(k));
    QVERIFY(std::ranges::all_of(q.representatives, [](float r) { return std::isfinite(r); }));
    QVERIFY(std::ranges::adjacent_find(q.representatives, std::greater_equal{}) == q.representatives.end());
    std::vector<std::uint64_t> occupancy(q.representatives.size());
    for (const engine::CodeIndex code : q.codes)
        ++occupancy.at(code);
    QVERIFY(occupancy == q.occupancy);
    for (std::size_t j = 0; j < occupancy.size(); ++j)
        QVERIFY(occupancy[j] > 0 || (mayHaveEmptyZero && q.representatives[j] == 0.0f));
}

inline constexpr const char *kQuantizers[] = {"uniform", "kmeans", "probabilistic", "entropy-constrained"};

} // namespace support
