// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include "engine/run/startpoint.h"
#include "engine/runs/follower.h"
#include "engine/runs/runfolder.h"
#include "engine/storage/snapshot.h"
#include <string>
#include <vector>

namespace engine {

/// What runs the run of a snapshot again, from its first step to where the snapshot was taken, command by command.
/// Errors: BadValue where the snapshot does not know all that was done.
Result<FromSettings> replayOf(const RunRecord &run);

/// Why the run that is about to be repeated cannot come out the same: other images, start weights or code.
/// Empty: nothing.
std::string whatDiffers(const RunDescription &stored, const RunDescription &now);
/// Why it may come out different by some bits: another processor, version of LibTorch or number of threads. Sentences.
std::vector<std::string> whatMayDiffer(const RunLog &stored, const RunLog &now);

/// How the state that was reached compares with the stored one.
struct StateComparison {
    struct Layer {
        std::string name;
        std::uint64_t weights = 0;         ///< that differ in a bit
        std::uint64_t representatives = 0; ///< likewise; all of them where their number differs
    };
    std::vector<Layer> layers;             ///< that differ
    std::vector<std::string> arrays;       ///< other arrays that differ: biases, batch-norm, optimizer, random state
    bool isSame() const noexcept { return layers.empty() && arrays.empty(); }
};
StateComparison compareStates(const SnapshotData &stored, const SnapshotData &reached);
/// In words, lines that end in '\n'.
std::string describe(const StateComparison &comparison, const RunRecord &stored);

/// What came of a replay.
struct Replayed {
    Followed end;
    std::optional<StateComparison> comparison; ///< where it got to the step of the snapshot
    std::vector<std::string> mayDiffer;        ///< see whatMayDiffer
};
/// Runs `from`, the replay of a stored run, in a folder, and compares. Blocks. Stops at once where whatDiffers.
Replayed replay(const SnapshotData &stored, FromSettings from, RunFolder &folder, Signals &system, RunWatcher &watcher);

} // namespace engine
