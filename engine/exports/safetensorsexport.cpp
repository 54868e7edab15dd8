// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/exports/safetensorsexport.h"
#include "engine/storage/safetensorswriter.h"
#include <span>

namespace engine {
namespace {

NamedArray arrayOf(std::string name, NamedArray::Type type, std::vector<std::int64_t> shape, std::span<const std::byte> bytes)
{
    return {.name = std::move(name), .type = type, .shape = std::move(shape), .bytes = {bytes.begin(), bytes.end()}};
}

} // namespace

Result<void> exportSafetensors(const SnappedNetwork &network, const std::filesystem::path &file)
{
    auto tensors = network.tensors;
    for (const CodedLayer &layer : network.layers) {
        tensors.push_back(arrayOf(layer.info.name + ".codebook", NamedArray::Type::Float32, {static_cast<std::int64_t>(layer.codebook.size())},
                                  std::as_bytes(std::span{layer.codebook})));
        tensors.push_back(arrayOf(layer.info.name + ".indices", NamedArray::Type::UInt8, layer.info.shape, std::as_bytes(std::span{layer.codes})));
    }
    return writeSafetensors(tensors, factsAsTexts(network), file);
}

} // namespace engine
