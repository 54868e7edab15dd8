// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/ids.h"
#include "engine/core/result.h"
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace engine {

/// How the codes of a layer, each the index of a representative, are written (method.md, "Size, honestly counted";
/// to the bit in resources/help/packed-format.md). The numbers are those of the file format.
enum class Coder : std::uint8_t {
    IndexMap,      ///< ⌈log2 k⌉ bits a code
    Huffman,       ///< canonical Huffman code of the order-0 statistics
    SparseHuffman, ///< the most frequent code stays outside: Huffman codes of the distances between the others, and of the others
    Rans0,         ///< rANS with 12-bit frequencies (htscodecs 4x16), order 0
    Rans1          ///< the same, order 1: frequencies given the code before
};
inline constexpr std::array kCoders = {Coder::IndexMap, Coder::Huffman, Coder::SparseHuffman, Coder::Rans0, Coder::Rans1};

std::string_view name(Coder coder) noexcept; ///< "index-map", "huffman", "sparse-huffman", "rans0", "rans1"
std::optional<Coder> coderNamed(std::string_view name) noexcept;

inline constexpr std::uint64_t kMaxCodes = std::uint64_t{1} << 30; ///< in one stream

/// A layer's codes as they stand in a file.
struct CodedStream {
    Coder coder = Coder::IndexMap;
    std::vector<std::byte> bytes;
    std::size_t tableBytes = 0; ///< of `bytes`: what does not grow with the number of weights, such as code tables
};

/// Codes 1 to kMaxCodes values below k, 1 ≤ k ≤ kMaxRepresentatives. Where all are the same, huffman takes 2 bytes
/// whatever their number.
/// Errors: BadValue for a code, k or number of codes out of range; Internal if htscodecs fails.
Result<CodedStream> encode(std::span<const CodeIndex> codes, int k, Coder coder);

/// The same with the coder that takes the fewest bytes; the simplest of those that tie.
Result<CodedStream> encodeSmallest(std::span<const CodeIndex> codes, int k);

/// Decodes exactly codes.size() values, each below k. Takes no memory but buffers as large as `codes` and `stream`.
/// Streams need not come from encode.
/// Errors: BadFormat, as "expected …, found …", for streams that are too short, too long, inconsistent, or
/// hold codes of k and above. What a flipped bit changes without breaking these rules is for a checksum to
/// find.
Result<void> decode(std::span<const std::byte> stream, Coder coder, int k, std::span<CodeIndex> codes);

/// CodedStream::tableBytes of a stream. Errors: BadFormat.
Result<std::size_t> countTableBytes(std::span<const std::byte> stream, Coder coder, int k);

/// weights[i] = codebook[codes[i]]. Requires: as many of both; codes below codebook.size().
void lookUp(std::span<const CodeIndex> codes, std::span<const float> codebook, std::span<float> weights) noexcept;

} // namespace engine
