// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/training/store_torch.h"
#include "engine/training/watcher_torch.h"
#include <algorithm>
#include <fmt/format.h>
#include <torch/torch.h>

namespace engine {
namespace {

constexpr auto kRandomState = "random/dropout";

bool isCommitted(const SnapshotData &data)
{
    return data.codebooksAreLive &&
           (data.stage == Stage::Commit || (data.stage == Stage::Finished && data.description.commitSteps > 0));
}

Result<void> restoreLayer(TrainingState &state, const SnapshotData &data, std::size_t position)
{
    const LayerState &stored = data.layers[position];
    LayerQuantizer &layer = *state.layers[position];
    if (stored.info.name != layer.info().name || stored.info.shape != layer.info().shape)
        return fail(ErrorCode::BadFormat, fmt::format("Snapshot: expected layer {} to be {} of {} weights, found {} of {}.", position,
                                                      layer.info().name, layer.info().weightCount, stored.info.name, stored.weights.size()));
    torch::NoGradGuard noGradient;
    std::ranges::copy(stored.weights, torch::Tensor{layer.kernel()}.data_ptr<float>());
    if (!std::ranges::is_sorted(stored.representatives))
        return fail(ErrorCode::BadFormat, fmt::format("Snapshot: expected ascending representatives of {}.", stored.info.name));
    layer.setRepresentatives(stored.representatives);
    layer.setIdentity(stored.identity);
    if (isCommitted(data))
        layer.commitTo(stored.assignment);
    state.lambdaOverride[position] = stored.lambdaOverride;
    state.histogramRanges[position] = HistogramRange{stored.histogram.low, stored.histogram.high, stored.histogram.rangeRevision};
    return {};
}

} // namespace

SnapshotData toSnapshot(TrainingState &state, const History &history)
{
    if (!state.codebooksAreLive)
        state.initialiseCodebooks();
    state.synchroniseCommitted();
    SnapshotData data;
    data.description = state.description;
    data.description.settings = state.settings;
    data.step = state.step;
    data.stage = state.stage;
    data.codebooksAreLive = state.codebooksAreLive;
    for (std::size_t position = 0; position < state.layers.size(); ++position) {
        const LayerQuantizer &layer = *state.layers[position];
        LayerState stored;
        stored.info = layer.info();
        stored.weights.assign(layer.weights().begin(), layer.weights().end());
        stored.representatives.assign(layer.codebook().begin(), layer.codebook().end());
        stored.identity = layer.identity();
        stored.assignment = layer.codes();
        stored.lambdaOverride = state.lambdaOverride[position];
        stored.histogram = state.histogramRanges[position].count(layer.weights(), kHistogramBins);
        data.layers.push_back(std::move(stored));
    }
    for (const auto &entry : state.network->tensors()) {
        if (entry.role != Network::Role::Kernel)
            data.state.push_back(toNamedArray("network/" + entry.name, entry.tensor));
    }
    state.optimizer->store(data.state);
    data.state.push_back(toNamedArray(kRandomState, state.network->randomState()));
    data.history = history;
    data.programVersion = CONDENSATE_VERSION;
    return data;
}

Result<std::unique_ptr<TrainingState>> fromSnapshot(const SnapshotData &data)
{
    auto prepared = prepareTraining(data.description.settings);
    if (!prepared)
        return prepared;
    TrainingState &state = **prepared;
    if (data.layers.size() != state.layers.size())
        return fail(ErrorCode::BadFormat, fmt::format("Snapshot: expected {} layers of {}, found {}.", state.layers.size(),
                                                      state.description.modelName, data.layers.size()));
    if (count(data.step) > state.stages.total())
        return fail(ErrorCode::BadFormat, fmt::format("Snapshot: expected a step up to {}, found {}.", state.stages.total(), count(data.step)));
    for (std::size_t position = 0; position < state.layers.size(); ++position) {
        if (auto restored = restoreLayer(state, data, position); !restored)
            return std::unexpected(restored.error());
    }
    for (auto &entry : state.network->tensors()) {
        if (entry.role == Network::Role::Kernel)
            continue;
        if (auto copied = copyNamedArray(data.state, "network/" + entry.name, entry.tensor); !copied)
            return std::unexpected(copied.error());
    }
    if (auto restored = state.optimizer->restore(data.state); !restored)
        return std::unexpected(restored.error());
    torch::Tensor random = state.network->randomState();
    if (auto copied = copyNamedArray(data.state, kRandomState, random); !copied)
        return std::unexpected(copied.error());
    state.network->setRandomState(random);
    state.step = data.step;
    state.stage = data.stage;
    state.codebooksAreLive = data.codebooksAreLive;
    return prepared;
}

} // namespace engine
