// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quantizers/quantizer.h"
#include "engine/core/ids.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace engine {
namespace {


Result<void> check(std::span<const float> weights, const QuantizerOptions &options)
{
    const bool prunes = options.prune > 0;
    if (!(options.prune >= 0 && options.prune <= 100))
        return fail(ErrorCode::BadValue, fmt::format("Pruning: expected 0 to 100 per cent of the weights, found {}.", options.prune));
    if (options.k < (prunes ? 2 : 1) || options.k > kMaxRepresentatives)
        return fail(ErrorCode::BadValue,
                    fmt::format("Quantization: expected a k from {} to {}{}, found {}.", prunes ? 2 : 1, kMaxRepresentatives,
                                prunes ? ", one of them the 0 of pruned weights" : "", options.k));
    if (options.mu && !(std::isfinite(*options.mu) && *options.mu >= 0))
        return fail(ErrorCode::BadValue, fmt::format("Quantization: expected a μ of at least 0, found {}.", *options.mu));
    if (weights.empty())
        return fail(ErrorCode::BadValue, "Quantization: expected at least one weight, found none.");
    const auto bad = std::ranges::find_if(weights, [](float w) { return !std::isfinite(w); });
    if (bad != weights.end())
        return fail(ErrorCode::NotFinite,
                    fmt::format("Quantization: expected finite weights, found {} as number {}.", *bad, bad - weights.begin()));
    return {};
}

/// Magnitude below which weights are pruned.
float pruningThreshold(std::span<const float> weights, double percent)
{
    const auto pruned = static_cast<std::size_t>(std::floor(percent / 100 * static_cast<double>(weights.size())));
    if (pruned >= weights.size())
        return std::numeric_limits<float>::infinity();
    std::vector<float> magnitudes(weights.size());
    std::ranges::transform(weights, magnitudes.begin(), [](float w) { return std::abs(w); });
    std::ranges::nth_element(magnitudes, magnitudes.begin() + static_cast<std::ptrdiff_t>(pruned));
    return magnitudes[pruned];
}

/// Makes 0 one of the representatives and gives its code.
CodeIndex insertZero(QuantizedWeights &quantized)
{
    auto &values = quantized.representatives;
    const auto place = std::ranges::lower_bound(values, 0.0f);
    const auto zero = static_cast<CodeIndex>(place - values.begin());
    if (place != values.end() && *place == 0.0f)
        return zero;
    values.insert(place, 0.0f);
    quantized.occupancy.insert(quantized.occupancy.begin() + zero, 0);
    for (CodeIndex &code : quantized.codes)
        code = code >= zero ? static_cast<CodeIndex>(code + 1) : code;
    return zero;
}

QuantizedWeights quantizePruned(const QuantizerSpec &method, std::span<const float> weights, QuantizerOptions options)
{
    const float threshold = pruningThreshold(weights, options.prune);
    const auto isPruned = [threshold](float w) { return w == 0.0f || std::abs(w) < threshold; };
    std::vector<float> left;
    for (const float w : weights) {
        if (!isPruned(w))
            left.push_back(w);
        else if (method.keepsZero)
            left.push_back(0.0f); // beside the others that it makes 0
    }
    const bool zeroIsAmongThem = method.keepsZero && std::ranges::any_of(weights, isPruned);
    options.k -= zeroIsAmongThem ? 0 : 1;
    QuantizedWeights quantized = left.empty() ? QuantizedWeights{} : method.quantize(left, options);
    const CodeIndex zero = insertZero(quantized);
    if (zeroIsAmongThem)
        return quantized;
    std::vector<CodeIndex> codes;
    codes.reserve(weights.size());
    auto next = quantized.codes.begin();
    for (const float w : weights)
        codes.push_back(isPruned(w) ? zero : *next++);
    quantized.occupancy[zero] += weights.size() - left.size();
    quantized.codes = std::move(codes);
    return quantized;
}

} // namespace

Result<QuantizedWeights> quantize(const QuantizerSpec &method, std::span<const float> weights, const QuantizerOptions &options)
{
    if (auto good = check(weights, options); !good)
        return std::unexpected(good.error());
    return options.prune > 0 ? quantizePruned(method, weights, options) : method.quantize(weights, options);
}

} // namespace engine
