// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/runs/runfolder.h"
#include <QString>
#include <functional>
#include <memory>

namespace app {

/// Where a run of the window saves itself.
struct RunHome {
    std::shared_ptr<engine::RunFolder> folder; ///< none: it cannot, `warning` says why
    bool isMade = false;                       ///< for this run; else it goes on where it was
    QString warning;                           ///< worth a message; empty: nothing

    engine::KeptFiles keeps() const;
    /// Gives up the right to write there. A folder that was made for the run and has no state of it goes.
    void leave();
    /// What makes the folder ready once data and network of the run are good; for the training thread.
    std::function<engine::Result<void>(const engine::RunDescription &, const engine::RunLog &)> ready() const;
};

/// The folder below which runs of the window have theirs: CONDENSATE_RUNS, or condensate-runs in the user's home.
QString defaultRuns();

/// A text as part of a file name on any file system.
QString plainName(QString name);

/// A new folder for a run with these settings, called after the moment and what it trains.
RunHome homeForNew(const QString &runs, const engine::Settings &settings);
/// Where the run of a snapshot goes on: in its folder if the snapshot is the newest state there and nobody
/// else writes there, else in a new one. The snapshot itself stays as it is, unless it is that newest state.
/// `own`: the folder in which this window writes already; may be none.
RunHome homeForSnapshot(const QString &runs, const QString &snapshot, const std::shared_ptr<engine::RunFolder> &own);

} // namespace app
