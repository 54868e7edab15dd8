// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/runloop_torch.h"
#include "engine/core/effects.h"
#include "engine/core/guarded.h"
#include "engine/packing/measurepacked.h"
#include <fmt/format.h>

namespace engine {

using Clock = std::chrono::steady_clock;

// ---- What it tells ----

void RunLoop::tell(Event event)
{
    m_ports.events.put(std::move(event), m_stop);
    m_ports.wake.notify();
}

void RunLoop::tellStages() { tell(StagesChanged{std::make_shared<const RunDescription>(state().description)}); }

void RunLoop::tellNotes()
{
    for (auto &note : m_trainer->takeNotes())
        tell(Note{step(), std::move(note)});
}

void RunLoop::log(LogEntry::What what, Author by)
{
    if (!std::exchange(m_hasStarted, true))
        log(startedWith(state(), {}), Author::Hand);
    m_log.entries.push_back(logEntry(state(), std::move(what), by));
    tell(Logged{m_log.entries.back()});
}

void RunLoop::tellPrepared(bool isNew)
{
    tell(Prepared{std::make_shared<const RunDescription>(state().description), std::make_shared<const History>(m_history),
                  std::make_shared<const RunLog>(m_log), step()});
    tell(StageEntered{state().progress.stage, step()});
    if (isNew) {
        for (const auto &idle : settingsWithoutEffect(state().settings()))
            tell(Note{step(), fmt::format("{} has no effect: {}.", spec(idle.id).key, idle.because)});
        for (auto &idle : rulesWithoutEffect(state().settings(), state().model.network->layerNames()))
            tell(Note{step(), std::move(idle)});
    }
    for (auto &note : std::exchange(state().notes, {}))
        tell(Note{step(), std::move(note)});
    for (const auto &entry : state().model.network->tensors()) {
        if (entry.role == Network::Role::FloatKernel)
            tell(Note{step(), fmt::format("{} stays float ({} values).", entry.name, entry.tensor.numel())});
    }
    for (const auto &sharers : state().model.codebooks) {
        const LayerInfo &layer = state().description.layers[sharers.front()];
        if (sharers.size() == 1 && layer.weightCount < static_cast<std::uint64_t>(state().model.layerSettings[sharers.front()].k))
            tell(Note{step(), fmt::format("{} has fewer weights ({}) than representatives.", layer.name, layer.weightCount)});
    }
}

// ---- The loop ----

void RunLoop::adopt(Beginning beginning)
{
    m_trainer = std::move(beginning.trainer);
    m_watcher = std::make_unique<Watcher>(state());
    m_lastFrame = m_lastValidation = count(step());
    m_log = std::move(beginning.log);
    m_hasStarted = beginning.isStart;
    m_history = std::move(beginning.history);
    m_before = Seconds{beginning.seconds};
    m_summary = beginning.summary;
    m_isWhole = true;
}

void RunLoop::run(const StartPoint &from, const RunOptions &options)
{
    auto beginning = beginRun(from, *m_shelf);
    if (!beginning)
        return tell(Failed{beginning.error()});
    adopt(*std::move(beginning));
    if (auto ready = options.ready ? options.ready(state().description, m_log) : Result<void>{}; !ready)
        return tell(Failed{ready.error()});
    try {
        live(std::holds_alternative<FromSettings>(from), options.paused);
    } catch (...) {
        salvage();
        throw;
    }
}

void RunLoop::live(bool isNew, bool paused)
{
    tellPrepared(isNew);
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
        feedScript(); // after a command to go on, or to do one step
        if (m_paused && !m_stepOnce)
            m_ports.commands.wait(m_stop);
        else if (!m_trainer->atEnd())
            oneStep();
        else if (!m_summary)
            end(true);
        else
            m_ports.commands.wait(m_stop);
    }
    drainCommands(); // what was posted before the stop: a last snapshot
    m_meter.reset(); // what it has not measured yet nobody will miss
    m_keeper.drain();
    tell(Stopped{step()});
}

/// A library has failed, for want of memory perhaps: what was trained stays.
void RunLoop::salvage() noexcept
{
    try {
        if (m_isWhole)
            keep();
        m_keeper.drain();
    } catch (...) { // then the last save has to do
    }
}

/// A step that a library breaks off leaves the state before it, as one does that is not finite.
Result<void> RunLoop::tryStep()
{
    m_isWhole = false;
    auto done = guarded(fmt::format("Step {}", count(step())), [this] { return m_trainer->runStep(); });
    if (!done)
        m_trainer->takeBack();
    m_isWhole = true;
    return done;
}

void RunLoop::oneStep()
{
    keepStageEnd();
    const auto begin = Clock::now();
    if (auto done = tryStep(); !done)
        return pause(done.error().text);
    const Seconds cost = Clock::now() - begin;
    m_training += cost;
    m_framePace.stepped(cost);
    m_validationPace.stepped(cost);
    tellNotes();
    if (const auto entered = m_trainer->takeEnteredStage())
        tell(StageEntered{*entered, step()});
    watchAfterStep();
    if (std::exchange(m_stepOnce, false) || m_pauseAt == step()) {
        m_pauseAt.reset();
        pause({});
    }
    if (m_keeper.isDue(state().settings().real(ParameterId::AutosaveMinutes)))
        keep();
}

void RunLoop::watchAfterStep()
{
    const auto begin = Clock::now();
    const auto now = count(step());
    const auto stepsPerEpoch = state().description.stepsPerEpoch;
    const bool epochEnds = now % stepsPerEpoch == 0;
    const auto every = [&](ParameterId id) { return static_cast<std::uint64_t>(state().settings().whole(id)); };
    const bool validates = now - m_lastValidation >= m_validationPace.interval(every(ParameterId::SnappedInterval));
    if (epochEnds) {
        m_watcher->measureWhole();
        tell(EpochEnded{static_cast<int>(now / stepsPerEpoch), step(), m_watcher->latentAccuracy(), m_watcher->snappedAccuracy()});
    } else if (validates) {
        m_watcher->measureSubset();
        m_validationPace.measured(Clock::now() - begin);
    }
    if (epochEnds || validates)
        m_lastValidation = now;
    if (epochEnds || validates || m_stepOnce || now - m_lastFrame >= m_framePace.interval(every(ParameterId::FrameInterval))) {
        const auto beforeFrame = Clock::now();
        publishFrame(epochEnds || validates, epochEnds);
        m_framePace.measured(Clock::now() - beforeFrame);
        m_lastFrame = now;
    }
    m_measuring += Clock::now() - begin;
}

void RunLoop::publishFrame(bool measuredNow, bool whole)
{
    const auto tally = m_trainer->takeTally();
    m_trainedImages += tally.images;
    auto frame = std::make_shared<Frame>(m_watcher->frame(tally));
    const Seconds wall = m_training + m_measuring;
    if (m_trainedImages > 0 && wall.count() > 0) {
        m_imagesPerSecond = static_cast<double>(m_trainedImages) / wall.count();
        const auto left =
            (state().stages().total() - count(step())) * static_cast<std::uint64_t>(state().settings().whole(ParameterId::BatchSize));
        frame->etaSeconds = static_cast<double>(left) / m_imagesPerSecond;
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
        tell(Note{step(), std::move(note)});
}

void RunLoop::pause(std::string reason)
{
    m_paused = true;
    m_stepOnce = false;
    tell(Paused{step(), std::move(reason)});
}

void RunLoop::finish()
{
    m_summary = m_trainer->finish();
    tellNotes();
    m_summary->seconds = (m_before + m_training + m_measuring).count();
    m_summary->waitingShare = Seconds{m_trainer->waited()} / (m_training + m_measuring);
    m_summary->measuringShare = m_measuring / (m_training + m_measuring);
    log(Ended{}, Author::Rule);
}

/// `isLast`: the run is not about to be lengthened.
void RunLoop::end(bool isLast)
{
    finish();
    m_watcher->measureWhole();
    publishFrame(true, true);
    tell(StageEntered{Stage::Finished, step()});
    if (isLast)
        tell(Finished{*m_summary});
}

// ---- What it leaves ----

RunPast RunLoop::past() const
{
    return {m_log, m_history, (m_before + m_training + m_measuring).count(), m_summary ? &*m_summary : nullptr};
}

void RunLoop::keep()
{
    if (!m_keeper.keeps())
        return;
    const auto begin = Clock::now();
    m_keeper.save(snapshot());
    m_measuring += Clock::now() - begin;
}

/// Before the step that leaves a stage behind.
void RunLoop::keepStageEnd()
{
    const Stage stage = state().progress.stage;
    if (stage == state().stages().stageOf(count(step())) || !m_keeper.keepsStageEnd(stage))
        return;
    const auto begin = Clock::now();
    m_keeper.saveStageEnd(snapshot(), stage);
    m_measuring += Clock::now() - begin;
}

void RunLoop::measurePacked()
{
    const auto begin = Clock::now();
    auto packable = std::make_unique<PackableRun>(toPackable(state(), past()));
    const Seconds copying = Clock::now() - begin;
    m_measuring += copying;
    if (!m_meter)
        m_meter.emplace(engine::measurePacked, [this](Step at, Result<PackedAccount> account) {
            if (account)
                tell(PackedMeasured{at, std::make_shared<const PackedAccount>(*std::move(account))});
            else
                tell(PackedFailed{at, account.error()});
        });
    m_meter->measure(std::move(packable), copying.count());
}

void runTraining(RunPorts &ports, const StartPoint &from, const RunOptions &options, const std::stop_token &stop)
{
    const auto done = guarded("Training", [&]() -> Result<void> {
        RunLoop{ports, options, stop}.run(from, options);
        return {};
    });
    if (done)
        return;
    ports.events.put(Failed{done.error()}, stop);
    ports.wake.notify();
}

} // namespace engine
