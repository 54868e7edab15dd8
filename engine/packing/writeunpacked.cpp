// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/packing/writeunpacked.h"
#include "engine/coding/packedfile.h"
#include "engine/storage/safetensors.h"
#include <vector>

namespace engine {
namespace {

/// The ranges of a kernel's channels follow each other, so that their weights do, too.
Result<std::vector<PlainTensor>> kernelsOf(const PackedReader &reader)
{
    std::vector<PlainTensor> tensors;
    const auto &entries = reader.contents().kernels;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (entries[i].firstChannel == 0)
            tensors.push_back({entries[i].name + ".weight", entries[i].shape, {}});
        auto &values = tensors.back().values;
        const std::size_t before = values.size();
        values.resize(before + entries[i].weights);
        if (auto decoded = reader.decodeWeights(i, std::span{values}.subspan(before)); !decoded)
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
        auto &tensor = tensors->emplace_back(entries[i].name, entries[i].shape, std::vector<float>(entries[i].values));
        reader->readTensor(i, tensor.values);
    }
    if (auto written = writeSafetensors(*tensors, safetensors); !written)
        return std::unexpected(written.error());
    return tensors->size();
}

} // namespace engine
