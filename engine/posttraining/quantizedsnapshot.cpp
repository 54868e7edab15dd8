// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/posttraining/quantizedsnapshot.h"
#include "engine/core/layerrules.h"
#include "engine/core/random.h"
#include "engine/codebooks/scope.h"
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <numeric>

namespace engine {
namespace {

/// Ranges of channels become the layer that they divided: they follow each other, and channels are the
/// slowest dimension.
void joinRanges(SnapshotData &data)
{
    std::vector<LayerState> joined;
    for (LayerState &layer : data.layers) {
        const std::string name{withoutChannels(layer.info.name)};
        if (!joined.empty() && joined.back().info.name == name) {
            LayerState &whole = joined.back();
            whole.info.shape.front() += layer.info.shape.front();
            whole.info.weightCount += layer.info.weightCount;
            whole.weights.insert(whole.weights.end(), layer.weights.begin(), layer.weights.end());
            continue;
        }
        layer.info.name = name;
        layer.info.id = LayerId{static_cast<std::uint16_t>(joined.size())};
        joined.push_back(std::move(layer));
    }
    data.layers = std::move(joined);
    data.description.layers.clear();
    for (const LayerState &layer : data.layers)
        data.description.layers.push_back(layer.info);
}

/// Of the rules for single layers, which of them stay float.
std::string floatRules(const Settings &settings, int k)
{
    const auto rules = parseLayerRules(settings.text(ParameterId::Layers)).value_or(std::vector<LayerRule>{});
    if (std::ranges::none_of(rules, &LayerRule::isFloat))
        return {};
    std::vector<std::string> parts;
    for (const LayerRule &rule : rules) // those behind a float one may take it back
        parts.push_back(rule.isFloat ? rule.pattern + ":float"
                                     : fmt::format("{}:{}={}", rule.pattern, spec(ParameterId::CodebookSize).key, k));
    return fmt::format("{}", fmt::join(parts, "; "));
}

Result<Settings> settingsFor(const Settings &source, const PostTrainingOptions &options)
{
    using enum ParameterId;
    Settings settings = source;
    const std::pair<ParameterId, ParameterValue> changes[] = {
        {CodebookSize, std::int64_t{options.quantizer.k}},
        {Scope, std::string{options.isUnified ? "unified" : "layer"}},
        {Layers, floatRules(source, options.quantizer.k)},
        {Forward, std::string{"snapped"}},
        {Regularizer, std::string{"nearest-l2"}},
        {Mixing, std::string{"uniform"}},
        {Entropy, 0.0},
        {Repulsion, 0.0},
        {PinZero, std::string{options.quantizer.prune > 0 ? "on" : "off"}},
        {Symmetric, std::string{"off"}},
        {Dead, std::string{"keep"}},
        {Epochs, std::int64_t{std::max(1, options.fineTuningEpochs)}},
        {WarmupShare, 0.0},
        {CommitShare, 1.0},
    };
    for (const auto &[id, value] : changes) {
        if (auto set = settings.set(id, value); !set)
            return std::unexpected(set.error());
    }
    return settings;
}

std::string namesOf(const SnapshotData &data, std::span<const std::size_t> sharers)
{
    const std::string &first = data.layers[sharers.front()].info.name;
    return sharers.size() == 1 ? first : fmt::format("{} and the {} layers that share its codebook", first, sharers.size() - 1);
}

Result<void> quantizeTogether(SnapshotData &data, std::span<const std::size_t> sharers, const PostTrainingOptions &options)
{
    std::vector<float> pooled;
    for (const auto layer : sharers)
        pooled.insert(pooled.end(), data.layers[layer].weights.begin(), data.layers[layer].weights.end());
    QuantizerOptions own = options.quantizer;
    own.seed = SplitMix64{own.seed, sharers.front()}.next(); // codebooks draw independently of each other
    const auto quantized = quantize(*options.method, pooled, own);
    if (!quantized)
        return fail(quantized.error().code, fmt::format("{}: {}", namesOf(data, sharers), quantized.error().text));
    auto code = quantized->codes.begin();
    for (const auto sharer : sharers) {
        LayerState &layer = data.layers[sharer];
        layer.representatives = quantized->representatives;
        layer.trajectories = layer.representatives.size();
        layer.identity.resize(layer.trajectories);
        std::iota(layer.identity.begin(), layer.identity.end(), std::uint16_t{0});
        layer.mixing.clear();
        layer.lambdaOverride.reset();
        layer.assignment.assign(code, code + static_cast<std::ptrdiff_t>(layer.weights.size()));
        code += static_cast<std::ptrdiff_t>(layer.weights.size());
        std::ranges::transform(layer.assignment, layer.weights.begin(), [&](CodeIndex c) { return layer.representatives[c]; });
    }
    return {};
}

void forgetTraining(SnapshotData &data, int commitEpochs)
{
    for (NamedArray &array : data.state) {
        if (array.name.starts_with("optimizer/"))
            std::ranges::fill(array.bytes, std::byte{0});
    }
    data.description.warmupSteps = data.description.clusterSteps = 0;
    data.description.commitSteps = static_cast<std::uint64_t>(commitEpochs) * data.description.stepsPerEpoch;
    data.step = Step{0};
    data.stage = Stage::Commit;
    data.codebooksAreLive = true;
    data.history = History{data.history.capacity()};
    data.latentTestAccuracy.reset();
    data.snappedTestAccuracy.reset();
}

} // namespace

Result<SnapshotData> quantizedSnapshot(SnapshotData source, const PostTrainingOptions &options)
{
    auto settings = settingsFor(source.description.settings, options);
    if (!settings)
        return std::unexpected(settings.error());
    if (source.description.settings.text(ParameterId::Scope) == "channels")
        joinRanges(source);
    source.description.settings = *std::move(settings);
    for (const auto &sharers : layersByCodebook(codebookOwners(source.description.settings, source.description.layers))) {
        if (auto done = quantizeTogether(source, sharers, options); !done)
            return std::unexpected(done.error());
    }
    forgetTraining(source, options.fineTuningEpochs);
    return source;
}

} // namespace engine
