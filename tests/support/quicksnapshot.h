// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/storage/snapshot.h"
#include "tests/support/finishedrun.h"
#include "tests/support/quickrun.h"
#include <QTemporaryDir>
#include <optional>

namespace support {

/// A snapshot of a quick run at this step, or where it ends.
inline engine::Result<engine::SnapshotData> snapshotAt(const engine::Settings &settings, std::optional<engine::Step> step)
{
    const QTemporaryDir folder;
    const std::filesystem::path file = folder.filePath("run.h5").toStdString();
    engine::Run run{engine::FromSettings{settings}};
    Follower follower{run};
    run.start({.paused = step.has_value()});
    if (step) {
        follower.await<engine::Paused>();
        follower.ask(engine::PauseAt{*step});
        follower.ask(engine::Resume{});
        follower.await<engine::Paused>();
    } else {
        follower.await<engine::Finished>();
    }
    return takeSnapshot(run, follower, file);
}

} // namespace support
