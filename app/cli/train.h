// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cli/arguments.h"

namespace app {

/// Trains without a window. Leaves in the folder what engine/runs/runfolder.h lists, of each run that is compared.
/// Returns the exit code: 0; 1 when training failed or its last state could not be written where it belongs; 2 when an
/// argument, the data or the folder is no good; 130 after Ctrl-C, with a snapshot of the moment.
int train(const TrainRequest &request);

/// Runs the run of a snapshot again, from its first step, and says whether weights and representatives are the same bits.
/// Returns the exit code: 0 if they are; 1 if not; 2 and 130 as above.
int replay(const ReplayRequest &request);

} // namespace app
