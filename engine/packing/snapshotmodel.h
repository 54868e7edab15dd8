// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/packedmodel.h"
#include "engine/core/result.h"
#include "engine/storage/snapshot.h"

namespace engine {

/// Whether a snapshot holds all that its packed network takes: that of a finished run, with the statistics of
/// batch-norm under which its snapped accuracy was measured, and what its images look like. Those of other
/// runs, and files before version 1.5, do not.
bool isReadyToPack(const RunRecord &run, const StoredNetwork &network);

/// The snapped network of a snapshot, with the accuracies that were measured of it. `floats`: Float16 rounds
/// biases, batch-norm and float layers to the nearest where their values are in its range; the snapped
/// accuracy is then no longer that of the network and is left out. Buffers of whole numbers stay float32,
/// exactly, or else are refused; num_batches_tracked, which only training knows, is left out.
/// Requires: isReadyToPack, or toPackable, whose tensors have no values. Errors: BadFormat where arrays do
/// not fit each other; Unsupported where the snapshot lacks the code of a network of the user's own.
Result<PackedModel> packedModelOf(const RunRecord &run, const StoredNetwork &network,
                                  PackedTensor::Stored floats = PackedTensor::Stored::Float32);

} // namespace engine
