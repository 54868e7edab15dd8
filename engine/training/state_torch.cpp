// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/training/state_torch.h"
#include "engine/core/fingerprint.h"
#include "engine/core/machine.h"
#include "engine/core/parallel_torch.h"
#include "engine/nets/makenetwork_torch.h"
#include "engine/nets/startweights_torch.h"
#include "engine/codebooks/initialiser.h"
#include "engine/codebooks/mixing.h"
#include "engine/codebooks/scope.h"
#include <algorithm>
#include <fmt/format.h>
#include <torch/torch.h>
#include <torch/version.h>

namespace engine {
namespace {

/// What tells these images from all others.
std::string fingerprintOf(const Dataset &dataset)
{
    Fingerprint print;
    for (const auto &name : dataset.classNames)
        print.add(name);
    for (const ImageSet *images : {&dataset.train, &dataset.test}) {
        for (const int extent : {images->channels, images->height, images->width})
            print.add(std::to_string(extent));
        print.add(std::as_bytes(std::span{images->pixels})).add(std::as_bytes(std::span{images->labels}));
    }
    return print.text();
}

/// Of all tensors as they are now, in the order of their shapes.
std::string fingerprintOf(const Network &network)
{
    Fingerprint print;
    for (const auto &entry : network.tensors()) {
        const torch::Tensor plain = entry.tensor.detach().contiguous();
        print.add(entry.name).add({static_cast<const std::byte *>(plain.data_ptr()), plain.nbytes()});
    }
    return print.text();
}

std::string fingerprintOf(std::span<const std::byte> code) { return code.empty() ? std::string{} : Fingerprint{}.add(code).text(); }

RunDescription describe(const Settings &settings, const TrainingData &data, const Network &network, std::uint64_t stepsPerEpoch)
{
    RunDescription description;
    description.settings = settings;
    description.dataName = data.dataset->name;
    description.modelName = networkName(settings.text(ParameterId::Model));
    description.classNames = data.dataset->classNames;
    description.trainImages = data.split.train.size();
    description.validationImages = data.split.validation.size();
    description.testImages = data.dataset->test.count();
    description.floatParameters = network.floatParameters();
    std::vector<LayerInfo> quantized;
    for (auto &layer : network.layers()) {
        if (!settings.layer(layer.name).isFloat) {
            quantized.push_back(std::move(layer));
            continue;
        }
        description.floatParameters += layer.weightCount;
        layer.id = LayerId{};
        description.floatLayers.push_back(
            {.info = std::move(layer), .quantizedBefore = layersWithCodebooks(settings, quantized).size()});
    }
    description.layers = layersWithCodebooks(settings, quantized);
    description.stepsPerEpoch = stepsPerEpoch;
    description.fingerprints = {.data = fingerprintOf(*data.dataset), .startWeights = fingerprintOf(network),
                                .module = fingerprintOf(network.code())};
    description.threads = at::get_num_threads();
    description.blasName = blasName();
    description.slowBlas = description.blasName.empty();
    return description;
}

/// The stiffness of a spring whose one pull moves a weight by its length in all, at the peak rate: momentum carries a
/// gradient g as far as rate · g ÷ (1 − momentum). 0 where nothing moves.
double springThatArrives(const Settings &settings)
{
    const double rate = settings.real(ParameterId::ClusterRate);
    return rate > 0 ? (1.0 - settings.real(ParameterId::Momentum)) / rate : 0.0;
}

} // namespace

void setThreads(int threads) { at::set_num_threads(threads); }

void setThreads(const Settings &settings)
{
    const auto asked = static_cast<int>(settings.whole(ParameterId::Threads));
    setThreads(asked > 0 ? asked : static_cast<int>(usableProcessors()));
}

std::string torchVersion() { return TORCH_VERSION; }

void TrainingState::setStages(const StageLengths &stages) noexcept
{
    description.warmupSteps = stages.warmup;
    description.clusterSteps = stages.cluster;
    description.commitSteps = stages.commit;
}

ForwardMode TrainingState::forwardMode() const
{
    if (!description.quantizes() || !progress.codebooksAreLive)
        return ForwardMode::Float;
    if (isCommitted(description, progress.stage))
        return ForwardMode::Committed;
    if (progress.stage == Stage::Finished) // as it was left: its latent weights, beside representatives
        return ForwardMode::Latent;
    return settings().choice<ForwardPass>() == ForwardPass::Snapped ? ForwardMode::Snapped : ForwardMode::Latent;
}

double TrainingState::lambdaTarget(std::size_t layer) const
{
    return model.layerSettings[layer].lambda.value_or(settings().real(ParameterId::Lambda));
}

RegularizerStrength TrainingState::strength(std::size_t layer) const
{
    const auto step = count(progress.step);
    const Ramp ramp = rampOf(settings(), model.layerSettings[layer]);
    const double factor = description.quantizes() ? lambdaFactor(ramp, stages(), step) : 0.0;
    return {.lambda = factor * lambdaTarget(layer),
            .temperature = temperature(settings(), ramp, stages(), step),
            .entropy = factor * settings().real(ParameterId::Entropy),
            .repulsion = factor * settings().real(ParameterId::Repulsion),
            .stiffest = springThatArrives(settings())};
}

void TrainingState::adoptSettings(const Settings &changed)
{
    description.settings = changed;
    model.layerSettings.clear();
    for (const auto &layer : description.layers)
        model.layerSettings.push_back(changed.layer(layer.name));
}

CodebookShape TrainingState::codebookShape() const
{
    return {.isSymmetric = settings().isOn(ParameterId::Symmetric), .hasZero = settings().isOn(ParameterId::PinZero)};
}

std::vector<torch::Tensor> TrainedModel::latentKernels() const
{
    std::vector<torch::Tensor> values;
    for (const auto &of : kernels)
        values.push_back(of.kernel.detach());
    return values;
}

std::vector<torch::Tensor> TrainedModel::snappedKernels() const
{
    torch::NoGradGuard noGradient;
    std::vector<torch::Tensor> values;
    for (const auto &of : kernels)
        values.push_back(of.snapped(layers));
    return values;
}

void TrainedModel::synchroniseCommitted()
{
    torch::NoGradGuard noGradient;
    for (const auto &layer : layers) {
        if (layer->isCommitted())
            torch::Tensor{layer->kernel()}.copy_(layer->snapped());
    }
}

void TrainingState::initialiseCodebooks()
{
    at::parallel_for(0, static_cast<std::int64_t>(model.codebooks.size()), 1, [&](std::int64_t from, std::int64_t to) {
        for (std::int64_t codebook = from; codebook < to; ++codebook)
            initialiseCodebook(model.codebooks[static_cast<std::size_t>(codebook)]);
    });
}

void TrainingState::initialiseCodebook(std::span<const std::size_t> sharers)
{
    const auto &layers = model.layers;
    std::vector<float> pooled;
    std::span<const float> weights = layers[sharers.front()]->weights();
    if (sharers.size() > 1) {
        for (const auto layer : sharers)
            pooled.insert(pooled.end(), layers[layer]->weights().begin(), layers[layer]->weights().end());
        weights = pooled;
    }
    const LayerSettings &own = model.layerSettings[sharers.front()];
    auto codebook = initialCodebook(own.initialiser, weights, static_cast<int>(own.k));
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
    return description.quantizes() && settings().choice<MixingRule>() == MixingRule::Learnt && model.layers[layer]->regularizer().mixes;
}

void TrainingState::adoptMixing()
{
    for (const auto &sharers : model.codebooks)
        adoptMixing(sharers);
}

void TrainingState::adoptMixing(std::span<const std::size_t> sharers)
{
    const auto &layers = model.layers;
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

namespace {

/// The images, those that are held back, and what they are centred by.
Result<std::shared_ptr<const TrainingData>> loadData(const Settings &settings, DatasetShelf &shelf)
{
    auto dataset = shelf.load(settings.text(ParameterId::Data));
    if (!dataset)
        return std::unexpected(dataset.error());
    auto data = std::make_shared<TrainingData>();
    data->dataset = *std::move(dataset);
    const ImageSet &train = data->dataset->train;
    data->split = splitValidation(train, settings.real(ParameterId::ValidationShare),
                                  static_cast<std::uint64_t>(settings.whole(ParameterId::Seed)));
    const auto batchSize = settings.whole(ParameterId::BatchSize);
    if (MinibatchStream::batchesPerEpoch(data->split.train.size(), static_cast<int>(batchSize)) == 0 || data->split.validation.empty())
        return fail(ErrorCode::BadValue, fmt::format("{}: expected at most the {} training images, found {}.",
                                                     spec(ParameterId::BatchSize).key, data->split.train.size(), batchSize));
    data->normalisation = measureNormalisation(train, data->split.train);
    return data;
}

/// With the weights it starts from; `notes` gets what is worth telling.
Result<std::unique_ptr<Network>> makeStartNetwork(const Settings &settings, const Dataset &dataset, StartFrom from, const KeptModule &kept,
                                                  std::vector<std::string> &notes)
{
    const ImageSet &train = dataset.train;
    auto network =
        makeNetwork(settings.text(ParameterId::Model), {train.channels, train.height, train.width},
                    static_cast<int>(dataset.classNames.size()), static_cast<std::uint64_t>(settings.whole(ParameterId::Seed)), kept);
    if (!network)
        return network;
    if (!(*network)->remark().empty())
        notes.push_back((*network)->remark());
    if (const auto &file = settings.text(ParameterId::StartWeights); !file.empty() && from == StartFrom::Weights) {
        auto loaded = loadStartWeights(**network, file);
        if (!loaded)
            return std::unexpected(loaded.error());
        notes.push_back(*std::move(loaded));
    }
    return network;
}

} // namespace

std::vector<std::string> TrainingState::ruledNames() const
{
    auto names = model.network->layerNames();
    for (const auto &layer : description.layers) {
        if (std::ranges::find(names, layer.name) == names.end())
            names.push_back(layer.name);
    }
    return names;
}

Result<std::unique_ptr<TrainingState>> prepareTraining(const Settings &settings, DatasetShelf &shelf, StartFrom from,
                                                       const KeptModule &kept)
{
    tuneHeap();
    setThreads(settings);
    if (auto valid = settings.checkTogether(); !valid)
        return std::unexpected(valid.error());
    auto data = loadData(settings, shelf);
    if (!data)
        return std::unexpected(data.error());
    auto state = std::make_unique<TrainingState>();
    state->data = *std::move(data);
    TrainedModel &model = state->model;
    auto network = makeStartNetwork(settings, *state->data->dataset, from, kept, state->notes);
    if (!network)
        return std::unexpected(network.error());
    model.network = *std::move(network);
    const auto stepsPerEpoch =
        MinibatchStream::batchesPerEpoch(state->data->split.train.size(), static_cast<int>(settings.whole(ParameterId::BatchSize)));
    state->description = describe(settings, *state->data, *model.network, stepsPerEpoch);
    state->setStages(StageLengths::of(settings, stepsPerEpoch));
    const auto &layers = state->description.layers;
    if (auto good = checkLayerRules(settings, state->ruledNames()); !good)
        return std::unexpected(good.error());
    if (auto good = checkSharedCodebooks(settings, layers); !good)
        return std::unexpected(good.error());
    model.network->keepFloat(floatLayers(settings, model.network->layerNames()));
    model.kernels = KernelLayers::divide(model.network->kernels(), layers, model.layers);
    model.codebookOwners = codebookOwners(settings, layers);
    model.codebooks = layersByCodebook(model.codebookOwners);
    state->adoptSettings(settings);
    model.histogramRanges.resize(layers.size());
    model.optimizer = std::make_unique<Optimizer>(*model.network, settings);
    state->evaluator = std::make_unique<Evaluator>(state->data->dataset->train, state->data->split.validation, state->data->normalisation);
    state->initialiseCodebooks();
    state->progress.stage = Stage::Warmup;
    return state;
}

} // namespace engine
