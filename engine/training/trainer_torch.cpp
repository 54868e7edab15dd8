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

Trainer::Trainer(std::unique_ptr<TrainingState> state) : m_state{std::move(state)}, m_guard{*m_state} {}

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
    m_guard.keep();
    const auto entered = m_enteredStage;
    const std::size_t notes = m_notes.size();
    enterDueStage();
    tendDead();
    if (!m_stream)
        startStream();
    Minibatch batch = m_stream->next();
    const torch::Tensor images = imagesOf(batch, m_state->dataset.train);
    const torch::Tensor labels = labelsOf(batch);

    const auto failed = [&](const std::string &what, const torch::Tensor &seenIn) {
        m_enteredStage = entered;
        m_notes.resize(notes);
        return std::unexpected(notFinite(what, seenIn));
    };
    const torch::Tensor logits = m_state->network->forward(images, attachKernels(), Network::Mode::Train);
    const torch::Tensor loss = torch::cross_entropy_loss(logits, labels);
    const auto taskLoss = loss.item<double>();
    if (!std::isfinite(taskLoss))
        return failed("the loss", images);
    loss.backward();
    const StepRates rates = this->rates();
    if (const std::string what = m_guard.firstNotFinite(rates); !what.empty())
        return failed(what, {});
    updateParameters(rates);

    m_tally.taskLoss += taskLoss;
    m_tally.accuracy += logits.detach().argmax(1).eq(labels).sum().item<double>() / static_cast<double>(batch.labels.size());
    m_tally.images += batch.labels.size();
    ++m_tally.steps;
    m_state->step = next(m_state->step);
    m_stream->recycle(std::move(batch));
    return {};
}

StepRates Trainer::rates() const
{
    const Settings &settings = m_state->settings;
    const auto step = count(m_state->step);
    return {.weights = learningRate(settings, m_state->stages, step),
            .decay = settings.real(ParameterId::WeightDecay),
            .representatives = settings.real(ParameterId::RepresentativeRate) * relativeRate(settings, m_state->stages, step)};
}

void Trainer::updateParameters(const StepRates &rates)
{
    const bool snapsAhead = m_state->forwardMode() == ForwardMode::Snapped;
    if (m_state->codebooksAreLive)
        m_guard.stepRepresentatives(rates.representatives);
    for (const auto &of : m_state->kernels) {
        if (snapsAhead)
            of.beginSnapAhead(m_state->layers);
    }
    const auto snapAhead = [this](std::size_t kernel, std::size_t from, std::size_t to) {
        m_state->kernels[kernel].snapAhead(m_state->layers, from, to);
    };
    m_state->optimizer->step(rates.weights, rates.decay, snapsAhead ? Optimizer::PartStepped{snapAhead} : nullptr);
}

/// `images`: those to look for the place with, where the forward pass went wrong.
Error Trainer::notFinite(const std::string &what, const torch::Tensor &images)
{
    std::string where;
    if (images.defined()) {
        m_guard.putBackNetwork();
        const ForwardMode mode = m_state->forwardMode();
        const bool computesLatent = mode == ForwardMode::Float || mode == ForwardMode::Latent;
        const auto kernels = computesLatent ? m_state->latentKernels() : m_state->snappedKernels();
        where = m_state->network->firstNonFinite(images, kernels);
    }
    m_guard.putBack();
    m_waitedBefore += m_stream->waited();
    m_stream.reset(); // the same minibatch comes again after a resume
    return {ErrorCode::NotFinite,
            fmt::format("Step {}: {} is not a finite number{}. The run is paused with the state before this step: lower a "
                        "learning rate, λ or another strength and resume, or open an earlier snapshot.",
                        count(m_state->step), what, where.empty() ? std::string{} : ", first seen in " + where)};
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
    m_guard.keepNetwork();
    if (!m_stream)
        startStream();
    state.evaluator->reestimateNorms(network, snapped, *m_stream);
    summary.snappedTestAccuracy = state.evaluator->test(network, snapped, state.dataset.test);
    summary.snappedValidationAccuracy = state.evaluator->validate(network, snapped, state.split.validation.size());
    if (state.forwardMode() == ForwardMode::Committed)
        summary.latentTestAccuracy = summary.snappedTestAccuracy; // the same network
    else {
        keepSnappedStatistics();
        m_guard.putBackNetwork();
    }
    summary.size = floatSize(state.description.floatParameters);
    for (std::size_t layer = 0; layer < state.layers.size(); ++layer)
        summary.size += layerSize(state.layers[layer]->measure().occupancy, state.ownsCodebook(layer));
    return summary;
}

} // namespace engine
