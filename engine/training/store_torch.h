// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/frame/history.h"
#include "engine/messages/messages.h"
#include "engine/storage/snapshot.h"
#include "engine/training/state_torch.h"

namespace engine {

/// Copies everything a run can be continued from into plain buffers. `seconds`: spent training so far.
SnapshotData toSnapshot(TrainingState &state, const History &history, double seconds);

/// The part of it that decides what the network takes as a packed file (measurePacked), as if the run ended
/// now: codes and codebooks, without the dead representatives where those would be dropped; the network's
/// other tensors by name and shape, all as float32 and without values; no latent weights, no optimizer, no
/// history. Costs a walk over the weights and a byte for each; changes nothing that trains.
SnapshotData toPackable(TrainingState &state);

/// Rebuilds a run: loads its data set anew, then puts every stored value in place.
/// Errors: those of prepareTraining; BadFormat when layers or arrays do not fit the network that the settings name.
Result<std::unique_ptr<TrainingState>> fromSnapshot(const SnapshotData &data);

/// Applies the changes of a branch to the settings in `data`; with another k its history, whose codebooks
/// have another length, goes.
/// Errors: BadValue when the snapshot has left the warm-up or would be past the new one, or when a change concerns what
/// shaped the warm-up; those of Settings::set and checkTogether.
Result<void> applyBranch(SnapshotData &data, const std::vector<SetParameter> &changes);

} // namespace engine
