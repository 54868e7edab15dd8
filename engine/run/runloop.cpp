// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/runloop.h"
#include "engine/core/effects.h"
#include "engine/storage/snapshotframe.h"
#include "engine/storage/snapshotwriter.h"
#include "engine/run/pace.h"
#include "engine/training/store_torch.h"
#include "engine/training/trainer_torch.h"
#include "engine/training/watcher_torch.h"
#include <fmt/format.h>
#include <memory>

namespace engine {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

class RunLoop {
public:
    RunLoop(RunPorts &ports, const std::stop_token &stop) : m_ports{ports}, m_stop{stop} {}

    void run(const StartPoint &start, bool paused);

private:
    Result<void> prepare(const StartPoint &start);
    Result<std::unique_ptr<TrainingState>> restore(const std::filesystem::path &file, const Branch *branch);
    void tell(Event event);
    void tellNotes();
    void drainCommands();
    Reply answer(const Command &command);
    Reply nextStage(const NextStage &command);
    Reply answerPaused(const Command &command);
    void snapshot(const std::filesystem::path &file);
    void measurePacked();
    void addTestAccuracies(SnapshotData &data) const;
    void pause(std::string reason);
    void oneStep();
    void watchAfterStep();
    void publishFrame(bool measuredNow, bool whole);
    void autosave();
    void showChange();
    void finish();

    RunPorts &m_ports;
    const std::stop_token m_stop;
    std::unique_ptr<Trainer> m_trainer;
    std::unique_ptr<Watcher> m_watcher;
    SnapshotWriter m_writer;
    std::optional<PackedMeter> m_meter; // made when it is first needed
    History m_history;
    Pace m_framePace{0.02}, m_validationPace{0.03};
    Seconds m_training{0}, m_measuring{0}; // of the wall time, pauses left out
    Seconds m_before{0};                   // the same of the run that this one goes on from
    std::uint64_t m_trainedImages = 0;
    std::uint64_t m_lastFrame = 0, m_lastValidation = 0;
    double m_imagesPerSecond = 0;
    bool m_paused = false, m_stepOnce = false;
    std::optional<Step> m_pauseAt;
    std::optional<Summary> m_summary;
    std::filesystem::path m_file; // of the last snapshot asked for
    Clock::time_point m_lastSave = Clock::now();
};

void RunLoop::tell(Event event)
{
    m_ports.events.put(std::move(event), m_stop);
    m_ports.wake.notify();
}

void RunLoop::tellNotes()
{
    for (auto &note : m_trainer->takeNotes())
        tell(Note{m_trainer->state().step, std::move(note)});
}

Result<std::unique_ptr<TrainingState>> RunLoop::restore(const std::filesystem::path &file, const Branch *branch)
{
    auto data = readSnapshot(file);
    if (!data)
        return std::unexpected(data.error());
    if (branch) {
        if (auto valid = applyBranch(*data, branch->changes); !valid)
            return std::unexpected(valid.error());
    } else {
        m_file = file; // that of a branch is never written to
    }
    if (data->stage == Stage::Finished) {
        m_summary.emplace().step = data->step;
        m_summary->latentTestAccuracy = data->latentTestAccuracy.value_or(kNotMeasured);
        m_summary->snappedTestAccuracy = data->snappedTestAccuracy.value_or(kNotMeasured);
        m_summary->size = frameOf(*data).size;
        m_summary->seconds = data->seconds;
    }
    auto state = fromSnapshot(*data);
    m_before = Seconds{data->seconds};
    m_history = std::move(data->history);
    return state;
}

Result<void> RunLoop::prepare(const StartPoint &start)
{
    const auto *settings = std::get_if<Settings>(&start);
    const auto *branch = std::get_if<Branch>(&start);
    auto state = settings ? prepareTraining(*settings)
                 : branch ? restore(branch->snapshot, branch)
                          : restore(std::get<std::filesystem::path>(start), nullptr);
    if (!state)
        return std::unexpected(state.error());
    m_trainer = std::make_unique<Trainer>(*std::move(state));
    m_watcher = std::make_unique<Watcher>(m_trainer->state());
    m_lastFrame = m_lastValidation = count(m_trainer->state().step);
    tell(Prepared{std::make_shared<const RunDescription>(m_trainer->state().description), std::make_shared<const History>(m_history)});
    tell(StageEntered{m_trainer->state().stage, m_trainer->state().step});
    if (settings) {
        for (const auto &idle : settingsWithoutEffect(*settings))
            tell(Note{m_trainer->state().step, fmt::format("{} has no effect: {}.", spec(idle.id).key, idle.because)});
        for (auto &idle : rulesWithoutEffect(*settings, m_trainer->state().network->layerNames()))
            tell(Note{m_trainer->state().step, std::move(idle)});
    }
    for (auto &note : std::exchange(m_trainer->state().notes, {}))
        tell(Note{m_trainer->state().step, std::move(note)});
    for (const auto &entry : m_trainer->state().network->tensors()) {
        if (entry.role == Network::Role::FloatKernel)
            tell(Note{m_trainer->state().step, fmt::format("{} stays float ({} values).", entry.name, entry.tensor.numel())});
    }
    for (const auto &sharers : m_trainer->state().codebooks) {
        const LayerInfo &layer = m_trainer->state().description.layers[sharers.front()];
        if (sharers.size() == 1 && layer.weightCount < static_cast<std::uint64_t>(m_trainer->state().layerSettings[sharers.front()].k))
            tell(Note{m_trainer->state().step,
                      fmt::format("{} has fewer weights ({}) than representatives.", layer.name, layer.weightCount)});
    }
    return {};
}

void RunLoop::run(const StartPoint &start, bool paused)
{
    if (auto prepared = prepare(start); !prepared)
        return tell(Failed{prepared.error()});
    const auto begin = Clock::now();
    m_summary ? m_watcher->measureWhole() : m_watcher->measureSubset(); // a finished run shows what it ended with
    publishFrame(true, m_summary.has_value());
    m_measuring += Clock::now() - begin;
    if (m_summary) // the snapshot of a finished run: there is nothing left to train
        tell(Finished{*m_summary});
    else if (paused)
        pause({});
    while (!m_stop.stop_requested()) {
        drainCommands();
        if (m_stop.stop_requested())
            break;
        if (m_paused && !m_stepOnce)
            m_ports.commands.wait(m_stop);
        else if (!m_trainer->atEnd())
            oneStep();
        else if (!m_summary)
            finish();
        else
            m_ports.commands.wait(m_stop);
    }
    m_meter.reset(); // what it has not measured yet nobody will miss
    m_writer.drain();
    tell(Stopped{m_trainer->state().step});
}

void RunLoop::oneStep()
{
    const auto begin = Clock::now();
    if (auto done = m_trainer->runStep(); !done)
        return pause(done.error().text);
    const Seconds cost = Clock::now() - begin;
    m_training += cost;
    m_framePace.stepped(cost);
    m_validationPace.stepped(cost);
    tellNotes();
    if (const auto entered = m_trainer->takeEnteredStage())
        tell(StageEntered{*entered, m_trainer->state().step});
    watchAfterStep();
    if (std::exchange(m_stepOnce, false) || m_pauseAt == m_trainer->state().step) {
        m_pauseAt.reset();
        pause({});
    }
    autosave();
}

void RunLoop::watchAfterStep()
{
    const auto begin = Clock::now();
    const TrainingState &state = m_trainer->state();
    const auto step = count(state.step);
    const bool epochEnds = step % state.description.stepsPerEpoch == 0;
    const auto every = [&](ParameterId id) { return static_cast<std::uint64_t>(state.settings.whole(id)); };
    const bool validates = step - m_lastValidation >= m_validationPace.interval(every(ParameterId::SnappedInterval));
    if (epochEnds) {
        m_watcher->measureWhole();
        tell(EpochEnded{static_cast<int>(step / state.description.stepsPerEpoch), state.step, m_watcher->latentAccuracy(),
                        m_watcher->snappedAccuracy()});
    } else if (validates) {
        m_watcher->measureSubset();
        m_validationPace.measured(Clock::now() - begin);
    }
    if (epochEnds || validates)
        m_lastValidation = step;
    if (epochEnds || validates || m_stepOnce || step - m_lastFrame >= m_framePace.interval(every(ParameterId::FrameInterval))) {
        const auto beforeFrame = Clock::now();
        publishFrame(epochEnds || validates, epochEnds);
        m_framePace.measured(Clock::now() - beforeFrame);
        m_lastFrame = step;
    }
    m_measuring += Clock::now() - begin;
}

void RunLoop::publishFrame(bool measuredNow, bool whole)
{
    const TrainingState &state = m_trainer->state();
    const auto tally = m_trainer->takeTally();
    m_trainedImages += tally.images;
    auto frame = std::make_shared<Frame>(m_watcher->frame(tally));
    const Seconds wall = m_training + m_measuring;
    if (m_trainedImages > 0 && wall.count() > 0) {
        m_imagesPerSecond = static_cast<double>(m_trainedImages) / wall.count();
        const auto left = static_cast<double>((state.stages.total() - count(state.step)) *
                                              static_cast<std::uint64_t>(state.settings.whole(ParameterId::BatchSize)));
        frame->etaSeconds = left / m_imagesPerSecond;
        frame->measuringShare = m_measuring / wall;
        frame->waitingShare = Seconds{m_trainer->waited()} / wall;
    }
    frame->imagesPerSecond = m_imagesPerSecond;
    Sample sample = sampleOf(*frame, measuredNow);
    sample.wholeValidation = whole;
    m_history.add(sample);
    m_ports.frames.put(std::move(frame));
    tell(Sampled{std::move(sample)});
    for (auto &note : m_watcher->takeNotes())
        tell(Note{state.step, std::move(note)});
}

void RunLoop::pause(std::string reason)
{
    m_paused = true;
    m_stepOnce = false;
    tell(Paused{m_trainer->state().step, std::move(reason)});
}

void RunLoop::drainCommands()
{
    for (auto &[id, command] : m_ports.commands.takeAll()) {
        Reply reply = answer(command);
        const bool applied = std::holds_alternative<Applied>(reply);
        const auto *take = std::get_if<TakeSnapshot>(&command);
        const std::filesystem::path file = take ? take->file : std::filesystem::path{};
        const bool measures = std::holds_alternative<MeasurePacked>(command);
        const bool showAtOnce =
            m_paused && (std::holds_alternative<SetParameter>(command) || std::holds_alternative<SetLayerLambda>(command));
        tell(CommandReplied{id, std::move(command), std::move(reply)});
        if (applied && !file.empty())
            snapshot(file);
        else if (applied && measures)
            measurePacked();
        else if (applied && showAtOnce)
            showChange();
    }
}

void RunLoop::showChange() // a paused run shows what was set, too
{
    m_watcher->measureSubset();
    publishFrame(true, false);
}

Reply RunLoop::answer(const Command &command)
{
    const Step now = m_trainer->state().step;
    if (std::holds_alternative<TakeSnapshot>(command)) {
        if (std::get<TakeSnapshot>(command).file.empty())
            return Rejected{{ErrorCode::BadValue, "Snapshot: expected a file name, found none."}};
        return Applied{now};
    }
    if (std::holds_alternative<MeasurePacked>(command))
        return Applied{now};
    if (m_summary)
        return Rejected{{ErrorCode::BadValue, "The run has finished; only snapshots can still be taken. Start a new run."}};
    if (const auto *set = std::get_if<SetParameter>(&command))
        return m_trainer->apply(*set);
    if (const auto *set = std::get_if<SetLayerLambda>(&command))
        return m_trainer->apply(*set);
    if (const auto *next = std::get_if<NextStage>(&command))
        return nextStage(*next);
    return answerPaused(command);
}

Reply RunLoop::nextStage(const NextStage &command)
{
    Reply reply = m_trainer->apply(command);
    const TrainingState &state = m_trainer->state();
    if (m_pauseAt && count(*m_pauseAt) > state.stages.total())
        m_pauseAt.reset();
    if (std::holds_alternative<Applied>(reply))
        tell(StagesChanged{std::make_shared<const RunDescription>(state.description)});
    return reply;
}

Reply RunLoop::answerPaused(const Command &command)
{
    const Step now = m_trainer->state().step;
    if (std::holds_alternative<Pause>(command)) {
        if (!m_paused)
            pause({});
    } else if (std::holds_alternative<Resume>(command)) {
        if (std::exchange(m_paused, false))
            tell(Resumed{now});
    } else if (std::holds_alternative<StepOnce>(command)) {
        if (!m_paused)
            return Rejected{{ErrorCode::BadValue, "Single step: expected a paused run, found a running one. Pause it first."}};
        m_stepOnce = true;
    } else if (const auto *at = std::get_if<PauseAt>(&command)) {
        if (at->step <= now || count(at->step) > m_trainer->state().stages.total())
            return Rejected{{ErrorCode::BadValue, fmt::format("Pause at: expected a step from {} to {}, found {}.", count(now) + 1,
                                                              m_trainer->state().stages.total(), count(at->step))}};
        m_pauseAt = at->step;
    }
    return Applied{now};
}

void RunLoop::snapshot(const std::filesystem::path &file)
{
    const auto begin = Clock::now();
    auto data = std::make_shared<SnapshotData>(toSnapshot(m_trainer->state(), m_history, (m_before + m_training + m_measuring).count()));
    addTestAccuracies(*data);
    m_file = file;
    m_lastSave = Clock::now();
    m_measuring += m_lastSave - begin;
    m_writer.write(std::move(data), file, [this](const std::filesystem::path &path, Step step, const Result<void> &written) {
        if (written)
            tell(SnapshotSaved{path, step});
        else
            tell(SnapshotFailed{path, written.error()});
    });
}

void RunLoop::addTestAccuracies(SnapshotData &data) const
{
    if (!m_summary)
        return;
    data.latentTestAccuracy = m_summary->latentTestAccuracy;
    data.snappedTestAccuracy = m_summary->snappedTestAccuracy;
}

void RunLoop::measurePacked()
{
    const auto begin = Clock::now();
    auto data = std::make_unique<SnapshotData>(toPackable(m_trainer->state()));
    addTestAccuracies(*data);
    const Seconds copying = Clock::now() - begin;
    m_measuring += copying;
    if (!m_meter)
        m_meter.emplace(m_ports.measurePacked, [this](Step step, Result<PackedAccount> account) {
            if (account)
                tell(PackedMeasured{step, std::make_shared<const PackedAccount>(*std::move(account))});
            else
                tell(PackedFailed{step, account.error()});
        });
    m_meter->measure(std::move(data), copying.count());
}

void RunLoop::autosave()
{
    const double minutes = m_trainer->state().settings.real(ParameterId::AutosaveMinutes);
    if (minutes > 0 && !m_file.empty() && Clock::now() - m_lastSave > Seconds{60 * minutes})
        snapshot(m_file);
}

void RunLoop::finish()
{
    m_summary = m_trainer->finish();
    tellNotes();
    m_summary->seconds = (m_before + m_training + m_measuring).count();
    m_summary->waitingShare = Seconds{m_trainer->waited()} / (m_training + m_measuring);
    m_summary->measuringShare = m_measuring / (m_training + m_measuring);
    m_watcher->measureWhole();
    publishFrame(true, true);
    tell(StageEntered{Stage::Finished, m_trainer->state().step});
    tell(Finished{*m_summary});
}

} // namespace

void runTraining(RunPorts &ports, const StartPoint &start, bool paused, const std::stop_token &stop)
{
    auto failed = [&](std::string text) {
        ports.events.put(Failed{{ErrorCode::Internal, std::move(text)}}, stop);
        ports.wake.notify();
    };
    try {
        RunLoop{ports, stop}.run(start, paused);
    } catch (const std::bad_alloc &) {
        failed("Training: not enough memory for this network and minibatch; choose a smaller one.");
    } catch (const std::exception &error) {
        const std::string text = error.what();
        failed("Training: " + text.substr(0, text.find('\n')));
    }
}

} // namespace engine
