// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/packing/packsnapshot.h"
#include "engine/nets/scriptarchive_torch.h"
#include "engine/packing/evaluatepacked.h"
#include "engine/packing/snapshotmodel.h"
#include "engine/training/store_torch.h"
#include "engine/training/trainer_torch.h"
#include <exception>
#include <fmt/format.h>

namespace engine {
namespace {

/// The snapshot that the run would leave if it ended here.
Result<SnapshotData> ended(const SnapshotData &data)
{
    try {
        auto state = fromSnapshot(data);
        if (!state)
            return std::unexpected(state.error());
        Trainer trainer{*std::move(state)};
        const Summary summary = trainer.finish();
        SnapshotData measured = toSnapshot(trainer.state(), data.history, data.seconds);
        measured.latentTestAccuracy = summary.latentTestAccuracy;
        measured.snappedTestAccuracy = summary.snappedTestAccuracy;
        return measured;
    } catch (const std::exception &thrown) {
        return fail(ErrorCode::Internal, fmt::format("The network cannot be packed: measuring it failed ({}).", reasonOf(thrown)));
    }
}

} // namespace

Result<PackedModel> packedModelNow(const SnapshotData &data, PackedTensor::Stored floats)
{
    std::optional<SnapshotData> measured;
    if (!isReadyToPack(data)) {
        auto now = ended(data);
        if (!now)
            return std::unexpected(now.error());
        measured = *std::move(now);
    }
    auto model = packedModelOf(measured ? *measured : data, floats);
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
