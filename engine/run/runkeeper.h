// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/messages/messages.h"
#include "engine/run/startpoint.h"
#include "engine/storage/snapshotwriter.h"
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

namespace engine {

/// The one owner of the files that a run saves itself to: knows where, when it is time again, and writes on a thread of
/// its own. Called by the training thread.
class RunKeeper {
public:
    using Clock = std::chrono::steady_clock;
    using Tell = std::function<void(Event)>; ///< on the writer's thread
    using Now = std::function<Clock::time_point()>;

    RunKeeper(KeptFiles files, Tell tell, Now now = Clock::now);

    bool keeps() const; ///< it has a file
    /// Whether `minutes` have passed since the last save, or half a minute of them if that failed. Never while a
    /// write is under way. 0 minutes: never.
    bool isDue(double minutes) const;
    void save(SnapshotData data) { write(shared(std::move(data)), {}, {}, SnapshotUse::Keep); } ///< to its own file
    /// To the file of that stage, and to its own if it has one: a run that is cut off goes on from there at least.
    /// Requires: keepsStageEnd(stage).
    void saveStageEnd(SnapshotData data, Stage stage);
    bool keepsStageEnd(Stage stage) const noexcept;
    /// What somebody asked for; see TakeSnapshot. Requires: a file there, or keeps().
    void take(SnapshotData data, CommandId command, const TakeSnapshot &asked)
    {
        write(shared(std::move(data)), command, asked.file, asked.use);
    }
    void drain() { m_writer.drain(); } ///< blocks until all is written

private:
    using Shared = std::shared_ptr<const SnapshotData>;
    static Shared shared(SnapshotData data) { return std::make_shared<const SnapshotData>(std::move(data)); }
    void write(Shared data, CommandId command, std::filesystem::path file, SnapshotUse use);
    void written(CommandId command, const std::filesystem::path &file, Step step, SnapshotUse use, const Result<void> &result);
    const std::filesystem::path &stageEnd(Stage stage) const noexcept;

    mutable std::mutex m_mutex;
    KeptFiles m_files; // guarded by m_mutex: newest
    const Tell m_tell;
    const Now m_now;
    Clock::time_point m_lastSave = m_now();
    std::atomic<int> m_underWay{0};
    std::atomic<bool> m_failed{false}; // the last save of its own
    SnapshotWriter m_writer;           // last: its thread ends first
};

} // namespace engine
