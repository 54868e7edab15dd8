// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/packing/packsnapshot.h"
#include "engine/bench/endedrun.h"
#include "engine/packing/evaluatepacked.h"
#include "engine/packing/snapshotmodel.h"

namespace engine {

Result<PackedModel> packedModelNow(const SnapshotData &data, PackedTensor::Stored floats)
{
    std::optional<SnapshotData> measured;
    if (!isReadyToPack(data.run, data.network)) {
        auto now = endedRun(data, "Packing");
        if (!now)
            return std::unexpected(now.error());
        measured = std::move(now->snapshot);
    }
    const SnapshotData &ended = measured ? *measured : data;
    auto model = packedModelOf(ended.run, ended.network, floats);
    if (!model || floats == PackedTensor::Stored::Float32)
        return model;
    const auto found = evaluatePacked(*model);
    if (!found)
        return std::unexpected(found.error());
    model->accuracy.snapped = found->accuracy;
    return model;
}

Result<PackedContents> packSnapshot(const SnapshotData &data, const std::filesystem::path &file, const SnapshotPacking &how)
{
    const auto model = packedModelNow(data, how.halfFloats ? PackedTensor::Stored::Float16 : PackedTensor::Stored::Float32);
    if (!model)
        return std::unexpected(model.error());
    if (const auto written = writePacked(*model, file, {.coder = how.coder}); !written)
        return std::unexpected(written.error());
    return readPackedHeader(file);
}

} // namespace engine
