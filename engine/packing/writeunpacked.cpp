// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/packing/writeunpacked.h"
#include "engine/coding/packedfile.h"
#include "engine/storage/safetensorswriter.h"
#include <vector>

namespace engine {
namespace {

/// Makes room for more values at the end of an array.
std::span<float> grow(NamedArray &array, std::uint64_t values)
{
    const std::size_t before = array.bytes.size();
    array.bytes.resize(before + values * sizeof(float));
    return {reinterpret_cast<float *>(array.bytes.data() + before), values};
}

/// The ranges of a kernel's channels follow each other, so that their weights do, too.
Result<std::vector<NamedArray>> kernelsOf(const PackedReader &reader)
{
    std::vector<NamedArray> tensors;
    const auto &entries = reader.contents().kernels;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (entries[i].firstChannel == 0)
            tensors.push_back({.name = entries[i].name + ".weight", .shape = entries[i].shape, .bytes = {}});
        if (auto decoded = reader.decodeWeights(i, grow(tensors.back(), entries[i].weights)); !decoded)
            return std::unexpected(decoded.error());
    }
    return tensors;
}

} // namespace

Result<std::size_t> writeUnpacked(const std::filesystem::path &packed, const std::filesystem::path &safetensors)
{
    const auto reader = PackedReader::open(packed);
    if (!reader)
        return std::unexpected(reader.error());
    auto tensors = kernelsOf(*reader);
    if (!tensors)
        return std::unexpected(tensors.error());
    const auto &entries = reader->contents().tensors;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        tensors->push_back({.name = entries[i].name, .shape = entries[i].shape, .bytes = {}});
        reader->readTensor(i, grow(tensors->back(), entries[i].values));
    }
    if (auto written = writeSafetensors(*tensors, {{"format", "pt"}}, safetensors); !written)
        return std::unexpected(written.error());
    return tensors->size();
}

} // namespace engine
