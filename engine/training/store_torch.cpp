// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/training/store_torch.h"
#include "engine/codebooks/dropping.h"
#include "engine/coding/codecounts.h"
#include "engine/storage/statenames.h"
#include "engine/training/elementorder_torch.h"
#include "engine/training/watcher_torch.h"
#include "condensateversion.h"
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <iterator>
#include <torch/torch.h>

namespace engine {
namespace {

Result<void> restoreLayer(TrainingState &state, const SnapshotData &data, std::size_t position)
{
    const LayerInfo &info = data.run.description.layers[position];
    const StoredNetwork::Layer &network = data.network.layers[position];
    const Checkpoint::Layer &stored = data.training.layers[position];
    LayerQuantizer &layer = *state.model.layers[position];
    if (info.name != layer.info().name || info.shape != layer.info().shape)
        return fail(ErrorCode::BadFormat,
                    fmt::format("Snapshot: expected layer {} to be {} of {} weights, found {} of {}.", position, layer.info().name,
                                layer.info().weightCount, info.name, stored.weights.size()));
    const std::size_t owner = state.model.codebookOwners[position];
    if (network.representatives != data.network.layers[owner].representatives || stored.identity != data.training.layers[owner].identity ||
        stored.mixing != data.training.layers[owner].mixing)
        return fail(ErrorCode::BadFormat, fmt::format("Snapshot: expected {} to have the codebook of {}, which it shares, found another.",
                                                      info.name, data.run.description.layers[owner].name));
    torch::NoGradGuard noGradient;
    std::ranges::copy(toMemoryOrder<float>(stored.weights, layer.kernel()), torch::Tensor{layer.kernel()}.data_ptr<float>());
    if (!std::ranges::is_sorted(network.representatives))
        return fail(ErrorCode::BadFormat, fmt::format("Snapshot: expected ascending representatives of {}.", info.name));
    layer.setRegularizer(layer.regularizer(), stored.sigma > 0 ? stored.sigma : standardDeviation(stored.weights), state.codebookShape());
    layer.setRepresentatives(network.representatives);
    layer.setIdentity(stored.identity, stored.trajectories);
    if (state.learnsMixing(position))
        layer.setMixing(stored.mixing);
    if (isCommitted(data.run.description, data.run.stage))
        layer.commitTo(toMemoryOrder<CodeIndex>(network.assignment, layer.kernel()));
    state.model.histogramRanges[position] = HistogramRange{stored.histogram.low, stored.histogram.high, stored.histogram.rangeRevision};
    return {};
}

KeptModule keptModule(const SnapshotData &data)
{
    KeptModule kept{.code = data.network.module};
    for (const auto &layer : data.training.layers)
        kept.values += layer.weights.size();
    for (const NamedArray &array : data.network.arrays) {
        if (array.name.starts_with(statenames::kNetwork))
            kept.values += array.bytes.size() / sizeof(float);
    }
    return kept;
}

RunRecord recordOf(const TrainingState &state, const RunPast &past)
{
    RunRecord run;
    run.description = state.description;
    run.step = state.progress.step;
    run.stage = state.progress.stage;
    run.codebooksAreLive = state.progress.codebooksAreLive;
    run.log = past.log;
    run.seconds = past.seconds;
    if (past.summary) {
        run.latentTestAccuracy = past.summary->latentTestAccuracy;
        run.snappedTestAccuracy = past.summary->snappedTestAccuracy;
        run.snappedAsTrainedTestAccuracy = past.summary->snappedAsTrainedTestAccuracy;
        run.waitingShare = past.summary->waitingShare;
        run.measuringShare = past.summary->measuringShare;
    }
    run.programVersion = CONDENSATE_VERSION;
    return run;
}

/// Leaves out the representatives that Trainer::finish would drop.
void dropDead(StoredNetwork::Layer &layer, const CodebookShape &shape)
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
    const ImageSet &images = state.data->dataset->train;
    arrays.push_back(toNamedArray(std::string{statenames::kMean}, torch::tensor(state.data->normalisation.mean)));
    arrays.push_back(toNamedArray(std::string{statenames::kDeviation}, torch::tensor(state.data->normalisation.deviation)));
    arrays.push_back(toNamedArray(std::string{statenames::kImageShape},
                                  torch::tensor(std::vector<std::int64_t>{images.channels, images.height, images.width})));
}

void storeModule(const TrainingState &state, StoredNetwork &network)
{
    const auto code = state.model.network->code();
    network.module.assign(code.begin(), code.end());
}

StoredNetwork::Layer networkLayer(const LayerQuantizer &layer)
{
    return {.representatives = {layer.codebook().begin(), layer.codebook().end()},
            .assignment = toShapeOrder<CodeIndex>(layer.codes(), layer.kernel())};
}

Checkpoint::Layer checkpointLayer(const LayerQuantizer &layer, HistogramRange &range)
{
    return {.weights = toShapeOrder(layer.weights(), layer.kernel()),
            .identity = layer.identity(),
            .trajectories = layer.trajectories(),
            .mixing = layer.mixing(),
            .sigma = layer.sigma(),
            .histogram = range.count(layer.weights(), kHistogramBins)};
}

/// Lengths of stages as stored, which hand or growth may have changed since they were planned.
Result<void> restoreProgress(TrainingState &state, const RunRecord &run)
{
    const StageLengths stored{run.description.warmupSteps, run.description.clusterSteps, run.description.commitSteps};
    constexpr auto kMost = std::uint64_t{1} << 62; // so that no sum of them overflows
    if (stored.warmup > kMost || stored.cluster > kMost || stored.commit > kMost || count(run.step) > stored.total())
        return fail(ErrorCode::BadFormat, fmt::format("Snapshot: expected a step up to {}, found {}.", stored.total(), count(run.step)));
    state.setStages(stored);
    state.progress.step = run.step;
    state.progress.stage = run.stage;
    state.progress.codebooksAreLive = run.codebooksAreLive;
    return {};
}

Result<void> restoreArrays(TrainingState &state, const SnapshotData &data)
{
    for (auto &entry : state.model.network->tensors()) {
        if (entry.role == Network::Role::Kernel)
            continue;
        if (auto copied = copyNamedArray(data.network.arrays, std::string{statenames::kNetwork} + entry.name, entry.tensor); !copied)
            return copied;
    }
    if (auto restored = state.model.optimizer->restore(data.training.arrays); !restored)
        return restored;
    torch::Tensor random = state.model.network->randomState();
    if (auto copied = copyNamedArray(data.training.arrays, std::string{statenames::kRandom}, random); !copied)
        return copied;
    state.model.network->setRandomState(random);
    if (data.run.stage == Stage::Finished)
        std::ranges::copy_if(data.network.arrays, std::back_inserter(state.progress.snappedStatistics),
                             [](const NamedArray &array) { return array.name.starts_with(statenames::kSnapped); });
    return {};
}

} // namespace

SnapshotData toSnapshot(TrainingState &state, const RunPast &past)
{
    if (!state.progress.codebooksAreLive)
        state.initialiseCodebooks();
    state.model.synchroniseCommitted();
    SnapshotData data{.run = recordOf(state, past), .network = {}, .training = {}};
    for (std::size_t position = 0; position < state.model.layers.size(); ++position) {
        const LayerQuantizer &layer = *state.model.layers[position];
        data.network.layers.push_back(networkLayer(layer));
        data.training.layers.push_back(checkpointLayer(layer, state.model.histogramRanges[position]));
    }
    for (const auto &entry : state.model.network->tensors()) {
        if (entry.role != Network::Role::Kernel)
            data.network.arrays.push_back(toNamedArray(std::string{statenames::kNetwork} + entry.name, entry.tensor));
    }
    const auto &snapped = state.progress.snappedStatistics;
    data.network.arrays.insert(data.network.arrays.end(), snapped.begin(), snapped.end());
    storeImages(state, data.network.arrays);
    storeModule(state, data.network);
    state.model.optimizer->store(data.training.arrays);
    data.training.arrays.push_back(toNamedArray(std::string{statenames::kRandom}, state.model.network->randomState()));
    data.run.history = past.history;
    return data;
}

PackableRun toPackable(TrainingState &state, const RunPast &past)
{
    if (!state.progress.codebooksAreLive)
        state.initialiseCodebooks();
    const bool drops =
        state.description.quantizes() && state.progress.codebooksAreLive && state.settings().choice<DeadRule>() == DeadRule::Drop;
    PackableRun packable{.run = recordOf(state, past), .network = {}};
    for (const auto &layer : state.model.layers) {
        auto stored = networkLayer(*layer);
        if (drops && !layer->isCommitted())
            dropDead(stored, layer->shape());
        packable.network.layers.push_back(std::move(stored));
    }
    for (const auto &entry : state.model.network->tensors()) {
        if (entry.role != Network::Role::Kernel)
            packable.network.arrays.push_back({.name = std::string{statenames::kNetwork} + entry.name,
                                               .type = NamedArray::Type::Float32,
                                               .shape = entry.tensor.sizes().vec(),
                                               .bytes = {}});
    }
    storeImages(state, packable.network.arrays);
    storeModule(state, packable.network);
    return packable;
}

Result<std::unique_ptr<TrainingState>> fromSnapshot(const SnapshotData &data, DatasetShelf &shelf)
{
    auto prepared = prepareTraining(data.run.description.settings, shelf, StartFrom::Snapshot, keptModule(data));
    if (!prepared)
        return prepared;
    TrainingState &state = **prepared;
    if (data.training.layers.size() != state.model.layers.size())
        return fail(ErrorCode::BadFormat, fmt::format("Snapshot: expected {} layers of {}, found {}.", state.model.layers.size(),
                                                      state.description.modelName, data.training.layers.size()));
    state.description.fingerprints.startWeights = data.run.description.fingerprints.startWeights;
    if (auto restored = restoreProgress(state, data.run); !restored)
        return std::unexpected(restored.error());
    for (std::size_t position = 0; position < state.model.layers.size(); ++position) {
        if (auto restored = restoreLayer(state, data, position); !restored)
            return std::unexpected(restored.error());
    }
    if (auto restored = restoreArrays(state, data); !restored)
        return std::unexpected(restored.error());
    if (!state.progress.codebooksAreLive)
        state.initialiseCodebooks(); // a branch may ask for other previews than those stored
    state.adoptMixing(); // that the file has none of
    return prepared;
}

} // namespace engine
