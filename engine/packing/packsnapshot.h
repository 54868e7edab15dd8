// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/packedfile.h"
#include "engine/core/result.h"
#include "engine/storage/snapshot.h"
#include <filesystem>
#include <optional>

namespace engine {

struct SnapshotPacking {
    std::optional<Coder> coder{};  ///< of all kernels; the smallest for each where left out
    bool halfFloats = false;       ///< biases, batch-norm and float layers as float16; takes the data set, for the accuracy changes
};

/// Writes the snapped network of a snapshot as a packed file and reads back what it says of itself. The accuracy in the file is that of the
/// network in it: batch-norm's statistics are those that were re-estimated for it. Where the snapshot does not know them
/// (isReadyToPack), the data set is loaded and the run measured as if it ended here.
/// Errors: those of packedModelOf and writePacked; of fromSnapshot and evaluatePacked where the data set is needed.
Result<PackedContents> packSnapshot(const SnapshotData &data, const std::filesystem::path &file, const SnapshotPacking &how = {});

} // namespace engine
