// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/training/trainer_torch.h"
#include "engine/storage/statenames.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <torch/torch.h>

namespace engine {
namespace {

std::string_view representatives(std::size_t number) { return number == 1 ? "representative" : "representatives"; }

MinibatchOptions streamOptions(const Settings &settings, const Dataset &dataset)
{
    auto augment = settings.choice<Augmentation>();
    if (augment == Augmentation::Auto)
        augment = dataset.train.channels > 1 ? Augmentation::PadCropFlip : Augmentation::None;
    return {.batchSize = static_cast<int>(settings.whole(ParameterId::BatchSize)),
            .pad = augment != Augmentation::None,
            .mirror = augment == Augmentation::PadCropFlip && dataset.mirrorIsSafe,
            .seed = static_cast<std::uint64_t>(settings.whole(ParameterId::Seed))};
}

} // namespace

std::unique_ptr<MinibatchStream> trainingStream(const TrainingState &state, Step from)
{
    return std::make_unique<MinibatchStream>(state.data->dataset->train, state.data->split.train, state.data->normalisation,
                                             streamOptions(state.settings(), *state.data->dataset), count(from));
}

Trainer::Trainer(std::unique_ptr<TrainingState> state) : m_state{std::move(state)}, m_guard{*m_state} {}

Trainer::~Trainer() = default;

void Trainer::startStream()
{
    m_stream = trainingStream(*m_state, m_state->progress.step);
}

void Trainer::endStream()
{
    m_waitedBefore = waited();
    m_stream.reset();
}

std::chrono::nanoseconds Trainer::waited() const noexcept
{
    return m_waitedBefore + (m_stream ? m_stream->waited() : std::chrono::nanoseconds{0});
}

void Trainer::enterDueStage()
{
    const Stage due = m_state->stages().stageOf(count(m_state->progress.step));
    const bool mustInitialise = due != Stage::Warmup && m_state->description.quantizes() && !m_state->progress.codebooksAreLive;
    if (mustInitialise) {
        m_state->initialiseCodebooks();
        m_state->progress.codebooksAreLive = true;
    }
    if (due == m_state->progress.stage && !mustInitialise)
        return;
    if (due == Stage::Commit && m_state->description.quantizes()) {
        dropDead();
        for (const auto &layer : m_state->model.layers)
            layer->commit();
    }
    m_state->progress.stage = due;
    m_enteredStage = due;
}

/// At the start of an epoch, so that a continued run does it at the same step.
void Trainer::tendDead()
{
    if (m_state->progress.stage != Stage::Cluster || !m_state->progress.codebooksAreLive ||
        count(m_state->progress.step) % m_state->description.stepsPerEpoch != 0)
        return;
    dropDead();
    if (m_state->settings().choice<DeadRule>() != DeadRule::Revive)
        return;
    for (const auto &layer : m_state->model.layers) {
        if (const auto revived = layer->reviveDead(); revived > 0)
            m_notes.push_back(fmt::format("{}: {} dead {} revived.", layer->info().name, revived, representatives(revived)));
    }
}

/// Where that is asked for.
void Trainer::dropDead()
{
    if (m_state->settings().choice<DeadRule>() != DeadRule::Drop)
        return;
    for (const auto &layer : m_state->model.layers) {
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
    for (const auto &of : m_state->model.kernels)
        kernels.push_back(of.attach(m_state->model.layers, mode, [this](std::size_t layer) { return m_state->strength(layer); }));
    return kernels;
}

Result<void> Trainer::runStep()
{
    m_guard.keep();
    m_enteredBefore = m_enteredStage;
    m_notesBefore = m_notes.size();
    m_isStepping = true;
    enterDueStage();
    tendDead();
    if (!m_stream)
        startStream();
    Minibatch batch = m_stream->next();
    const torch::Tensor images = imagesOf(batch, m_state->data->dataset->train);
    const torch::Tensor labels = labelsOf(batch);

    const auto failed = [&](const std::string &what, const torch::Tensor &seenIn) {
        return std::unexpected(notFinite(what, seenIn));
    };
    const torch::Tensor logits = m_state->model.network->forward(images, attachKernels(), Network::Mode::Train);
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
    m_state->progress.step = next(m_state->progress.step);
    m_stream->recycle(std::move(batch));
    m_isStepping = false;
    return {};
}

StepRates Trainer::rates() const
{
    const Settings &settings = m_state->settings();
    const auto step = count(m_state->progress.step);
    return {.weights = learningRate(settings, m_state->stages(), step),
            .decay = settings.real(ParameterId::WeightDecay),
            .representatives = settings.real(ParameterId::RepresentativeRate) * relativeRate(settings, m_state->stages(), step)};
}

void Trainer::updateParameters(const StepRates &rates)
{
    const bool snapsAhead = m_state->forwardMode() == ForwardMode::Snapped;
    if (m_state->progress.codebooksAreLive)
        m_guard.stepRepresentatives(rates.representatives);
    for (const auto &of : m_state->model.kernels) {
        if (snapsAhead)
            of.beginSnapAhead(m_state->model.layers);
    }
    const auto snapAhead = [this](std::size_t kernel, std::size_t from, std::size_t to) {
        m_state->model.kernels[kernel].snapAhead(m_state->model.layers, from, to);
    };
    m_state->model.optimizer->step(rates.weights, rates.decay, snapsAhead ? Optimizer::PartStepped{snapAhead} : nullptr);
}

/// `images`: those to look for the place with, where the forward pass went wrong.
Error Trainer::notFinite(const std::string &what, const torch::Tensor &images)
{
    std::string where;
    if (images.defined()) {
        m_guard.putBackNetwork();
        const ForwardMode mode = m_state->forwardMode();
        const bool computesLatent = mode == ForwardMode::Float || mode == ForwardMode::Latent;
        const auto kernels = computesLatent ? m_state->model.latentKernels() : m_state->model.snappedKernels();
        where = m_state->model.network->firstNonFinite(images, kernels);
    }
    takeBack();
    return {ErrorCode::NotFinite,
            fmt::format("Step {}: {} is not a finite number{}. The run is paused with the state before this step: lower a "
                        "learning rate, λ or another strength and resume, or open an earlier snapshot.",
                        count(m_state->progress.step), what, where.empty() ? std::string{} : ", first seen in " + where)};
}

void Trainer::takeBack()
{
    if (!std::exchange(m_isStepping, false))
        return;
    m_guard.putBack();
    m_enteredStage = m_enteredBefore;
    m_notes.resize(m_notesBefore);
    endStream(); // the same minibatch comes again after a resume
}

/// Without them nobody could tell the network from its snapshot whose accuracy was measured.
void Trainer::keepSnappedStatistics()
{
    m_state->progress.snappedStatistics.clear();
    for (const auto &entry : m_state->model.network->tensors()) {
        if (entry.role == Network::Role::NormMean || entry.role == Network::Role::NormVariance)
            m_state->progress.snappedStatistics.push_back(toNamedArray(std::string{statenames::kSnapped} + entry.name, entry.tensor));
    }
}

Summary Trainer::finish()
{
    TrainingState &state = *m_state;
    if (!state.description.quantizes())
        state.initialiseCodebooks(); // post-training quantization of the reference
    else if (state.progress.codebooksAreLive)
        dropDead(); // where the cluster stage was the last one
    state.progress.stage = Stage::Finished;
    state.model.synchroniseCommitted();
    Network &network = *state.model.network;
    const auto latent = state.model.latentKernels();
    const auto snapped = state.model.snappedKernels();

    Summary summary;
    summary.step = state.progress.step;
    summary.latentTestAccuracy = state.evaluator->test(network, latent, state.data->dataset->test);
    summary.snappedAsTrainedTestAccuracy = state.evaluator->test(network, snapped, state.data->dataset->test);
    m_guard.keepNetwork();
    if (!m_stream)
        startStream();
    state.evaluator->reestimateNorms(network, snapped, *m_stream);
    endStream(); // some minibatches were taken; a run that is lengthened has the next one first
    summary.snappedTestAccuracy = state.evaluator->test(network, snapped, state.data->dataset->test);
    summary.snappedValidationAccuracy = state.evaluator->validate(network, snapped, state.data->split.validation.size());
    if (state.forwardMode() == ForwardMode::Committed)
        summary.latentTestAccuracy = summary.snappedTestAccuracy; // the same network
    else {
        keepSnappedStatistics();
        m_guard.putBackNetwork();
    }
    summary.size = floatSize(state.description.floatParameters);
    for (std::size_t layer = 0; layer < state.model.layers.size(); ++layer)
        summary.size += layerSize(state.model.layers[layer]->measure().occupancy, state.model.ownsCodebook(layer));
    return summary;
}

} // namespace engine
