// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/messages/messages.h"
#include "engine/training/state_torch.h"
#include "engine/training/stepguard_torch.h"
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace engine {

/// The minibatches that training sees from a step on, as the settings ask. `state` must outlive it.
std::unique_ptr<MinibatchStream> trainingStream(const TrainingState &state, Step from);

/// Does the steps of a run. Training thread only.
class Trainer {
public:
    explicit Trainer(std::unique_ptr<TrainingState> state);
    ~Trainer();

    TrainingState &state() noexcept { return *m_state; }
    bool atEnd() const noexcept { return count(m_state->progress.step) >= m_state->stages().total(); }

    /// One minibatch: enter the stage that is due; forward, task loss, backward with the regularizers, optimizer,
    /// representatives. Errors: NotFinite, naming what is concerned first: the loss, a gradient, or what the step
    /// would make of a tensor. The state is then that before the step in every bit: not even a stage was entered.
    Result<void> runStep();
    /// Back to the state before a step that something thrown broke off; does nothing if there was none.
    /// Requires: it had not moved a parameter yet.
    void takeBack();
    /// The stage entered by the last runStep, once.
    std::optional<Stage> takeEnteredStage() noexcept { return std::exchange(m_enteredStage, std::nullopt); }

    /// What happened by the way since the last call; each a sentence.
    std::vector<std::string> takeNotes() { return std::exchange(m_notes, {}); }

    Reply apply(const SetParameter &command);
    Reply apply(const SetLayerLambda &command);
    Reply apply(const NextStage &command);

    /// Means over the steps since the last call; NaN if there was none.
    struct Tally { double taskLoss = 0, accuracy = 0; std::uint64_t steps = 0, images = 0; };
    Tally takeTally() noexcept { return std::exchange(m_tally, {}); }
    std::chrono::nanoseconds waited() const noexcept;

    /// The end of a run: evaluates the test set with latent and with snapped weights (batch-norm re-estimated
    /// for them). After a commit the network keeps the re-estimated statistics; else they go to
    /// TrainingProgress::snappedStatistics. A run that has not done all its steps is measured as if it had; one
    /// that was finished before gives the same again.
    Summary finish();

private:
    Reply applyLayerRules(const Settings &changed, bool early);
    Reply applyEpochs(const Settings &changed);
    void enterDueStage();
    void tendDead();
    void dropDead();
    void startStream();
    void endStream();
    std::vector<torch::Tensor> attachKernels();
    StepRates rates() const;
    Error notFinite(const std::string &what, const torch::Tensor &images);
    void updateParameters(const StepRates &rates);
    void keepSnappedStatistics();

    std::unique_ptr<TrainingState> m_state;
    StepGuard m_guard;
    std::unique_ptr<MinibatchStream> m_stream;
    std::chrono::nanoseconds m_waitedBefore{0}; // of earlier streams
    std::optional<Stage> m_enteredStage, m_enteredBefore;
    std::vector<std::string> m_notes;
    std::size_t m_notesBefore = 0;
    bool m_isStepping = false; // what m_guard keeps is that before a step which has not ended
    Tally m_tally;
};

} // namespace engine
