// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/snapshotcheck.h"
#include "engine/storage/snapshotschema.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <optional>
#include <set>

namespace engine {
namespace {

template <typename... Values>
std::unexpected<Error> bad(fmt::format_string<Values...> text, Values &&...values)
{
    return fail(ErrorCode::BadFormat, fmt::format(text, std::forward<Values>(values)...));
}

Result<void> checkName(const std::string &name, std::string_view what)
{
    if (name.empty() || name.find('\0') != std::string::npos)
        return bad("{}: expected a name without zero bytes, found \"{}\"", what, name.c_str());
    return {};
}

Result<void> checkInfo(const LayerInfo &info, const std::string &where)
{
    if (auto named = checkName(info.name, where); !named)
        return named;
    const auto weights = weightCount(info.shape);
    if (info.shape.empty() || info.shape.size() > kMaxDimensions || !weights || *weights == 0 || *weights != info.weightCount)
        return bad("{}: expected a shape of {} weights, found {}", where, info.weightCount, fmt::join(info.shape, " × "));
    return {};
}

Result<void> checkCodebook(const StoredNetwork::Layer &stored, const Checkpoint::Layer &layer, const std::string &where)
{
    const auto k = stored.representatives.size();
    if (k < 1 || k > kMaxRepresentatives)
        return bad("{}: expected 1 to {} representatives, found {}", where, kMaxRepresentatives, k);
    if (!std::ranges::all_of(stored.representatives, [](float r) { return std::isfinite(r); })
        || !std::ranges::is_sorted(stored.representatives))
        return bad("{}: expected finite representatives in ascending order", where);
    if (layer.trajectories < k || layer.trajectories > kMaxRepresentatives)
        return bad("{}: expected {} to {} trajectories, found {}", where, k, kMaxRepresentatives, layer.trajectories);
    const std::set<std::uint16_t> identities(layer.identity.begin(), layer.identity.end());
    if (layer.identity.size() != k || identities.size() != k || *identities.rbegin() >= layer.trajectories)
        return bad("{}: expected {} different identities from 0 to {}", where, k, layer.trajectories - 1);
    if (!layer.mixing.empty()) {
        const double sum = std::accumulate(layer.mixing.begin(), layer.mixing.end(), 0.0);
        if (layer.mixing.size() != k || !std::ranges::all_of(layer.mixing, [](double share) { return share > 0; }) ||
            !(std::abs(sum - 1.0) < 1e-6))
            return bad("{}: expected {} mixing proportions above 0 that add up to 1, found {} that add up to {}", where, k,
                       layer.mixing.size(), sum);
    }
    const auto largest = std::ranges::max(stored.assignment);
    if (largest >= k)
        return bad("{}: expected codes below k = {}, found {}", where, k, largest);
    return {};
}

Result<void> checkHistogram(const Histogram &histogram, const std::string &where)
{
    if (histogram.counts.size() > kMaxHistogramBins)
        return bad("{}: expected at most {} histogram bins, found {}", where, kMaxHistogramBins, histogram.counts.size());
    if (!std::isfinite(histogram.low) || !std::isfinite(histogram.high) || histogram.low > histogram.high)
        return bad("{}: expected an ascending histogram range, found {} to {}", where, histogram.low, histogram.high);
    return {};
}

Result<void> checkHistory(const SnapshotData &data)
{
    const auto &samples = data.run.history.samples();
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const auto &sample = samples[i];
        if (i > 0 && sample.step <= samples[i - 1].step)
            return bad("series: expected ascending steps, found {} after {}", count(sample.step), count(samples[i - 1].step));
        if (sample.stage > Stage::Finished)
            return bad("series: expected stages 0 to 4, found {}", static_cast<int>(sample.stage));
        if (sample.layers.size() != data.training.layers.size())
            return bad("series at step {}: expected {} layers, found {}", count(sample.step), data.training.layers.size(),
                       sample.layers.size());
        for (std::size_t l = 0; l < sample.layers.size(); ++l) {
            const auto &layer = sample.layers[l];
            const auto trajectories = data.training.layers[l].trajectories;
            if (layer.representatives.size() != trajectories || layer.density.size() != kDensityBins)
                return bad("series of layer {} at step {}: expected {} representatives and {} density bins, found {} and {}",
                           data.run.description.layers[l].name, count(sample.step), trajectories, kDensityBins,
                           layer.representatives.size(), layer.density.size());
        }
    }
    return {};
}

Result<void> checkArrays(std::span<const NamedArray> arrays, std::set<std::string_view> &names)
{
    for (const auto &array : arrays) {
        if (auto named = checkName(array.name, "state"); !named)
            return named;
        if (!names.insert(array.name).second)
            return bad("state: expected one array called {}, found two", array.name);
        const auto values = weightCount(array.shape);
        if (array.shape.size() > kMaxDimensions || !values || array.bytes.size() / schema::sizeOf(array.type) != *values
            || array.bytes.size() % schema::sizeOf(array.type) != 0)
            return bad("state {}: expected {} values, found {} bytes", array.name, fmt::join(array.shape, " × "),
                       array.bytes.size());
    }
    return {};
}

Result<void> checkFloatLayers(const RunDescription &description)
{
    std::uint64_t before = 0;
    if (description.floatLayers.size() > kMaxLayers)
        return bad("float layers: expected at most {}, found {}", kMaxLayers, description.floatLayers.size());
    for (const auto &layer : description.floatLayers) {
        const auto where = fmt::format("float layer \"{}\"", layer.info.name.c_str());
        if (auto good = checkInfo(layer.info, where); !good)
            return good;
        if (layer.quantizedBefore < before || layer.quantizedBefore > description.layers.size())
            return bad("{}: expected {} to {} quantized layers before it, found {}", where, before, description.layers.size(),
                       layer.quantizedBefore);
        before = layer.quantizedBefore;
    }
    return {};
}

} // namespace

std::optional<std::uint64_t> weightCount(std::span<const std::int64_t> shape) noexcept
{
    std::uint64_t result = 1;
    for (const auto extent : shape)
        if (extent < 0 || __builtin_mul_overflow(result, static_cast<std::uint64_t>(extent), &result))
            return std::nullopt;
    return result;
}

Result<void> checkLayer(const SnapshotData &data, std::size_t position)
{
    const LayerInfo &info = data.run.description.layers[position];
    const StoredNetwork::Layer &stored = data.network.layers[position];
    const Checkpoint::Layer &layer = data.training.layers[position];
    const auto where = fmt::format("layer {} \"{}\"", position, info.name.c_str());
    if (index(info.id) != position)
        return bad("{}: expected number {}, found {}", where, position, index(info.id));
    if (auto good = checkInfo(info, where); !good)
        return good;
    if (layer.weights.size() != info.weightCount || stored.assignment.size() != info.weightCount)
        return bad("{}: expected {} weights and codes, found {} and {}", where, info.weightCount, layer.weights.size(),
                   stored.assignment.size());
    if (auto good = checkCodebook(stored, layer, where); !good)
        return good;
    if (!(std::isfinite(layer.sigma) && layer.sigma >= 0))
        return bad("{}: expected a standard deviation of at least 0, found {}", where, layer.sigma);
    return checkHistogram(layer.histogram, where);
}

Result<void> checkSnapshot(const SnapshotData &data)
{
    const auto layers = data.run.description.layers.size();
    if (layers > kMaxLayers || data.network.layers.size() != layers || data.training.layers.size() != layers)
        return bad("layers: the description has {}, the network {}, its training {}", layers, data.network.layers.size(),
                   data.training.layers.size());
    if (data.run.stage > Stage::Finished)
        return bad("stage: expected 0 to 4, found {}", static_cast<int>(data.run.stage));
    for (std::size_t l = 0; l < layers; ++l) {
        if (auto good = checkLayer(data, l); !good)
            return good;
    }
    if (auto good = checkFloatLayers(data.run.description); !good)
        return good;
    if (data.network.module.size() > kMaxModuleBytes)
        return bad("module: expected at most {} bytes, found {}", kMaxModuleBytes, data.network.module.size());
    if (auto good = checkHistory(data); !good)
        return good;
    std::set<std::string_view> names;
    if (auto good = checkArrays(data.network.arrays, names); !good)
        return good;
    return checkArrays(data.training.arrays, names);
}

} // namespace engine
