// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include "engine/frame/frame.h"
#include "engine/messages/commands.h"
#include "engine/messages/runlog.h"
#include <filesystem>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

namespace engine {

class DatasetShelf; // data/datasetshelf.h

/// A run from its first step.
struct FromSettings {
    Settings settings;
    /// What is done at which step, in order: a recipe's changes, or the log of a run that is repeated; see
    /// RunLog::ahead.
    std::vector<LogEntry> script{};
};

/// A run that goes on from a snapshot, bit for bit as the run would have gone on that wrote it (same
/// processor, LibTorch and number of threads).
struct FromSnapshot {
    std::filesystem::path file;
    std::vector<SetParameter> changes{}; ///< `epochs` alone, which lengthens it
};

/// Another run that leaves one at a snapshot, with some parameters changed; see forkRun for which. In warm-up
/// it goes on as a run with these settings would have from its first step, bit for bit.
struct Branch {
    std::filesystem::path snapshot;
    std::vector<SetParameter> changes;
};

using StartPoint = std::variant<FromSettings, FromSnapshot, Branch>;

/// Where a run saves itself: every `autosave-minutes`, at the ends of stages, and when it is asked to
/// (TakeSnapshot without a file), as whoever follows it does at its end. Without names it saves nothing of
/// itself.
struct KeptFiles {
    std::filesystem::path newest{};   ///< its newest state
    std::filesystem::path previous{}; ///< what `newest` was before; may be left out
    std::filesystem::path warmupEnd{}, clusterEnd{}; ///< as it was at the ends of these stages; may be left out
};

struct RunOptions {
    bool paused = false; ///< before the first step
    KeptFiles keeps{};
    std::shared_ptr<DatasetShelf> shelf{}; ///< shared by runs that may look at the same data; none: a shelf of its own
    /// Called on the training thread once data and network have proved good, before the first step and before
    /// anything is written. An error is the run's, which then does not begin.
    std::function<Result<void>(const RunDescription &, const RunLog &)> ready{};
};

} // namespace engine
