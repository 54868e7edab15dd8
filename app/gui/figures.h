// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <filesystem>

namespace app {

/// `condensate figures SNAPSHOT --out DIR`: every figure of a snapshot as PDF, SVG, PNG and CSV, without a display.
/// Prints the files. Returns the exit code: 2 if the snapshot cannot be read or the folder cannot be written.
int drawFigures(int argc, char **argv, const std::filesystem::path &snapshot, const std::filesystem::path &folder);

} // namespace app
