// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/packedfile.h"
#include "engine/coding/packedmodel.h"
#include "engine/core/result.h"
#include "engine/storage/snapshot.h"
#include <filesystem>
#include <optional>

namespace engine {

/// The snapped network of a snapshot, for files of all formats. Batch-norm's statistics are those that were
/// re-estimated for it, and the accuracy is that of this network. Where the snapshot does not know them
/// (isReadyToPack), the data set is loaded and the run measured as if it ended here. `floats`: see
/// packedModelOf; Float16 takes the data set, for the accuracy changes.
/// Errors: those of packedModelOf; of fromSnapshot and evaluatePacked where the data set is needed.
Result<PackedModel> packedModelNow(const SnapshotData &data, PackedTensor::Stored floats = PackedTensor::Stored::Float32);

struct SnapshotPacking {
    std::optional<Coder> coder{};  ///< of all kernels; the smallest for each where left out
    bool halfFloats = false;       ///< biases, batch-norm and float layers as float16; takes the data set, for the accuracy changes
};

/// Writes packedModelNow as a packed file and reads back what it says of itself. Errors: those of
/// packedModelNow and writePacked.
Result<PackedContents> packSnapshot(const SnapshotData &data, const std::filesystem::path &file, const SnapshotPacking &how = {});

} // namespace engine
