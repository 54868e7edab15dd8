// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/packedfile.h"
#include "engine/exports/export.h"
#include "engine/exports/onnxexport.h"
#include "engine/exports/safetensorsexport_torch.h"
#include "engine/exports/torchscriptexport_torch.h"
#include "engine/nets/scriptarchive_torch.h"
#include "engine/packedtext/packednames.h"
#include "engine/packing/packsnapshot.h"
#include "engine/packing/snapshotmodel.h"
#include "engine/packing/unpackednetwork_torch.h"
#include <algorithm>
#include <fmt/format.h>
#include <torch/torch.h>

namespace engine {
namespace {

struct Source {
    PackedModel model;
    std::vector<std::string> remarks;
};

/// `network`: as packed files call it, or as the parameter `model` does.
Result<void> checkFormat(ExportFormat format, std::string_view network)
{
    if (format == ExportFormat::Onnx && network.starts_with(kTorchScriptNetwork))
        return fail(ErrorCode::Unsupported, "ONNX: expected a built-in network, found a TorchScript module, whose code only PyTorch in "
                                            "Python translates: export it as .pt, and there call "
                                            "torch.onnx.export(torch.jit.load(\"FILE.pt\"), images, "
                                            "\"FILE.onnx\").");
    return {};
}

bool hasBatchNorm(const PackedModel &model)
{
    return std::ranges::any_of(model.tensors, [](const PackedTensor &tensor) { return tensor.name.ends_with("running_mean"); });
}

std::vector<std::string> remarksOn(const SnapshotData &data, const PackedModel &model)
{
    std::vector<std::string> remarks;
    if (!data.run.codebooksAreLive)
        remarks.emplace_back("The codebooks are those of post-training quantization: the run has not clustered its weights.");
    if (!isReadyToPack(data.run, data.network) && hasBatchNorm(model))
        remarks.emplace_back("The batch-norm statistics were re-estimated for the snapped network now, as if the run had ended here.");
    return remarks;
}

Result<Source> fromPacked(const std::filesystem::path &file, ExportFormat format)
{
    auto model = readPacked(file);
    if (!model)
        return std::unexpected(model.error());
    if (auto good = checkFormat(format, model->network.name); !good)
        return std::unexpected(good.error());
    return Source{*std::move(model), {}};
}

Result<Source> fromRun(const std::filesystem::path &snapshot, ExportFormat format)
{
    const auto data = readSnapshot(snapshot);
    if (!data)
        return std::unexpected(data.error());
    if (auto good = checkFormat(format, data->run.description.settings.text(ParameterId::Model)); !good) // before it is measured
        return std::unexpected(good.error());
    auto model = packedModelNow(*data);
    if (!model)
        return std::unexpected(model.error());
    auto remarks = remarksOn(*data, *model);
    return Source{*std::move(model), std::move(remarks)};
}

Result<void> write(const PackedModel &model, const std::filesystem::path &file, ExportFormat format)
{
    const auto unpacked = unpackNetwork(model);
    if (!unpacked)
        return std::unexpected(unpacked.error());
    switch (format) {
    case ExportFormat::TorchScript: return exportTorchScript(model, *unpacked, file);
    case ExportFormat::Onnx: return exportOnnx(model, file);
    case ExportFormat::Safetensors: break;
    }
    return exportSafetensors(model, *unpacked, file);
}

Result<Exported> exportOrThrow(const std::filesystem::path &from, const std::filesystem::path &file, ExportFormat format)
{
    const auto source = isPackedFile(from) ? fromPacked(from, format) : fromRun(from, format);
    if (!source)
        return std::unexpected(source.error());
    if (auto written = write(source->model, file, format); !written)
        return std::unexpected(written.error());
    Exported result{.accuracy = source->model.accuracy.snapped, .remarks = source->remarks};
    for (const PackedKernel &kernel : source->model.kernels)
        result.quantizedWeights += kernel.codes.size();
    for (const PackedTensor &tensor : source->model.tensors)
        result.floatValues += tensor.values.size();
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
        return fail(
            ErrorCode::BadValue,
            fmt::format("expected a file that ends in .safetensors, .pt or .onnx, or a format beside it, found \"{}\".", file.string()));
    return fail(ErrorCode::BadValue, fmt::format("expected safetensors, torchscript or onnx, found \"{}\".", name));
}

Result<Exported> exportNetwork(const std::filesystem::path &source, const std::filesystem::path &file, ExportFormat format)
{
    try {
        return exportOrThrow(source, file, format);
    } catch (const std::exception &thrown) {
        return fail(ErrorCode::Internal, fmt::format("Export of {}: expected a network that can be rebuilt, found an error ({}).",
                                                     source.string(), reasonOf(thrown)));
    }
}

} // namespace engine
