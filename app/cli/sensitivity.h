// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cli/arguments.h"

namespace app {

/// `condensate sensitivity SNAPSHOT`. Returns the exit code: 2 if it cannot be measured; 130 after Ctrl-C,
/// once the layers measured so far are printed.
int printSensitivity(const SensitivityRequest &request);
/// `condensate allocate SNAPSHOT`. Returns the exit code: 1 if no candidates reach what was asked for, 2 if
/// it cannot be measured, 130 after Ctrl-C.
int printAllocation(const AllocateRequest &request);

} // namespace app
