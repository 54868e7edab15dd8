// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/training/state_torch.h"
#include "engine/core/machine.h"
#include "engine/core/parallel_torch.h"
#include "engine/nets/makenetwork_torch.h"
#include "engine/nets/startweights_torch.h"
#include "engine/codebooks/initialiser.h"
#include "engine/codebooks/mixing.h"
#include "engine/codebooks/scope.h"
#include <fmt/format.h>
#include <torch/torch.h>

namespace engine {
namespace {

RunDescription describe(const TrainingState &state, std::uint64_t stepsPerEpoch)
{
    RunDescription description;
    description.settings = state.settings;
    description.dataName = state.dataset.name;
    description.modelName = networkName(state.settings.text(ParameterId::Model));
    description.classNames = state.dataset.classNames;
    description.trainImages = state.split.train.size();
    description.validationImages = state.split.validation.size();
    description.testImages = state.dataset.test.count();
    description.floatParameters = state.network->floatParameters();
    std::vector<LayerInfo> quantized;
    for (auto &layer : state.network->layers()) {
        if (!settingsOf(state.settings, layer.name).isFloat) {
            quantized.push_back(std::move(layer));
            continue;
        }
        description.floatParameters += layer.weightCount;
        layer.id = LayerId{};
        description.floatLayers.push_back(
            {.info = std::move(layer), .quantizedBefore = layersWithCodebooks(state.settings, quantized).size()});
    }
    description.layers = layersWithCodebooks(state.settings, quantized);
    description.stepsPerEpoch = stepsPerEpoch;
    description.warmupSteps = state.stages.warmup;
    description.clusterSteps = state.stages.cluster;
    description.commitSteps = state.stages.commit;
    description.threads = at::get_num_threads();
    description.blasName = blasName();
    description.slowBlas = description.blasName.empty();
    return description;
}

} // namespace

void setThreads(const Settings &settings)
{
    const auto asked = static_cast<int>(settings.whole(ParameterId::Threads));
    at::set_num_threads(asked > 0 ? asked : static_cast<int>(usableProcessors()));
}

ForwardMode TrainingState::forwardMode() const
{
    if (!quantizes() || !codebooksAreLive)
        return ForwardMode::Float;
    if (stage == Stage::Commit || stage == Stage::Finished)
        return layers.front()->isCommitted() ? ForwardMode::Committed : ForwardMode::Latent;
    return settings.text(ParameterId::Forward) == "snapped" ? ForwardMode::Snapped : ForwardMode::Latent;
}

double TrainingState::lambdaTarget(std::size_t layer) const
{
    return lambdaOverride[layer].value_or(settings.real(ParameterId::Lambda));
}

RegularizerStrength TrainingState::strength(std::size_t layer) const
{
    const Ramp ramp = rampOf(settings, layerSettings[layer]);
    const double factor = quantizes() ? lambdaFactor(ramp, stages, count(step)) : 0.0;
    return {.lambda = factor * lambdaTarget(layer),
            .temperature = temperature(settings, ramp, stages, count(step)),
            .entropy = factor * settings.real(ParameterId::Entropy),
            .repulsion = factor * settings.real(ParameterId::Repulsion)};
}

void TrainingState::adoptSettings(const Settings &changed)
{
    settings = changed;
    description.settings = changed;
    layerSettings.clear();
    for (const auto &layer : description.layers)
        layerSettings.push_back(settingsOf(settings, layer.name));
}

CodebookShape TrainingState::codebookShape() const
{
    return {.isSymmetric = settings.text(ParameterId::Symmetric) == "on", .hasZero = settings.text(ParameterId::PinZero) == "on"};
}

std::vector<torch::Tensor> TrainingState::latentKernels() const
{
    std::vector<torch::Tensor> values;
    for (const auto &of : kernels)
        values.push_back(of.kernel.detach());
    return values;
}

std::vector<torch::Tensor> TrainingState::snappedKernels() const
{
    torch::NoGradGuard noGradient;
    std::vector<torch::Tensor> values;
    for (const auto &of : kernels)
        values.push_back(of.snapped(layers));
    return values;
}

void TrainingState::initialiseCodebooks()
{
    at::parallel_for(0, static_cast<std::int64_t>(codebooks.size()), 1, [&](std::int64_t from, std::int64_t to) {
        for (std::int64_t codebook = from; codebook < to; ++codebook)
            initialiseCodebook(codebooks[static_cast<std::size_t>(codebook)]);
    });
}

void TrainingState::initialiseCodebook(std::span<const std::size_t> sharers)
{
    std::vector<float> pooled;
    std::span<const float> weights = layers[sharers.front()]->weights();
    if (sharers.size() > 1) {
        for (const auto layer : sharers)
            pooled.insert(pooled.end(), layers[layer]->weights().begin(), layers[layer]->weights().end());
        weights = pooled;
    }
    const LayerSettings &own = layerSettings[sharers.front()];
    auto codebook = initialCodebook(initialiserNamed(own.initialiser), weights, static_cast<int>(own.k));
    const double sigma = standardDeviation(weights);
    for (const auto layer : sharers)
        layers[layer]->setRegularizer(*findRegularizer(own.regularizer), sigma, codebookShape());
    project(layers[sharers.front()]->shape(), codebook, std::vector<double>(codebook.size(), 1.0));
    for (const auto layer : sharers)
        layers[layer]->setRepresentatives(codebook);
    adoptMixing(sharers);
}

bool TrainingState::learnsMixing(std::size_t layer) const
{
    return quantizes() && settings.text(ParameterId::Mixing) == "learnt" && layers[layer]->regularizer().mixes;
}

void TrainingState::adoptMixing()
{
    for (const auto &sharers : codebooks)
        adoptMixing(sharers);
}

void TrainingState::adoptMixing(std::span<const std::size_t> sharers)
{
    const bool learns = learnsMixing(sharers.front());
    if (learns != layers[sharers.front()]->mixing().empty())
        return;
    NearestSums sums{layers[sharers.front()]->codebook().size()};
    for (const auto layer : sharers) {
        if (learns)
            sums += layers[layer]->measure();
    }
    for (const auto layer : sharers)
        layers[layer]->setMixing(learns ? mixingOf(sums.occupancy) : std::vector<double>{});
}

void TrainingState::synchroniseCommitted()
{
    torch::NoGradGuard noGradient;
    for (const auto &layer : layers) {
        if (layer->isCommitted())
            torch::Tensor{layer->kernel()}.copy_(layer->snapped());
    }
}

Result<std::unique_ptr<TrainingState>> prepareTraining(const Settings &settings, StartFrom from, const KeptModule &kept)
{
    tuneHeap();
    setThreads(settings);
    if (auto valid = settings.checkTogether(); !valid)
        return std::unexpected(valid.error());
    auto dataset = loadDataset(settings.text(ParameterId::Data));
    if (!dataset)
        return std::unexpected(dataset.error());
    auto state = std::make_unique<TrainingState>();
    state->settings = settings;
    state->dataset = *std::move(dataset);
    const ImageSet &train = state->dataset.train;
    const auto seed = static_cast<std::uint64_t>(settings.whole(ParameterId::Seed));
    auto network = makeNetwork(settings.text(ParameterId::Model), {train.channels, train.height, train.width},
                               static_cast<int>(state->dataset.classNames.size()), seed, kept);
    if (!network)
        return std::unexpected(network.error());
    state->network = *std::move(network);
    if (!state->network->remark().empty())
        state->notes.push_back(state->network->remark());
    if (const auto &file = settings.text(ParameterId::StartWeights); !file.empty() && from == StartFrom::Weights) {
        auto loaded = loadStartWeights(*state->network, file);
        if (!loaded)
            return std::unexpected(loaded.error());
        state->notes.push_back(*std::move(loaded));
    }

    const auto names = state->network->layerNames();
    if (auto good = checkLayerRules(settings, names); !good)
        return std::unexpected(good.error());
    const auto batchSize = static_cast<int>(settings.whole(ParameterId::BatchSize));
    state->split = splitValidation(train, settings.real(ParameterId::ValidationShare), seed);
    const auto stepsPerEpoch = MinibatchStream::batchesPerEpoch(state->split.train.size(), batchSize);
    if (stepsPerEpoch == 0 || state->split.validation.empty())
        return fail(ErrorCode::BadValue, fmt::format("{}: expected at most the {} training images, found {}.",
                                                     spec(ParameterId::BatchSize).key, state->split.train.size(), batchSize));
    state->normalisation = measureNormalisation(train, state->split.train);
    state->stages = StageLengths::of(settings, stepsPerEpoch);
    state->description = describe(*state, stepsPerEpoch);
    state->network->keepFloat(floatLayers(settings, names));
    const auto &layers = state->description.layers;
    if (auto good = checkSharedCodebooks(settings, layers); !good)
        return std::unexpected(good.error());
    state->kernels = KernelLayers::divide(state->network->kernels(), layers, state->layers);
    state->codebookOwners = codebookOwners(settings, layers);
    state->codebooks = layersByCodebook(state->codebookOwners);
    state->adoptSettings(settings);
    for (const auto &own : state->layerSettings)
        state->lambdaOverride.push_back(own.lambda);
    state->histogramRanges.resize(layers.size());
    state->optimizer = std::make_unique<Optimizer>(*state->network, settings);
    state->evaluator = std::make_unique<Evaluator>(train, state->split.validation, state->normalisation);
    state->initialiseCodebooks();
    state->stage = Stage::Warmup;
    return state;
}

} // namespace engine
