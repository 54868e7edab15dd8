// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/session.h"
#include <condition_variable>
#include <mutex>

namespace app {
namespace {

/// Sleeps until the engine has something, or a while has passed (signals are looked at then).
class Bell {
public:
    void ring()
    {
        {
            std::scoped_lock lock{m_mutex};
            m_rung = true;
        }
        m_condition.notify_one();
    }
    void wait(std::chrono::milliseconds atMost)
    {
        std::unique_lock lock{m_mutex};
        m_condition.wait_for(lock, atMost, [this] { return m_rung; });
        m_rung = false;
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_condition;
    bool m_rung = false; // guarded by m_mutex
};

class Session {
public:
    enum class Until { End, WarmupEnd };
    Session(engine::Run &run, std::filesystem::path snapshot, Progress &progress, Until until)
        : m_run{run}, m_snapshot{std::move(snapshot)}, m_progress{progress}, m_until{until} {}

    SessionEnd follow(const Interrupt &interrupt);

private:
    void handle(const engine::Event &event);
    void show(const engine::Frame &frame);
    void pausedAsAsked(engine::Step step);
    void save(int code)
    {
        m_end.code = code;
        m_closing = true;
        m_run.post(engine::TakeSnapshot{m_snapshot});
    }

    engine::Run &m_run;
    const std::filesystem::path m_snapshot;
    Progress &m_progress;
    const Until m_until;
    SessionEnd m_end;
    bool m_prepared = false, m_closing = false, m_over = false; // closing: the last snapshot is asked for
};

/// Before the first step, when the length of the warm-up has become known, or at its end.
void Session::pausedAsAsked(engine::Step step)
{
    const engine::Step end{m_end.description.warmupSteps};
    if (step >= end)
        return save(0);
    m_run.post(engine::PauseAt{end});
    m_run.post(engine::Resume{});
}

void Session::handle(const engine::Event &event)
{
    m_progress.event(event);
    if (const auto *prepared = std::get_if<engine::Prepared>(&event)) {
        m_end.description = *prepared->description;
        m_prepared = true;
    } else if (const auto *finished = std::get_if<engine::Finished>(&event)) {
        m_end.summary = finished->summary;
        save(0);
    } else if (const auto *paused = std::get_if<engine::Paused>(&event); paused && paused->reason.empty()) {
        if (!m_closing)
            pausedAsAsked(paused->step);
    } else if (paused) {
        m_progress.complain(paused->reason);
        save(1);
    } else if (const auto *saved = std::get_if<engine::SnapshotSaved>(&event); saved && m_closing) {
        m_over = true;
    } else if (const auto *bad = std::get_if<engine::SnapshotFailed>(&event)) {
        m_progress.complain(bad->why.text);
        m_end.code = m_end.code ? m_end.code : 1;
        m_over = true;
    } else if (const auto *failed = std::get_if<engine::Failed>(&event)) {
        m_progress.complain(failed->why.text);
        m_end.code = m_prepared ? 1 : 2; // before training began it is the data, the parameters or the file
        m_over = true;
    }
}

void Session::show(const engine::Frame &frame)
{
    m_progress.frame(frame);
    m_end.k.clear();
    for (const auto &layer : frame.layers)
        m_end.k.push_back(layer.k());
}

SessionEnd Session::follow(const Interrupt &interrupt)
{
    Bell bell;
    m_run.start(m_until == Until::WarmupEnd);
    m_run.wake().listen([&bell] { bell.ring(); });
    bool interrupted = false;
    while (!m_over) {
        bell.wait(std::chrono::milliseconds{100});
        m_run.wake().rearm();
        for (const auto &event : m_run.events().takeAll())
            handle(event);
        if (const auto frame = m_run.frames().take())
            show(*frame);
        if (interrupt.raised() && !interrupted) {
            interrupted = true;
            save(130);
        }
        if (interrupted && !m_prepared)
            m_over = true; // still loading: nothing to save
    }
    m_run.wake().listen(nullptr);
    m_run.stop();
    m_run.wait();
    return m_end;
}

} // namespace

SessionEnd follow(engine::Run &run, const std::filesystem::path &snapshot, Progress &progress, const Interrupt &interrupt)
{
    return Session{run, snapshot, progress, Session::Until::End}.follow(interrupt);
}

SessionEnd followWarmup(engine::Run &run, const std::filesystem::path &snapshot, Progress &progress, const Interrupt &interrupt)
{
    return Session{run, snapshot, progress, Session::Until::WarmupEnd}.follow(interrupt);
}

} // namespace app
