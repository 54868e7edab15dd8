// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a run is asked, by hand or by a script.
#include "engine/run/runloop_torch.h"
#include "engine/training/fork.h"
#include <fmt/format.h>
#include <type_traits>

namespace engine {

// ---- What it is asked ----

void RunLoop::drainCommands()
{
    for (auto &[id, command] : m_ports.commands.takeAll()) {
        Reply reply = answer(command, Author::Hand);
        const bool applied = std::holds_alternative<Applied>(reply);
        tell(CommandReplied{id, command, std::move(reply)});
        if (applied)
            carryOut(id, command);
    }
}

/// What a command asks for beyond its reply.
void RunLoop::carryOut(CommandId id, const Command &command)
{
    if (const auto *take = std::get_if<TakeSnapshot>(&command)) {
        const auto begin = std::chrono::steady_clock::now();
        m_keeper.take(snapshot(), id, *take);
        m_measuring += std::chrono::steady_clock::now() - begin;
    } else if (std::holds_alternative<MeasurePacked>(command)) {
        measurePacked();
    } else if (m_paused && (std::holds_alternative<SetParameter>(command) || std::holds_alternative<SetLayerLambda>(command))) {
        showSet();
    }
}

/// Without waiting for a step.
void RunLoop::showSet()
{
    m_watcher->measureSubset();
    publishFrame(true, false);
}

Reply RunLoop::answer(const Command &command, Author by)
{
    if (const auto *take = std::get_if<TakeSnapshot>(&command)) {
        if (take->file.empty() && !m_keeper.keeps())
            return Rejected{{ErrorCode::BadValue, "Snapshot: expected a file name, found none."}};
        return Applied{step()};
    }
    if (std::holds_alternative<MeasurePacked>(command))
        return Applied{step()};
    const auto *set = std::get_if<SetParameter>(&command);
    const bool lengthens = set && set->id == ParameterId::Epochs;
    if (m_summary && !lengthens)
        return Rejected{{ErrorCode::BadValue, "The run has finished; only snapshots can still be taken. More epochs let it go on."}};
    if (lengthens && m_trainer->atEnd() && !m_summary)
        end(false);
    Reply reply = set                                                ? m_trainer->apply(*set)
                  : std::holds_alternative<SetLayerLambda>(command) ? m_trainer->apply(std::get<SetLayerLambda>(command))
                  : std::holds_alternative<NextStage>(command)      ? m_trainer->apply(std::get<NextStage>(command))
                                                                    : answerPaused(command);
    if (!std::holds_alternative<Applied>(reply))
        return reply;
    std::visit(
        [&](const auto &what) {
            if constexpr (std::is_constructible_v<LogEntry::What, decltype(what)>)
                log(what, by);
        },
        command);
    if (m_pauseAt && count(*m_pauseAt) > state().stages().total())
        m_pauseAt.reset();
    if (lengthens || std::holds_alternative<NextStage>(command))
        tellStages();
    if (lengthens && m_summary && state().progress.stage != Stage::Finished)
        goOnLonger();
    if (set && count(step()) == 0 && !m_paused)
        showSet(); // codebooks of another length, perhaps: the history begins with those that are trained
    return reply;
}

/// It had finished, and has steps to do again.
void RunLoop::goOnLonger()
{
    m_summary.reset();
    tell(StageEntered{state().progress.stage, step()});
    if (!m_paused)
        tell(Resumed{step()});
}

Reply RunLoop::answerPaused(const Command &command)
{
    if (std::holds_alternative<Pause>(command)) {
        if (!m_paused)
            pause({});
    } else if (std::holds_alternative<Resume>(command)) {
        if (std::exchange(m_paused, false))
            tell(Resumed{step()});
    } else if (std::holds_alternative<StepOnce>(command)) {
        if (!m_paused)
            return Rejected{{ErrorCode::BadValue, "Single step: expected a paused run, found a running one. Pause it first."}};
        m_stepOnce = true;
    } else if (const auto *at = std::get_if<PauseAt>(&command)) {
        const auto total = state().stages().total();
        if (at->step <= step() || count(at->step) > total)
            return Rejected{{ErrorCode::BadValue,
                             fmt::format("Pause at: expected a step from {} to {}, found {}.", count(step()) + 1, total, count(at->step))}};
        m_pauseAt = at->step;
    }
    return Applied{step()};
}

// ---- What it does by a script ----

void RunLoop::feedScript()
{
    auto &ahead = m_log.ahead;
    while (!ahead.empty() && ahead.front().step <= step() && (!m_paused || m_stepOnce)) {
        const LogEntry entry = std::move(ahead.front());
        ahead.erase(ahead.begin());
        const Reply reply = feed(entry);
        if (const auto *rejected = std::get_if<Rejected>(&reply))
            pause(fmt::format("What was to be done at step {} cannot be: {}", count(entry.step), rejected->why.text));
    }
}

Reply RunLoop::feed(const LogEntry &entry)
{
    if (const auto *start = std::get_if<Started>(&entry.what)) {
        setThreads(start->threads);
        state().description.threads = start->threads;
        return start->changes.empty() ? Applied{step()} : fork(start->changes, startedWith(state(), start->changes));
    }
    if (std::holds_alternative<Ended>(entry.what) && m_trainer->atEnd() && !m_summary)
        end(m_log.ahead.empty()); // what comes next finds the network as it was measured
    return std::visit(
        [&](const auto &what) -> Reply {
            if constexpr (!std::is_constructible_v<Command, decltype(what)>)
                return Applied{step()};
            else {
                Reply reply = answer(what, Author::File);
                if constexpr (std::is_same_v<std::decay_t<decltype(what)>, SetParameter>)
                    return std::holds_alternative<NeedsRestart>(reply) ? fork({what}, what) : std::move(reply);
                return reply;
            }
        },
        entry.what);
}

/// What a command cannot change any more takes another run, from here on in this one's place.
Reply RunLoop::fork(const std::vector<SetParameter> &changes, LogEntry::What logged)
{
    SnapshotData data = snapshot();
    const int threads = data.run.description.threads; // fromSnapshot sets those that the settings ask for
    if (auto valid = forkRun(data, changes); !valid)
        return Rejected{valid.error()};
    auto forked = fromSnapshot(data, *m_shelf);
    if (!forked)
        return Rejected{forked.error()};
    (*forked)->notes.clear(); // were told when it was prepared
    m_trainer = std::make_unique<Trainer>(*std::move(forked));
    setThreads(threads);
    state().description.threads = threads;
    m_watcher = std::make_unique<Watcher>(state());
    m_history = std::move(data.run.history);
    log(std::move(logged), Author::File);
    tellStages();
    if (m_summary)
        goOnLonger();
    return Applied{step()};
}

} // namespace engine
