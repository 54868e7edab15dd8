// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/messages/messages.h"
#include "engine/storage/snapshot.h"
#include <string_view>

namespace engine {

/// A run as it would be, had it ended where a snapshot stands.
struct EndedRun {
    Summary summary;
    SnapshotData snapshot; ///< with re-estimated statistics and test accuracies; log and history as before
};
/// Loads the data and measures. `what` begins its errors. Errors: those of fromSnapshot; Internal where LibTorch fails.
Result<EndedRun> endedRun(const SnapshotData &data, std::string_view what);

} // namespace engine
