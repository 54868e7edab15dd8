// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cli/arguments.h"

namespace app {

/// `condensate export SNAPSHOT -o FILE`, or of a packed file. Returns the exit code: 2 if it, its data or the
/// file to write is no good.
int exportNetwork(const ExportRequest &request);

} // namespace app
