// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/messages/messages.h"
#include "engine/storage/snapshot.h"
#include "engine/training/state_torch.h"

namespace engine {

/// What a snapshot holds of a run beside its state. Borrowed.
struct RunPast {
    const RunLog &log;
    const History &history;
    double seconds = 0;               ///< spent training so far
    const Summary *summary = nullptr; ///< of a finished run
};

/// Copies everything a run can be continued from into plain buffers.
SnapshotData toSnapshot(TrainingState &state, const RunPast &past);

/// What decides how many bytes the network takes as a packed file (measurePacked), as if the run ended now: codes and
/// codebooks, without the dead representatives where those would be dropped; the network's other tensors by name and
/// shape, all as float32 and without values. Costs a walk over the weights and a byte for each; changes nothing that
/// trains.
PackableRun toPackable(TrainingState &state, const RunPast &past);

/// Rebuilds a run: takes its data set from the shelf, then puts every stored value in place.
/// Errors: those of prepareTraining; BadFormat when layers or arrays do not fit the network that the settings name.
Result<std::unique_ptr<TrainingState>> fromSnapshot(const SnapshotData &data, DatasetShelf &shelf);

} // namespace engine
