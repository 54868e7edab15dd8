// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
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

/// The format of this name or, where that is empty, of the file's ending. Errors: BadValue, with the names
/// and endings there are.
Result<ExportFormat> exportFormat(std::string_view name, const std::filesystem::path &file);

struct Exported {
    std::uint64_t bytes = 0;          ///< of the file
    std::uint64_t quantizedWeights = 0; ///< weights with a codebook
    std::uint64_t floatValues = 0;    ///< biases, batch-norm, float layers
    std::optional<double> accuracy;   ///< of this network on the test set, 0…1; nothing: not measured
    std::vector<std::string> remarks; ///< what a user should know of the network in the file; each a sentence
};

/// Writes a network for another program: that of a packed file, or of a snapshot what a packed file of it
/// would hold (packedModelNow). `file` is the old or the complete new one. A snapshot of a run that has not
/// ended takes the run's data, LibTorch's threads, and time, for it is measured: not for the GUI thread, nor
/// beside a run. The code of a network of the user's own runs, as in unpackNetwork.
/// Errors: those of readPacked or of readSnapshot and packedModelNow; of unpackNetwork; Unsupported, where
/// the format cannot hold the network; Unwritable.
Result<Exported> exportNetwork(const std::filesystem::path &source, const std::filesystem::path &file, ExportFormat format);

} // namespace engine
