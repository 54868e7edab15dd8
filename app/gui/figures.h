// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/console/console.h"
#include <filesystem>

namespace app {

/// `condensate figures SNAPSHOT --out DIR`: every figure of a snapshot as PDF, SVG, PNG and CSV, without a display.
/// Prints the files. Returns the exit code.
int drawFigures(int argc, char **argv, const std::filesystem::path &snapshot, const std::filesystem::path &folder, Console &console);

} // namespace app
