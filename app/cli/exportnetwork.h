// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cli/arguments.h"
#include "app/console/console.h"

namespace app {

/// `condensate export SNAPSHOT -o FILE`, or of a packed file. Returns the exit code.
int exportNetwork(const ExportRequest &request, Console &console);

} // namespace app
