// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/training/store_torch.h"
#include "engine/coding/codecounts.h"
#include "engine/codebooks/dropping.h"
#include "engine/storage/statenames.h"
#include "engine/training/elementorder_torch.h"
#include "engine/training/watcher_torch.h"
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <iterator>
#include <torch/torch.h>

namespace engine {
namespace {

constexpr auto kRandomState = "random/dropout";

bool isCommitted(const SnapshotData &data)
{
    return data.codebooksAreLive &&
           (data.stage == Stage::Commit || (data.stage == Stage::Finished && data.description.commitSteps > 0));
}

constexpr std::array kShapesWarmup = {ParameterId::Model,           ParameterId::StartWeights, ParameterId::Scope,
                                      ParameterId::ChannelGroups,   ParameterId::Optimizer,    ParameterId::BatchSize,
                                      ParameterId::ValidationShare, ParameterId::Seed};

Result<void> restoreLayer(TrainingState &state, const SnapshotData &data, std::size_t position)
{
    const LayerState &stored = data.layers[position];
    LayerQuantizer &layer = *state.layers[position];
    if (stored.info.name != layer.info().name || stored.info.shape != layer.info().shape)
        return fail(ErrorCode::BadFormat,
                    fmt::format("Snapshot: expected layer {} to be {} of {} weights, found {} of {}.", position, layer.info().name,
                                layer.info().weightCount, stored.info.name, stored.weights.size()));
    const LayerState &owner = data.layers[state.codebookOwners[position]];
    if (stored.representatives != owner.representatives || stored.identity != owner.identity || stored.mixing != owner.mixing)
        return fail(ErrorCode::BadFormat, fmt::format("Snapshot: expected {} to have the codebook of {}, which it shares, found another.",
                                                      stored.info.name, owner.info.name));
    torch::NoGradGuard noGradient;
    std::ranges::copy(toMemoryOrder<float>(stored.weights, layer.kernel()), torch::Tensor{layer.kernel()}.data_ptr<float>());
    if (!std::ranges::is_sorted(stored.representatives))
        return fail(ErrorCode::BadFormat, fmt::format("Snapshot: expected ascending representatives of {}.", stored.info.name));
    layer.setRegularizer(layer.regularizer(), stored.sigma > 0 ? stored.sigma : standardDeviation(stored.weights), state.codebookShape());
    layer.setRepresentatives(stored.representatives);
    layer.setIdentity(stored.identity, stored.trajectories);
    if (state.learnsMixing(position))
        layer.setMixing(stored.mixing);
    if (isCommitted(data))
        layer.commitTo(toMemoryOrder<CodeIndex>(stored.assignment, layer.kernel()));
    state.lambdaOverride[position] = stored.lambdaOverride;
    state.histogramRanges[position] = HistogramRange{stored.histogram.low, stored.histogram.high, stored.histogram.rangeRevision};
    return {};
}

KeptModule keptModule(const SnapshotData &data)
{
    KeptModule kept{.code = data.module};
    for (const LayerState &layer : data.layers)
        kept.values += layer.weights.size();
    for (const NamedArray &array : data.state) {
        if (array.name.starts_with(statenames::kNetwork))
            kept.values += array.bytes.size() / sizeof(float);
    }
    return kept;
}

SnapshotData describe(const TrainingState &state)
{
    SnapshotData data;
    data.description = state.description;
    data.description.settings = state.settings;
    data.step = state.step;
    data.stage = state.stage;
    data.codebooksAreLive = state.codebooksAreLive;
    const auto code = state.network->code();
    data.module.assign(code.begin(), code.end());
    return data;
}

/// Leaves out the representatives that Trainer::finish would drop.
void dropDead(LayerState &layer, const CodebookShape &shape)
{
    const auto counts = countCodes(layer.assignment);
    const auto places = staying(std::span{counts}.first(layer.representatives.size()), layer.representatives, shape);
    std::vector<float> values;
    std::vector<CodeIndex> codes(layer.representatives.size()); // by place before
    for (const std::size_t place : places) {
        codes[place] = static_cast<CodeIndex>(values.size());
        values.push_back(layer.representatives[place]);
    }
    layer.representatives = std::move(values);
    for (CodeIndex &code : layer.assignment)
        code = codes[code];
}

/// What a network has to know of the images it was trained on.
void storeImages(const TrainingState &state, std::vector<NamedArray> &arrays)
{
    const ImageSet &images = state.dataset.train;
    arrays.push_back(toNamedArray(std::string{statenames::kMean}, torch::tensor(state.normalisation.mean)));
    arrays.push_back(toNamedArray(std::string{statenames::kDeviation}, torch::tensor(state.normalisation.deviation)));
    arrays.push_back(toNamedArray(std::string{statenames::kImageShape},
                                  torch::tensor(std::vector<std::int64_t>{images.channels, images.height, images.width})));
}

} // namespace

SnapshotData toSnapshot(TrainingState &state, const History &history, double seconds)
{
    if (!state.codebooksAreLive)
        state.initialiseCodebooks();
    state.synchroniseCommitted();
    SnapshotData data = describe(state);
    for (std::size_t position = 0; position < state.layers.size(); ++position) {
        const LayerQuantizer &layer = *state.layers[position];
        LayerState stored;
        stored.info = layer.info();
        stored.weights = toShapeOrder(layer.weights(), layer.kernel());
        stored.representatives.assign(layer.codebook().begin(), layer.codebook().end());
        stored.identity = layer.identity();
        stored.trajectories = layer.trajectories();
        stored.mixing = layer.mixing();
        stored.assignment = toShapeOrder<CodeIndex>(layer.codes(), layer.kernel());
        stored.lambdaOverride = state.lambdaOverride[position];
        stored.sigma = layer.sigma();
        stored.histogram = state.histogramRanges[position].count(layer.weights(), kHistogramBins);
        data.layers.push_back(std::move(stored));
    }
    for (const auto &entry : state.network->tensors()) {
        if (entry.role != Network::Role::Kernel)
            data.state.push_back(toNamedArray(std::string{statenames::kNetwork} + entry.name, entry.tensor));
    }
    data.state.insert(data.state.end(), state.snappedStatistics.begin(), state.snappedStatistics.end());
    storeImages(state, data.state);
    state.optimizer->store(data.state);
    data.state.push_back(toNamedArray(kRandomState, state.network->randomState()));
    data.history = history;
    data.seconds = seconds;
    data.programVersion = CONDENSATE_VERSION;
    return data;
}

SnapshotData toPackable(TrainingState &state)
{
    if (!state.codebooksAreLive)
        state.initialiseCodebooks();
    const bool drops = state.quantizes() && state.codebooksAreLive && state.settings.text(ParameterId::Dead) == "drop";
    SnapshotData data = describe(state);
    for (const auto &layer : state.layers) {
        LayerState stored;
        stored.info = layer->info();
        stored.representatives.assign(layer->codebook().begin(), layer->codebook().end());
        stored.assignment = toShapeOrder<CodeIndex>(layer->codes(), layer->kernel());
        if (drops && !layer->isCommitted())
            dropDead(stored, layer->shape());
        data.layers.push_back(std::move(stored));
    }
    for (const auto &entry : state.network->tensors()) {
        if (entry.role != Network::Role::Kernel)
            data.state.push_back({.name = std::string{statenames::kNetwork} + entry.name,
                                  .type = NamedArray::Type::Float32,
                                  .shape = entry.tensor.sizes().vec(),
                                  .bytes = {}});
    }
    storeImages(state, data.state);
    return data;
}

Result<void> applyBranch(SnapshotData &data, const std::vector<SetParameter> &changes)
{
    if (data.codebooksAreLive || data.stage != Stage::Warmup)
        return fail(ErrorCode::BadValue,
                    fmt::format("Branch: expected a snapshot taken during warm-up, found one of the {} stage, step {}.", name(data.stage),
                                count(data.step)));
    Settings &settings = data.description.settings;
    const Settings before = settings;
    for (const auto &change : changes) {
        if (std::ranges::find(kShapesWarmup, change.id) != kShapesWarmup.end() && change.value != before.value(change.id))
            return fail(ErrorCode::BadValue, fmt::format("{}: expected {}, with which the warm-up was trained, found {}.",
                                                         spec(change.id).key, toText(before.value(change.id)), toText(change.value)));
        if (auto valid = settings.set(change.id, change.value); !valid)
            return valid;
    }
    if (auto valid = settings.checkTogether(); !valid)
        return valid;
    const auto stages = StageLengths::of(settings, data.description.stepsPerEpoch);
    if (count(data.step) > stages.warmup)
        return fail(ErrorCode::BadValue,
                    fmt::format("Branch: expected a warm-up of at least {} steps, which the snapshot has done, found {}.", count(data.step),
                                stages.warmup));
    data.description.warmupSteps = stages.warmup;
    data.description.clusterSteps = stages.cluster;
    data.description.commitSteps = stages.commit;
    if (settings.whole(ParameterId::CodebookSize) != before.whole(ParameterId::CodebookSize) ||
        settings.text(ParameterId::Layers) != before.text(ParameterId::Layers))
        data.history = History{data.history.capacity()};
    if (settings.text(ParameterId::Layers) != before.text(ParameterId::Layers)) {
        for (LayerState &layer : data.layers) {
            if (settingsOf(settings, layer.info.name).isFloat)
                return fail(ErrorCode::BadValue,
                            fmt::format("layers: expected {} to be quantized, as in the warm-up, found float.", layer.info.name));
            layer.lambdaOverride = settingsOf(settings, layer.info.name).lambda;
        }
    }
    return {};
}

Result<std::unique_ptr<TrainingState>> fromSnapshot(const SnapshotData &data)
{
    auto prepared = prepareTraining(data.description.settings, StartFrom::Snapshot, keptModule(data));
    if (!prepared)
        return prepared;
    TrainingState &state = **prepared;
    if (data.layers.size() != state.layers.size())
        return fail(ErrorCode::BadFormat, fmt::format("Snapshot: expected {} layers of {}, found {}.", state.layers.size(),
                                                      state.description.modelName, data.layers.size()));
    const StageLengths planned = state.stages,
                       stored{data.description.warmupSteps, data.description.clusterSteps, data.description.commitSteps};
    if (stored.warmup > planned.warmup || stored.cluster > planned.cluster ||
        stored.commit > planned.commit) // cut short by hand, perhaps; longer never
        return fail(ErrorCode::BadFormat,
                    fmt::format("Snapshot: expected stages of up to {}, {} and {} steps, found {}, {} and {}.", planned.warmup,
                                planned.cluster, planned.commit, stored.warmup, stored.cluster, stored.commit));
    state.stages = stored;
    state.description.warmupSteps = stored.warmup;
    state.description.clusterSteps = stored.cluster;
    state.description.commitSteps = stored.commit;
    if (count(data.step) > state.stages.total())
        return fail(ErrorCode::BadFormat,
                    fmt::format("Snapshot: expected a step up to {}, found {}.", state.stages.total(), count(data.step)));
    for (std::size_t position = 0; position < state.layers.size(); ++position) {
        if (auto restored = restoreLayer(state, data, position); !restored)
            return std::unexpected(restored.error());
    }
    for (auto &entry : state.network->tensors()) {
        if (entry.role == Network::Role::Kernel)
            continue;
        if (auto copied = copyNamedArray(data.state, std::string{statenames::kNetwork} + entry.name, entry.tensor); !copied)
            return std::unexpected(copied.error());
    }
    if (auto restored = state.optimizer->restore(data.state); !restored)
        return std::unexpected(restored.error());
    torch::Tensor random = state.network->randomState();
    if (auto copied = copyNamedArray(data.state, kRandomState, random); !copied)
        return std::unexpected(copied.error());
    state.network->setRandomState(random);
    if (data.stage == Stage::Finished)
        std::ranges::copy_if(data.state, std::back_inserter(state.snappedStatistics),
                             [](const NamedArray &array) { return array.name.starts_with(statenames::kSnapped); });
    state.step = data.step;
    state.stage = data.stage;
    state.codebooksAreLive = data.codebooksAreLive;
    if (!state.codebooksAreLive)
        state.initialiseCodebooks(); // a branch may ask for other previews than those stored
    state.adoptMixing(); // that the file has none of
    return prepared;
}

} // namespace engine
