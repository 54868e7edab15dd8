// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/messages/commands.h"
#include "engine/schedule/schedule.h"
#include "engine/storage/snapshot.h"
#include <vector>

namespace engine {

/// Lets the run in a snapshot go on as another one from here, with some parameters changed:
/// - In warm-up, as a run with these settings from its first step would; all but what shaped the warm-up can change.
/// - With codebooks made, what shaped these stays too. A float network counts as warmed up by all its steps.
/// - Once committed, assignments are frozen: it can only commit longer, at other rates. More `epochs`
///   lengthen the stage that it is in (lengthened). A history whose codebooks have another length is left
///   behind.
/// Errors: BadValue, naming what cannot change, the reason and the way round; those of Settings::set and checkTogether;
/// BadValue where no step is left to do.
Result<void> forkRun(SnapshotData &data, const std::vector<SetParameter> &changes);

/// The stages of a run that is in `stage` (or was in its last one, when finished) and is to have so many
/// steps in all: finished stages keep theirs, the new ones lengthen that stage. Requires: total not below
/// that of `stages`.
StageLengths lengthened(StageLengths stages, Stage stage, std::uint64_t total) noexcept;

/// The stage that a finished run was in at last.
Stage lastStage(const StageLengths &stages) noexcept;

} // namespace engine
