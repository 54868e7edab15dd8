// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cli/arguments.h"
#include "app/console/console.h"

namespace app {

/// `condensate sensitivity SNAPSHOT`. Returns the exit code; after Ctrl-C the layers measured so far are printed.
int printSensitivity(const SensitivityRequest &request, Console &console);
/// `condensate allocate SNAPSHOT`. Returns the exit code: kExitFailed if no candidates reach what was asked for.
int printAllocation(const AllocateRequest &request, Console &console);

} // namespace app
