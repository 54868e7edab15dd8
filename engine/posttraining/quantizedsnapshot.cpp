// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/posttraining/quantizedsnapshot.h"
#include "engine/core/random.h"
#include "engine/storage/statenames.h"
#include "engine/codebooks/scope.h"
#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace engine {
namespace {

/// Ranges of channels become the layer that they divided: they follow each other, and channels are the
/// slowest dimension.
void joinRanges(SnapshotData &data)
{
    std::vector<LayerInfo> joined;
    std::vector<Checkpoint::Layer> layers;
    for (std::size_t l = 0; l < data.run.description.layers.size(); ++l) {
        LayerInfo &info = data.run.description.layers[l];
        Checkpoint::Layer &layer = data.training.layers[l];
        const std::string name{withoutChannels(info.name)};
        if (!joined.empty() && joined.back().name == name) {
            joined.back().shape.front() += info.shape.front();
            joined.back().weightCount += info.weightCount;
            auto &whole = layers.back().weights;
            whole.insert(whole.end(), layer.weights.begin(), layer.weights.end());
            continue;
        }
        info.name = name;
        info.id = LayerId{static_cast<std::uint16_t>(joined.size())};
        joined.push_back(std::move(info));
        layers.push_back(std::move(layer));
    }
    data.network.layers.resize(joined.size());
    data.run.description.layers = std::move(joined);
    data.training.layers = std::move(layers);
}

/// Of the rules for single layers, which of them stay float.
LayerRules floatRules(const LayerRules &rules, int k)
{
    std::vector<LayerRule> kept;
    if (std::ranges::any_of(rules.all(), &LayerRule::isFloat)) {
        for (const LayerRule &rule : rules.all()) { // those behind a float one may take it back
            kept.push_back({.pattern = rule.pattern, .isFloat = rule.isFloat, .values = {}});
            if (!rule.isFloat)
                kept.back().values[ParameterId::CodebookSize] = std::int64_t{k};
        }
    }
    return LayerRules{std::move(kept)};
}

Result<Settings> settingsFor(const Settings &source, const PostTrainingOptions &options)
{
    using enum ParameterId;
    Settings settings = source;
    const std::pair<ParameterId, ParameterValue> changes[] = {
        {CodebookSize, std::int64_t{options.quantizer.k}},
        {Regularizer, std::string{"nearest-l2"}},
        {Entropy, 0.0},
        {Repulsion, 0.0},
        {PinZero, std::string{options.quantizer.prune > 0 ? "on" : "off"}},
        {Symmetric, std::string{"off"}},
        {Epochs, std::int64_t{std::max(1, options.fineTuningEpochs)}},
        {WarmupShare, 0.0},
        {CommitShare, 1.0},
    };
    for (const auto &[id, value] : changes) {
        if (auto set = settings.set(id, value); !set)
            return std::unexpected(set.error());
    }
    settings.setLayerRules(floatRules(source.layerRules(), options.quantizer.k));
    settings.setChoice(options.isUnified ? CodebookScope::Unified : CodebookScope::Layer);
    settings.setChoice(ForwardPass::Snapped);
    settings.setChoice(MixingRule::Uniform);
    settings.setChoice(DeadRule::Keep);
    return settings;
}

std::string namesOf(const SnapshotData &data, std::span<const std::size_t> sharers)
{
    const std::string &first = data.run.description.layers[sharers.front()].name;
    return sharers.size() == 1 ? first : fmt::format("{} and the {} layers that share its codebook", first, sharers.size() - 1);
}

Result<void> quantizeTogether(SnapshotData &data, std::span<const std::size_t> sharers, const PostTrainingOptions &options)
{
    std::vector<float> pooled;
    for (const auto layer : sharers)
        pooled.insert(pooled.end(), data.training.layers[layer].weights.begin(), data.training.layers[layer].weights.end());
    QuantizerOptions own = options.quantizer;
    own.seed = SplitMix64{own.seed, sharers.front()}.next(); // codebooks draw independently of each other
    const auto quantized = quantize(*options.method, pooled, own);
    if (!quantized)
        return fail(quantized.error().code, fmt::format("{}: {}", namesOf(data, sharers), quantized.error().text));
    auto code = quantized->codes.begin();
    for (const auto sharer : sharers) {
        StoredNetwork::Layer &network = data.network.layers[sharer];
        Checkpoint::Layer &layer = data.training.layers[sharer];
        network.representatives = quantized->representatives;
        layer.trajectories = network.representatives.size();
        layer.identity.resize(layer.trajectories);
        std::iota(layer.identity.begin(), layer.identity.end(), std::uint16_t{0});
        layer.mixing.clear();
        network.assignment.assign(code, code + static_cast<std::ptrdiff_t>(layer.weights.size()));
        code += static_cast<std::ptrdiff_t>(layer.weights.size());
        std::ranges::transform(network.assignment, layer.weights.begin(), [&](CodeIndex c) { return network.representatives[c]; });
    }
    return {};
}

void forgetTraining(SnapshotData &data, int commitEpochs)
{
    for (NamedArray &array : data.training.arrays) {
        if (array.name.starts_with(statenames::kOptimizer))
            std::ranges::fill(array.bytes, std::byte{0});
    }
    RunRecord &run = data.run;
    run.description.warmupSteps = run.description.clusterSteps = 0;
    run.description.commitSteps = static_cast<std::uint64_t>(commitEpochs) * run.description.stepsPerEpoch;
    run.step = Step{0};
    run.stage = Stage::Commit;
    run.codebooksAreLive = true;
    run.history = History{run.history.capacity()};
    run.log = {.start = run.description.settings, .entries = {}, .ahead = {}, .isComplete = false}; // no training made these weights
    run.latentTestAccuracy.reset();
    run.snappedTestAccuracy.reset();
}

} // namespace

Result<SnapshotData> quantizedSnapshot(SnapshotData source, const PostTrainingOptions &options)
{
    RunDescription &run = source.run.description;
    auto settings = settingsFor(run.settings, options);
    if (!settings)
        return std::unexpected(settings.error());
    if (run.settings.choice<CodebookScope>() == CodebookScope::Channels)
        joinRanges(source);
    run.settings = *std::move(settings);
    for (const auto &sharers : layersByCodebook(codebookOwners(run.settings, run.layers))) {
        if (auto done = quantizeTogether(source, sharers, options); !done)
            return std::unexpected(done.error());
    }
    forgetTraining(source, options.fineTuningEpochs);
    return source;
}

} // namespace engine
