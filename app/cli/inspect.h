// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cli/arguments.h"
#include "app/console/console.h"

namespace app {

/// `condensate models`: layers, shapes and weight counts of every built-in network. Returns the exit code.
int printModels(const ModelsRequest &request, Console &console);
/// `condensate info FILE`, of a snapshot or a packed file. Returns the exit code.
int printInfo(const InfoRequest &request, Console &console);

} // namespace app
