// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/history.h"
#include "engine/storage/snapshot.h"
#include "engine/training/state_torch.h"

namespace engine {

/// Copies everything a run can be continued from into plain buffers.
SnapshotData toSnapshot(TrainingState &state, const History &history);

/// Rebuilds a run: loads its data set anew, then puts every stored value in place.
/// Errors: those of prepareTraining; BadFormat when layers or arrays do not fit the network that the settings name.
Result<std::unique_ptr<TrainingState>> fromSnapshot(const SnapshotData &data);

} // namespace engine
