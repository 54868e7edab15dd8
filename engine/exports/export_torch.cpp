// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/exports/export.h"
#include "engine/exports/onnxexport.h"
#include "engine/exports/safetensorsexport.h"
#include "engine/exports/snappednetwork_torch.h"
#include "engine/exports/torchscriptexport_torch.h"
#include "engine/nets/scriptarchive_torch.h"
#include "engine/training/store_torch.h"
#include <algorithm>
#include <fmt/format.h>
#include <torch/torch.h>

namespace engine {
namespace {

bool hasBatchNorm(const TrainingState &state)
{
    return std::ranges::any_of(state.network->tensors(), [](const auto &entry) { return entry.role == Network::Role::NormMean; });
}

/// Trainer::finish leaves the statistics that the snapped figure is measured with in the network only after a commit.
bool keepsReestimated(const TrainingState &state) { return state.stage == Stage::Finished && state.forwardMode() == ForwardMode::Committed; }

std::vector<std::string> remarksOn(const SnapshotData &data, const TrainingState &state)
{
    auto remarks = state.notes;
    if (!state.codebooksAreLive)
        remarks.push_back("The codebooks are those of post-training quantization: the run has not clustered its weights.");
    if (!hasBatchNorm(state))
        return remarks;
    if (keepsReestimated(state))
        remarks.push_back("The batch-norm statistics are those that were re-estimated for the snapped network.");
    else if (data.snappedTestAccuracy)
        remarks.push_back(fmt::format("The batch-norm statistics are those of training: the snapped accuracy of {:.2f} % was measured with re-estimated ones, which "
                                      "a snapshot keeps only of runs with a commit stage.", 100 * *data.snappedTestAccuracy));
    else
        remarks.push_back("The batch-norm statistics are those of training, not re-estimated for the snapped network.");
    return remarks;
}

Result<void> write(const SnappedNetwork &network, const TrainingState &state, const std::filesystem::path &file, ExportFormat format)
{
    switch (format) {
    case ExportFormat::TorchScript: return exportTorchScript(network, state, file);
    case ExportFormat::Onnx: return exportOnnx(network, file);
    case ExportFormat::Safetensors: break;
    }
    return exportSafetensors(network, file);
}

Result<Exported> exportOrThrow(const std::filesystem::path &snapshot, const std::filesystem::path &file, ExportFormat format)
{
    const auto data = readSnapshot(snapshot);
    if (!data)
        return std::unexpected(data.error());
    const auto state = fromSnapshot(*data);
    if (!state)
        return std::unexpected(state.error());
    const SnappedNetwork network = snappedNetwork(**state);
    if (auto written = write(network, **state, file, format); !written)
        return std::unexpected(written.error());
    Exported result{.remarks = remarksOn(*data, **state)};
    for (const CodedLayer &layer : network.layers)
        result.quantizedWeights += layer.codes.size();
    result.floatValues = (*state)->description.floatParameters;
    std::error_code gone;
    result.bytes = std::filesystem::file_size(file, gone);
    return result;
}

} // namespace

Result<ExportFormat> exportFormat(std::string_view name, const std::filesystem::path &file)
{
    const std::string ending = file.extension().string();
    for (const auto &info : kExportFormats) {
        if (name.empty() ? info.ending == ending : info.name == name)
            return info.format;
    }
    if (name.empty())
        return fail(ErrorCode::BadValue, fmt::format("expected a file that ends in .safetensors, .pt or .onnx, or a format beside it, found \"{}\".", file.string()));
    return fail(ErrorCode::BadValue, fmt::format("expected safetensors, torchscript or onnx, found \"{}\".", name));
}

Result<Exported> exportSnapshot(const std::filesystem::path &snapshot, const std::filesystem::path &file, ExportFormat format)
{
    try {
        return exportOrThrow(snapshot, file, format);
    } catch (const std::exception &thrown) {
        return fail(ErrorCode::Internal, fmt::format("Export of {}: expected a network that can be rebuilt, found an error ({}).", snapshot.string(), reasonOf(thrown)));
    }
}

} // namespace engine
