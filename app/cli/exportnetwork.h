// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cli/arguments.h"

namespace app {

/// `condensate export SNAPSHOT -o FILE`. Returns the exit code: 2 if the snapshot, its data or the file is no good.
int exportNetwork(const ExportRequest &request);

} // namespace app
