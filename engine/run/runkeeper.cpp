// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/runkeeper.h"
#include <algorithm>

namespace engine {
namespace {

constexpr std::chrono::duration<double> kRetry{30.0}; // a disk may have room again

}

RunKeeper::RunKeeper(KeptFiles files, Tell tell, Now now) : m_files{std::move(files)}, m_tell{std::move(tell)}, m_now{std::move(now)} {}

bool RunKeeper::keeps() const
{
    const std::scoped_lock lock{m_mutex};
    return !m_files.newest.empty();
}

bool RunKeeper::isDue(double minutes) const
{
    if (minutes <= 0 || m_underWay > 0 || !keeps())
        return false;
    const std::chrono::duration<double> interval{60 * minutes};
    return m_now() - m_lastSave >= (m_failed ? std::min(interval, kRetry) : interval);
}

const std::filesystem::path &RunKeeper::stageEnd(Stage stage) const noexcept
{
    static const std::filesystem::path kNone;
    return stage == Stage::Warmup ? m_files.warmupEnd : stage == Stage::Cluster ? m_files.clusterEnd : kNone;
}

bool RunKeeper::keepsStageEnd(Stage stage) const noexcept { return !stageEnd(stage).empty(); }

void RunKeeper::saveStageEnd(SnapshotData data, Stage stage)
{
    const Shared both = shared(std::move(data));
    write(both, {}, stageEnd(stage), SnapshotUse::Copy);
    if (keeps())
        write(both, {}, {}, SnapshotUse::Keep);
}

void RunKeeper::write(Shared data, CommandId command, std::filesystem::path file, SnapshotUse use)
{
    std::filesystem::path previous;
    {
        const std::scoped_lock lock{m_mutex};
        if (file.empty())
            file = m_files.newest;
        if (file == m_files.newest)
            previous = m_files.previous;
    }
    if (use == SnapshotUse::Keep)
        m_lastSave = m_now();
    ++m_underWay;
    m_writer.write(std::move(data), std::move(file), std::move(previous),
                   [this, command, use](const std::filesystem::path &path, Step step, const Result<void> &result) {
                       written(command, path, step, use, result);
                   });
}

void RunKeeper::written(CommandId command, const std::filesystem::path &file, Step step, SnapshotUse use, const Result<void> &result)
{
    if (use == SnapshotUse::Keep) {
        m_failed = !result;
        const std::scoped_lock lock{m_mutex};
        if (result)
            m_files.newest = file;
    }
    --m_underWay;
    if (result)
        m_tell(SnapshotSaved{command, file, step, use});
    else
        m_tell(SnapshotFailed{command, file, result.error()});
}

} // namespace engine
