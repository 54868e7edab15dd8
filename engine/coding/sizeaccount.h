// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/packedfile.h"
#include "engine/frame/size.h"

namespace engine {

/// Where the bytes of a packed file go. Everything that is needed to rebuild the network counts (method.md,
/// "Size, honestly counted").
struct PackedSize {
    struct Layer {
        std::uint64_t weights = 0;
        std::uint64_t codes = 0;    ///< of the stream, without tables
        std::uint64_t tables = 0;   ///< of the stream: code tables and what else does not grow with the weights
        std::uint64_t codebook = 0; ///< float32; counts for the first kernel that has it
        std::uint64_t headers = 0;  ///< head of the section; the entry in the index is among PackedSize::headers
        std::uint64_t total() const noexcept { return codes + tables + codebook + headers; }
    };
    std::vector<Layer> layers;          ///< as PackedContents::kernels
    std::vector<std::uint64_t> tensors; ///< bytes of values, as PackedContents::tensors
    std::uint64_t floats = 0;           ///< their sum
    std::uint64_t code = 0;             ///< of a TorchScript network
    std::uint64_t provenance = 0;       ///< recipe, seed, program version; deflated
    std::uint64_t headers = 0;          ///< the rest: index, network, heads of sections, sections of newer versions
    std::uint64_t floatBytes = 0;       ///< all weights and tensors as float32: the numerator of the ratio

    Layer allLayers() const noexcept;     ///< sums over `layers`
    std::uint64_t total() const noexcept; ///< the bytes of the file
    double ratio() const noexcept { return static_cast<double>(floatBytes) / static_cast<double>(total()); }
    double bitsPerWeight() const noexcept; ///< 8 · total ÷ weights; 0 without weights
};

/// Counts every byte of a file once.
PackedSize accountBytes(const PackedContents &contents);

/// What a network takes as a packed file, whether there is one or not.
struct PackedAccount {
    PackedContents contents;
    PackedSize size;    ///< accountBytes of them
    double seconds = 0; ///< that it took to find out: of processor time, and of training that stood still
};

/// What codes of ⌈log2 k⌉ bits, and what codes of their order-0 entropy would take, with codebooks and
/// tensors as they are stored; no headers, no tables, no provenance, no network's code. Theoretical, and to
/// be labelled so.
SizeEstimate estimateBytes(const PackedContents &contents);

} // namespace engine
