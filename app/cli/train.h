// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cli/arguments.h"
#include "app/console/console.h"

namespace app {

/// Trains without a window. Leaves snapshot.h5 with model.cnd, the packed network, (and the like for
/// reference and latent when compared) and report.md in the folder.
/// Returns the exit code: 0; 1 when training failed; 2 when an argument, the data or the folder is no good;
/// 130 after Ctrl-C, with a snapshot of the moment.
int train(const TrainRequest &request, Console &console);

} // namespace app
