// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/exports/safetensorsexport_torch.h"
#include "engine/exports/modelfacts.h"
#include "engine/packedtext/packednames.h"
#include "engine/storage/safetensorswriter.h"
#include "engine/training/optimizer_torch.h"
#include <span>

namespace engine {
namespace {

NamedArray arrayOf(std::string name, NamedArray::Type type, std::vector<std::int64_t> shape, std::span<const std::byte> bytes)
{
    return {.name = std::move(name), .type = type, .shape = std::move(shape), .bytes = {bytes.begin(), bytes.end()}};
}

} // namespace

Result<void> exportSafetensors(const PackedModel &model, const UnpackedNetwork &unpacked, const std::filesystem::path &file)
{
    std::vector<NamedArray> tensors;
    for (const auto &[name, tensor] : unpacked.tensors())
        tensors.push_back(toNamedArray(name, tensor));
    for (const PackedKernel &kernel : model.kernels) {
        const std::string layer = layerNameOf(kernel);
        tensors.push_back(arrayOf(layer + ".codebook", NamedArray::Type::Float32, {static_cast<std::int64_t>(kernel.codebook.size())},
                                  std::as_bytes(std::span{kernel.codebook})));
        tensors.push_back(arrayOf(layer + ".indices", NamedArray::Type::UInt8, shapeOf(kernel), std::as_bytes(std::span{kernel.codes})));
    }
    return writeSafetensors(tensors, factsAsTexts(model), file);
}

} // namespace engine
