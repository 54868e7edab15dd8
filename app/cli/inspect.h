// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cli/arguments.h"

namespace app {

/// `condensate models`: layers, shapes and weight counts of every built-in network. Returns the exit code.
int printModels(const ModelsRequest &request);
/// `condensate info FILE`, of a snapshot or a packed file. Returns the exit code: 2 if the file cannot be read.
int printInfo(const InfoRequest &request);

} // namespace app
