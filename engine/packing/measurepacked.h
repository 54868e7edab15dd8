// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/sizeaccount.h"
#include "engine/core/result.h"
#include "engine/storage/snapshot.h"
#include <stop_token>

namespace engine {

/// The bytes of the file that packSnapshot would write of a run, on the calling thread alone. `packable`: what
/// toPackable copies of the run. Exact for a run that has finished. Of one that goes on only the accuracies
/// are not known, which stand deflated among the description of the network: its section may differ by some
/// bytes, every other number is that of the file.
/// Errors: those of packedModelOf and planPacked; Internal once a stop is requested.
Result<PackedAccount> measurePacked(const PackableRun &packable, const std::stop_token &stop = {});

} // namespace engine
