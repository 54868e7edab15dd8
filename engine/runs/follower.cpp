// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/follower.h"
#include <chrono>
#include <fmt/format.h>
#include <semaphore>
#include <system_error>
#include <unistd.h>

namespace engine {
namespace {

using How = Followed::How;

class Follower {
public:
    Follower(Run &run, std::filesystem::path file, RunWatcher &watcher) : m_run{run}, m_file{std::move(file)}, m_watcher{watcher} {}

    Followed follow(const RunOptions &options, Signals &system);

private:
    void obey(Asked asked);
    void handle(const Event &event);
    void on(const Finished &);
    void on(const Paused &paused);
    void on(const SnapshotSaved &saved);
    void on(const SnapshotFailed &failed);
    void on(const Failed &failed);
    void on(const Prepared &) { m_isPrepared = true; }
    template <typename Other>
    void on(const Other &)
    {
    }
    void close(How how);
    void end(How how) { m_end.how = how, m_isOver = true; }

    Run &m_run;
    const std::filesystem::path m_file;
    RunWatcher &m_watcher;
    Followed m_end;
    std::optional<CommandId> m_last; // the snapshot after which it is over
    bool m_isPrepared = false, m_isOver = false, m_triesElsewhere = false;
};

/// The last state is on its way to the disk.
void Follower::close(How how)
{
    m_end.how = how;
    m_last = m_run.post(TakeSnapshot{});
}

void Follower::obey(Asked asked)
{
    if (asked == Asked::Save) {
        if (m_isPrepared && !m_last)
            m_run.post(TakeSnapshot{});
        return;
    }
    if (!m_isPrepared)
        return end(How::Interrupted); // still loading: nothing to save
    if (!m_last)
        close(How::Interrupted);
}

void Follower::on(const Finished &) { close(How::Finished); }

void Follower::on(const Paused &paused)
{
    if (m_last)
        return;
    if (!paused.reason.empty())
        m_end.why = Error{ErrorCode::NotFinite, paused.reason};
    close(How::Paused);
}

void Follower::on(const SnapshotSaved &saved)
{
    if (m_last != saved.command)
        return;
    m_end.snapshot = saved.file;
    end(m_end.how);
}

void Follower::on(const SnapshotFailed &failed)
{
    if (m_last != failed.command)
        return; // the run tries again by itself
    m_end.why = failed.why;
    std::error_code none;
    const auto temporary = std::filesystem::temp_directory_path(none);
    if (m_triesElsewhere || none)
        return end(How::Unsaved);
    m_triesElsewhere = true;
    const auto file = temporary / fmt::format("condensate-{}-{}", ::getpid(), m_file.filename().string());
    m_watcher.remark(fmt::format("{} The last state of the run goes to {} instead.", failed.why.text, file.string()));
    m_last = m_run.post(TakeSnapshot{file, SnapshotUse::Copy});
}

void Follower::on(const Failed &failed)
{
    m_end.why = failed.why;
    end(m_isPrepared ? How::Failed : How::Refused);
}

void Follower::handle(const Event &event)
{
    m_watcher.event(event);
    std::visit([this](const auto &what) { on(what); }, event);
}

Followed Follower::follow(const RunOptions &options, Signals &system)
{
    std::counting_semaphore<> bell{0}; // it may ring again before it was heard
    m_run.wake().listen([&bell] { bell.release(); });
    m_run.start(options);
    while (!m_isOver) {
        constexpr std::chrono::milliseconds kSignalsAreSeen{100};
        (void)bell.try_acquire_for(kSignalsAreSeen);
        m_run.wake().rearm();
        for (const auto &event : m_run.events().takeAll()) {
            if (!m_isOver)
                handle(event);
        }
        if (const auto frame = m_run.frames().take())
            m_watcher.frame(*frame);
        if (const auto asked = system.take(); asked && !m_isOver)
            obey(*asked);
    }
    m_run.wake().listen(nullptr);
    m_run.stop();
    m_run.wait();
    return m_end;
}

} // namespace

Followed follow(Run &run, const RunOptions &options, Signals &system, RunWatcher &watcher)
{
    return Follower{run, options.keeps.newest, watcher}.follow(options, system);
}

} // namespace engine
