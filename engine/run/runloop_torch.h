// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/data/datasetshelf.h"
#include "engine/run/beginning_torch.h"
#include "engine/run/pace.h"
#include "engine/run/packedmeter.h"
#include "engine/run/runkeeper.h"
#include "engine/run/runtraining.h"
#include "engine/training/store_torch.h"
#include "engine/training/watcher_torch.h"
#include <chrono>
#include <memory>
#include <optional>

namespace engine {

/// The life of a run: steps, watches, answers, saves. On the training thread alone.
class RunLoop {
public:
    RunLoop(RunPorts &ports, const RunOptions &options, const std::stop_token &stop)
        : m_ports{ports}, m_stop{stop}, m_shelf{options.shelf ? options.shelf : std::make_shared<DatasetShelf>()},
          m_keeper{options.keeps, [this](Event event) { tell(std::move(event)); }}
    {
    }

    void run(const StartPoint &from, const RunOptions &options);

private:
    using Seconds = std::chrono::duration<double>;

    TrainingState &state() { return m_trainer->state(); }
    const TrainingState &state() const { return m_trainer->state(); }
    Step step() const { return state().progress.step; }

    void adopt(Beginning beginning);
    void live(bool isNew, bool paused);
    void tellPrepared(bool isNew);
    void tell(Event event);
    void tellStages();
    void tellNotes();
    void log(LogEntry::What what, Author by);

    void drainCommands();
    void carryOut(CommandId id, const Command &command);
    Reply answer(const Command &command, Author by);
    void showSet();
    Reply answerPaused(const Command &command);
    void goOnLonger();
    void feedScript();
    Reply feed(const LogEntry &entry);
    Reply fork(const std::vector<SetParameter> &changes, LogEntry::What logged);

    RunPast past() const;
    SnapshotData snapshot() { return toSnapshot(state(), past()); }
    void keep();
    void keepStageEnd();
    void measurePacked();
    void pause(std::string reason);
    void oneStep();
    Result<void> tryStep();
    void salvage() noexcept;
    void watchAfterStep();
    void publishFrame(bool measuredNow, bool whole);
    void finish();
    void end(bool isLast);

    RunPorts &m_ports;
    const std::stop_token m_stop;
    const std::shared_ptr<DatasetShelf> m_shelf;
    RunKeeper m_keeper;
    std::unique_ptr<Trainer> m_trainer;
    std::unique_ptr<Watcher> m_watcher;
    std::optional<PackedMeter> m_meter; // made when it is first needed
    RunLog m_log;
    History m_history;
    Pace m_framePace{0.02}, m_validationPace{0.03};
    Seconds m_training{0}, m_measuring{0}; // of the wall time, pauses left out
    Seconds m_before{0};                   // the same of the run that this one goes on from
    std::uint64_t m_trainedImages = 0;
    std::uint64_t m_lastFrame = 0, m_lastValidation = 0;
    double m_imagesPerSecond = 0;
    bool m_paused = false, m_stepOnce = false;
    bool m_hasStarted = true; // the log knows of this process
    bool m_isWhole = false; // its state is that between two steps
    std::optional<Step> m_pauseAt;
    std::optional<Summary> m_summary;
};

} // namespace engine
