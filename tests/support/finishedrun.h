// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/storage/snapshot.h"
#include "tests/support/follower.h"
#include <filesystem>
#include <optional>

namespace support {

/// What a run left.
struct FinishedRun {
    engine::SnapshotData data;
    engine::Summary summary;
};

/// Asks the run for a snapshot and reads it.
inline engine::Result<engine::SnapshotData> takeSnapshot(engine::Run &run, Follower &follower, const std::filesystem::path &file)
{
    run.post(engine::TakeSnapshot{file});
    if (!follower.await<engine::SnapshotSaved>())
        return engine::fail(engine::ErrorCode::Internal, "the snapshot was not saved");
    return engine::readSnapshot(file);
}

/// Trains to the end. Nothing if that fails.
inline std::optional<FinishedRun> finishRun(engine::Run &run, const std::filesystem::path &file)
{
    Follower follower{run};
    run.start();
    const auto *finished = follower.await<engine::Finished>();
    if (!finished)
        return std::nullopt;
    auto data = takeSnapshot(run, follower, file);
    if (!data)
        return std::nullopt;
    return FinishedRun{*std::move(data), finished->summary};
}

} // namespace support
