// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/console/console.h"
#include "engine/core/parameters.h"
#include <filesystem>
#include <optional>

namespace app {

/// How the window begins.
struct GuiOptions {
    engine::Settings settings;                     ///< the draft, or what is started
    bool startNow = false;
    std::optional<std::filesystem::path> snapshot; ///< opened, paused; with startNow it goes on at once
    /// PNG: a picture of the real window, for manuals and tests; the program ends once it is written, and
    /// remembers nothing.
    std::optional<std::filesystem::path> screenshot;
    double screenshotEpoch = 1;                    ///< taken when the run has got so far, is over, or stands still
    int width = 1440, height = 900;                ///< of the window in a screenshot
    bool dark = false;                             ///< colours of a screenshot
    std::filesystem::path runs;                    ///< the folder below which runs have theirs; empty: the usual one
};

/// Makes the application object and the window and runs until it is closed. Returns the exit code: kExitFailed if
/// a screenshot could not be made. Call from main(), once, before anything of LibTorch runs here.
int runGui(int argc, char **argv, const GuiOptions &options, Console &console);

} // namespace app
