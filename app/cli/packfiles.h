// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cli/arguments.h"
#include "app/console/console.h"

namespace app {

/// `condensate pack SNAPSHOT -o FILE`. Returns the exit code, as do the others.
int pack(const PackRequest &request, Console &console);
/// `condensate unpack FILE -o FILE.safetensors`
int unpack(const UnpackRequest &request, Console &console);
/// `condensate evaluate FILE`: loads the packed file and the data set, nothing else.
int evaluate(const EvaluateRequest &request, Console &console);

} // namespace app
