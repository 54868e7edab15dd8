// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/training/trainer_torch.h"
#include "engine/codebooks/scope.h"
#include "engine/storage/statenames.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <torch/torch.h>

namespace engine {
namespace {

constexpr std::array kShapesCodebook = {ParameterId::CodebookSize, ParameterId::Initialiser, ParameterId::Regularizer,
                                        ParameterId::PinZero, ParameterId::Symmetric, ParameterId::Layers};

std::string_view representatives(std::size_t number) { return number == 1 ? "representative" : "representatives"; }

bool isStatistic(const Network::NamedTensor &entry)
{
    return !entry.isTrained();
}

bool sameButForTheRamp(LayerSettings a, const LayerSettings &b)
{
    a.ramp = b.ramp;
    a.rampStart = b.rampStart;
    a.rampShare = b.rampShare;
    return a == b;
}

MinibatchOptions streamOptions(const Settings &settings, const Dataset &dataset)
{
    const std::string &asked = settings.text(ParameterId::Augment);
    const std::string augment = asked != "auto" ? asked : dataset.train.channels > 1 ? "pad-crop-flip" : "none";
    return {.batchSize = static_cast<int>(settings.whole(ParameterId::BatchSize)),
            .pad = augment != "none",
            .mirror = augment == "pad-crop-flip" && dataset.mirrorIsSafe,
            .seed = static_cast<std::uint64_t>(settings.whole(ParameterId::Seed))};
}

} // namespace

std::unique_ptr<MinibatchStream> trainingStream(const TrainingState &state, Step from)
{
    return std::make_unique<MinibatchStream>(state.dataset.train, state.split.train, state.normalisation,
                                             streamOptions(state.settings, state.dataset), count(from));
}

Trainer::Trainer(std::unique_ptr<TrainingState> state) : m_state{std::move(state)} {}

Trainer::~Trainer() = default;

void Trainer::startStream()
{
    m_stream = trainingStream(*m_state, m_state->step);
}

std::chrono::nanoseconds Trainer::waited() const noexcept
{
    return m_waitedBefore + (m_stream ? m_stream->waited() : std::chrono::nanoseconds{0});
}

void Trainer::enterDueStage()
{
    const Stage due = m_state->stages.stageOf(count(m_state->step));
    const bool mustInitialise = due != Stage::Warmup && m_state->quantizes() && !m_state->codebooksAreLive;
    if (mustInitialise) {
        m_state->initialiseCodebooks();
        m_state->codebooksAreLive = true;
    }
    if (due == m_state->stage && !mustInitialise)
        return;
    if (due == Stage::Commit && m_state->quantizes()) {
        dropDead();
        for (const auto &layer : m_state->layers)
            layer->commit();
    }
    m_state->stage = due;
    m_enteredStage = due;
}

/// At the start of an epoch, so that a continued run does it at the same step.
void Trainer::tendDead()
{
    if (m_state->stage != Stage::Cluster || !m_state->codebooksAreLive || count(m_state->step) % m_state->description.stepsPerEpoch != 0)
        return;
    dropDead();
    if (m_state->settings.text(ParameterId::Dead) != "revive")
        return;
    for (const auto &layer : m_state->layers) {
        if (const auto revived = layer->reviveDead(); revived > 0)
            m_notes.push_back(fmt::format("{}: {} dead {} revived.", layer->info().name, revived, representatives(revived)));
    }
}

/// Where that is asked for.
void Trainer::dropDead()
{
    if (m_state->settings.text(ParameterId::Dead) != "drop")
        return;
    for (const auto &layer : m_state->layers) {
        const auto dropped = layer->dropDead();
        const auto left = layer->codebook().size();
        if (dropped > 0)
            m_notes.push_back(fmt::format("{}: {} dead {} dropped, {} {}.", layer->info().name, dropped, representatives(dropped), left,
                                          left == 1 ? "remains" : "remain"));
    }
}

std::vector<torch::Tensor> Trainer::attachKernels()
{
    const ForwardMode mode = m_state->forwardMode();
    std::vector<torch::Tensor> kernels;
    for (const auto &of : m_state->kernels)
        kernels.push_back(of.attach(m_state->layers, mode, [this](std::size_t layer) { return m_state->strength(layer); }));
    return kernels;
}

Result<void> Trainer::runStep()
{
    enterDueStage();
    tendDead();
    if (!m_stream)
        startStream();
    Minibatch batch = m_stream->next();
    const torch::Tensor images = imagesOf(batch, m_state->dataset.train);
    const torch::Tensor labels = labelsOf(batch);

    keepNorms();
    const torch::Tensor logits = m_state->network->forward(images, attachKernels(), Network::Mode::Train);
    const torch::Tensor loss = torch::cross_entropy_loss(logits, labels);
    const auto taskLoss = loss.item<double>();
    if (!std::isfinite(taskLoss))
        return std::unexpected(notFinite("the loss", images));
    loss.backward();
    if (const std::string layer = firstNonFiniteGradient(); !layer.empty())
        return std::unexpected(notFinite("the gradient of " + layer, {}));
    updateParameters();

    m_tally.taskLoss += taskLoss;
    m_tally.accuracy += logits.detach().argmax(1).eq(labels).sum().item<double>() / static_cast<double>(batch.labels.size());
    m_tally.images += batch.labels.size();
    ++m_tally.steps;
    m_state->step = next(m_state->step);
    m_stream->recycle(std::move(batch));
    return {};
}

void Trainer::updateParameters()
{
    const Settings &settings = m_state->settings;
    const auto step = count(m_state->step);
    const double representativeRate = settings.real(ParameterId::RepresentativeRate) * relativeRate(settings, m_state->stages, step);
    const bool snapsAhead = m_state->forwardMode() == ForwardMode::Snapped;
    if (m_state->codebooksAreLive)
        stepRepresentatives(representativeRate);
    for (const auto &of : m_state->kernels) {
        if (snapsAhead)
            of.beginSnapAhead(m_state->layers);
    }
    const auto snapAhead = [this](std::size_t kernel, std::size_t from, std::size_t to) {
        m_state->kernels[kernel].snapAhead(m_state->layers, from, to);
    };
    m_state->optimizer->step(learningRate(settings, m_state->stages, step), settings.real(ParameterId::WeightDecay),
                             snapsAhead ? Optimizer::PartStepped{snapAhead} : nullptr);
}

void Trainer::stepRepresentatives(double rate)
{
    for (const auto &sharers : m_state->codebooks) {
        if (sharers.size() == 1) {
            m_state->layers[sharers.front()]->stepRepresentatives(rate);
            continue;
        }
        std::vector<LayerQuantizer *> quantizers;
        for (const auto sharer : sharers)
            quantizers.push_back(m_state->layers[sharer].get());
        LayerQuantizer::stepShared(quantizers, m_state->forwardMode(), m_state->strength(sharers.front()), rate);
    }
}

std::string Trainer::firstNonFiniteGradient() const
{
    const bool passed = m_state->forwardMode() != ForwardMode::Float; // then the pass has summed the gradient already
    const auto isBad = [&](const KernelLayers &of, const LayerQuantizer &layer) {
        if (passed ? !layer.lastPass() : !of.kernel.grad().defined())
            return false; // a network of the user's own may pass a layer by
        return !std::isfinite(passed ? layer.lastPass()->nearest.squaredGradient + layer.lastPass()->squaredPull
                                     : of.kernel.grad().sum().item<double>());
    };
    for (const auto &of : m_state->kernels) {
        for (std::size_t layer = of.first; layer < of.first + (passed ? of.count : 1); ++layer) {
            if (isBad(of, *m_state->layers[layer]))
                return m_state->layers[layer]->info().name;
        }
    }
    return {};
}

Error Trainer::notFinite(std::string what, torch::Tensor images)
{
    restoreNorms();
    m_state->optimizer->dropGradients();
    for (const auto &layer : m_state->layers)
        layer->dropGradient();
    m_waitedBefore += m_stream->waited();
    std::string where;
    if (images.defined()) {
        const auto kernels = m_state->forwardMode() == ForwardMode::Float ? m_state->latentKernels() : m_state->snappedKernels();
        where = m_state->network->firstNonFinite(images, kernels);
    }
    m_stream.reset(); // the same minibatch comes again after a resume
    return {ErrorCode::NotFinite,
            fmt::format("Step {}: {} is not a finite number{}. The run is paused with the state before this step: lower a "
                        "learning rate or λ and resume, or open an earlier snapshot.",
                        count(m_state->step), what, where.empty() ? std::string{} : ", first seen in " + where)};
}

void Trainer::keepNorms()
{
    torch::NoGradGuard noGradient;
    std::size_t next = 0;
    for (const auto &entry : m_state->network->tensors()) {
        if (!isStatistic(entry))
            continue;
        if (next == m_keptNorms.size())
            m_keptNorms.push_back(torch::empty_like(entry.tensor));
        m_keptNorms[next++].copy_(entry.tensor);
    }
}

void Trainer::restoreNorms()
{
    torch::NoGradGuard noGradient;
    std::size_t next = 0;
    for (auto &entry : m_state->network->tensors()) {
        if (isStatistic(entry))
            entry.tensor.copy_(m_keptNorms[next++]);
    }
}

/// Without them nobody could tell the network from its snapshot whose accuracy was measured.
void Trainer::keepSnappedStatistics()
{
    m_state->snappedStatistics.clear();
    for (const auto &entry : m_state->network->tensors()) {
        if (entry.role == Network::Role::NormMean || entry.role == Network::Role::NormVariance)
            m_state->snappedStatistics.push_back(toNamedArray(std::string{statenames::kSnapped} + entry.name, entry.tensor));
    }
}

Reply Trainer::apply(const SetParameter &command)
{
    const ParameterSpec &row = spec(command.id);
    const bool codebook = std::ranges::find(kShapesCodebook, command.id) != kShapesCodebook.end();
    const bool early = count(m_state->step) == 0 && !m_state->codebooksAreLive;
    if (row.change == Change::BeforeStart && !(codebook && early))
        return NeedsRestart{fmt::format("{} can only change before {}; start a new run with it.", row.label,
                                        codebook ? "the first step" : "a run begins")};
    Settings changed = m_state->settings;
    if (auto valid = changed.set(command.id, command.value); !valid)
        return Rejected{valid.error()};
    if (auto fits = changed.checkTogether(); !fits)
        return Rejected{fits.error()};
    if (command.id == ParameterId::Layers) {
        if (Reply reply = applyLayerRules(changed, early); !std::holds_alternative<Applied>(reply))
            return reply;
    }
    m_state->adoptSettings(changed);
    if (codebook && early)
        m_state->initialiseCodebooks();
    m_state->adoptMixing();
    return Applied{m_state->step};
}

Reply Trainer::applyLayerRules(const Settings &changed, bool early)
{
    const auto names = m_state->network->layerNames();
    if (auto good = checkLayerRules(changed, names); !good)
        return Rejected{good.error()};
    if (auto good = checkSharedCodebooks(changed, m_state->description.layers); !good)
        return Rejected{good.error()};
    if (floatLayers(changed, names) != floatLayers(m_state->settings, names))
        return NeedsRestart{"Which layers stay float can only change before a run begins; start a new run with it."};
    for (std::size_t layer = 0; layer < m_state->layers.size(); ++layer) {
        const LayerSettings &before = m_state->layerSettings[layer], now = settingsOf(changed, m_state->layers[layer]->info().name);
        if (early)
            m_state->lambdaOverride[layer] = now.lambda;
        else if (!sameButForTheRamp(before, now))
            return NeedsRestart{fmt::format(
                "Of {} only the ramp can change once a run has begun, beside λ in the table of layers; start a new run for the rest.",
                m_state->layers[layer]->info().name)};
    }
    return Applied{m_state->step};
}

Reply Trainer::apply(const SetLayerLambda &command)
{
    if (index(command.layer) >= m_state->layers.size())
        return Rejected{{ErrorCode::NotFound, fmt::format("λ of a layer: expected a layer from 0 to {}, found {}.",
                                                          m_state->layers.size() - 1, index(command.layer))}};
    if (command.lambda) {
        if (auto valid = validate(spec(ParameterId::Lambda), *command.lambda); !valid)
            return Rejected{valid.error()};
    }
    m_state->lambdaOverride[index(command.layer)] = command.lambda;
    return Applied{m_state->step};
}

Reply Trainer::apply(const NextStage &)
{
    StageLengths &stages = m_state->stages;
    const auto step = count(m_state->step);
    switch (stages.stageOf(step)) {
    case Stage::Warmup: stages.warmup = step; break;
    case Stage::Cluster: stages.cluster = step - stages.warmup; break;
    case Stage::Commit: stages.commit = step - stages.warmup - stages.cluster; break;
    default: return Rejected{{ErrorCode::BadValue, "Next stage: expected a run that trains, found one at its end."}};
    }
    m_state->description.warmupSteps = stages.warmup;
    m_state->description.clusterSteps = stages.cluster;
    m_state->description.commitSteps = stages.commit;
    return Applied{m_state->step};
}

Summary Trainer::finish()
{
    TrainingState &state = *m_state;
    if (!state.quantizes())
        state.initialiseCodebooks(); // post-training quantization of the reference
    else if (state.codebooksAreLive)
        dropDead(); // where the cluster stage was the last one
    state.stage = Stage::Finished;
    state.synchroniseCommitted();
    Network &network = *state.network;
    const auto latent = state.latentKernels();
    const auto snapped = state.snappedKernels();

    Summary summary;
    summary.step = state.step;
    summary.latentTestAccuracy = state.evaluator->test(network, latent, state.dataset.test);
    summary.snappedAsTrainedTestAccuracy = state.evaluator->test(network, snapped, state.dataset.test);
    keepNorms();
    if (!m_stream)
        startStream();
    state.evaluator->reestimateNorms(network, snapped, *m_stream);
    summary.snappedTestAccuracy = state.evaluator->test(network, snapped, state.dataset.test);
    summary.snappedValidationAccuracy = state.evaluator->validate(network, snapped, state.split.validation.size());
    if (state.forwardMode() == ForwardMode::Committed)
        summary.latentTestAccuracy = summary.snappedTestAccuracy; // the same network
    else {
        keepSnappedStatistics();
        restoreNorms();
    }
    summary.size = floatSize(state.description.floatParameters);
    for (std::size_t layer = 0; layer < state.layers.size(); ++layer)
        summary.size += layerSize(state.layers[layer]->measure().occupancy, state.ownsCodebook(layer));
    return summary;
}

} // namespace engine
