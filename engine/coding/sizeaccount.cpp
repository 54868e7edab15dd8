// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/sizeaccount.h"
#include "engine/coding/sections.h"
#include <bit>

namespace engine {

PackedSize::Layer PackedSize::allLayers() const noexcept
{
    Layer sum;
    for (const auto &layer : layers) {
        sum.weights += layer.weights;
        sum.codes += layer.codes;
        sum.tables += layer.tables;
        sum.codebook += layer.codebook;
        sum.headers += layer.headers;
    }
    return sum;
}

std::uint64_t PackedSize::total() const noexcept { return floats + code + provenance + headers + allLayers().total(); }

double PackedSize::bitsPerWeight() const noexcept
{
    const auto weights = allLayers().weights;
    return weights > 0 ? 8.0 * static_cast<double>(total()) / static_cast<double>(weights) : 0;
}

PackedSize accountBytes(const PackedContents &contents)
{
    PackedSize size;
    std::vector<bool> counted(contents.codebooks.size());
    for (const auto &entry : contents.kernels) {
        const auto codebook = counted[entry.codebook] ? 0 : 4 * static_cast<std::uint64_t>(entry.k);
        counted[entry.codebook] = true;
        size.layers.push_back({entry.weights, entry.stream.bytes - entry.tableBytes, entry.tableBytes, codebook, sections::kHeadBytes});
        size.floatBytes += 4 * entry.weights;
    }
    for (const auto &entry : contents.tensors) {
        size.tensors.push_back(entry.bytes);
        size.floats += entry.bytes;
        size.floatBytes += 4 * entry.values;
    }
    size.headers = sections::kHeadBytes;
    for (const auto &section : contents.sections) {
        if (section.type == sections::kKernel)
            continue;
        size.headers += sections::kHeadBytes;
        if (section.type == sections::kCode)
            size.code += section.bytes;
        else if (section.type == sections::kProvenance || section.type == sections::kLog)
            size.provenance += section.bytes;
        else if (section.type == sections::kCodebooks) // those that no kernel has are headers
            for (std::size_t c = 0; c < counted.size(); ++c)
                size.headers += counted[c] ? 0 : 4 * static_cast<std::uint64_t>(contents.codebooks[c]);
        else if (section.type != sections::kTensors)
            size.headers += section.bytes;
    }
    return size;
}

SizeEstimate estimateBytes(const PackedContents &contents)
{
    SizeEstimate size;
    std::vector<bool> counted(contents.codebooks.size());
    for (const auto &entry : contents.kernels) {
        const double weights = static_cast<double>(entry.weights), codebook = counted[entry.codebook] ? 0.0 : 4.0 * entry.k;
        counted[entry.codebook] = true;
        size.weights += entry.weights;
        size.floatBytes += 4 * entry.weights;
        size.fixedBytes += codebook + weights * std::bit_width(static_cast<unsigned>(entry.k - 1)) / 8;
        size.entropyBytes += codebook + weights * static_cast<double>(entry.entropy) / 8;
    }
    for (const auto &entry : contents.tensors) {
        size.floatBytes += 4 * entry.values;
        size.fixedBytes += static_cast<double>(entry.bytes);
        size.entropyBytes += static_cast<double>(entry.bytes);
    }
    return size;
}

} // namespace engine
