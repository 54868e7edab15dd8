// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cli/arguments.h"
#include "app/console/console.h"

namespace app {

/// Trains without a window. Leaves in the folder what engine/runs/runfolder.h lists, of each run that is compared.
/// Returns the exit code: kExitDone; kExitFailed when training failed or its last state could not be written where it
/// belongs; kExitRefused when an argument, the data or the folder is no good; kExitInterrupted after Ctrl-C, with a
/// snapshot of the moment.
int train(const TrainRequest &request, Console &console);

/// Runs the run of a snapshot again, from its first step, and says whether weights and representatives are
/// the same bits.
/// Returns the exit code: kExitDone if they are; kExitFailed if not; the others as above.
int replay(const ReplayRequest &request, Console &console);

} // namespace app
