// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/exports/snappednetwork.h"
#include "engine/training/state_torch.h"

namespace engine {

/// Copies what the run computes with when it is snapped. Batch-norm statistics are those the state holds.
SnappedNetwork snappedNetwork(const TrainingState &state);

} // namespace engine
