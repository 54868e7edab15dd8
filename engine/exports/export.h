// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

/// Formats of other programs; resources/help/exports.md describes what stands in each.
enum class ExportFormat : std::uint8_t { Safetensors, TorchScript, Onnx };

struct ExportFormatInfo {
    ExportFormat format;
    std::string_view name;   ///< "onnx"
    std::string_view ending; ///< ".onnx"
};
inline constexpr std::array kExportFormats = {ExportFormatInfo{ExportFormat::Safetensors, "safetensors", ".safetensors"},
                                              ExportFormatInfo{ExportFormat::TorchScript, "torchscript", ".pt"},
                                              ExportFormatInfo{ExportFormat::Onnx, "onnx", ".onnx"}};

/// The format of this name or, where that is empty, of the file's ending. Errors: BadValue, with the names and endings there are.
Result<ExportFormat> exportFormat(std::string_view name, const std::filesystem::path &file);

struct Exported {
    std::uint64_t bytes = 0;          ///< of the file
    std::uint64_t quantizedWeights = 0; ///< weights with a codebook
    std::uint64_t floatValues = 0;    ///< biases, batch-norm, float layers
    std::vector<std::string> remarks; ///< what a user should know of the network in the file; each a sentence
};

/// Writes the snapped network of a snapshot for another program; `file` is the old or the complete new one. The run's data are loaded,
/// because its normalisation is measured on them. Takes seconds and LibTorch's number of threads: not for the GUI thread, nor beside a run.
/// Batch-norm statistics are those in the snapshot; a remark says where the snapped accuracy was measured with others.
/// Errors: those of readSnapshot and of the run's data and network; Unsupported, where the format cannot hold the network; Unwritable.
Result<Exported> exportSnapshot(const std::filesystem::path &snapshot, const std::filesystem::path &file, ExportFormat format);

} // namespace engine
