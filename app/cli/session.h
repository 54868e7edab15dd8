// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cli/interrupt.h"
#include "app/cli/progress.h"
#include "engine/coding/sizeaccount.h"
#include "engine/run/run.h"
#include <filesystem>
#include <optional>
#include <vector>

namespace app {

/// How one headless run ended.
struct SessionEnd {
    int code = 0; ///< exit code the program should end with, see train.h
    engine::Summary summary;
    engine::RunDescription description;
    std::optional<engine::PackedSize> packed; ///< of the packed file beside the snapshot, where there is one
    std::vector<int> k; ///< of each layer at the end: dead representatives may have been dropped
};

/// Starts a run, follows it to its end and saves its snapshot: at the end, when interrupted, and when
/// training pauses itself because of a number that is not finite.
SessionEnd follow(engine::Run &run, const std::filesystem::path &snapshot, Progress &progress, const Interrupt &interrupt);
/// The same up to the end of the warm-up, for branches to begin with.
SessionEnd followWarmup(engine::Run &run, const std::filesystem::path &snapshot, Progress &progress, const Interrupt &interrupt);

} // namespace app
