// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/coder.h"
#include <fmt/format.h>
#include <utility>

/// The coders behind coder.h, one source each, and what they share. Counts are those of the codes, one for each of k.
namespace engine::streams {

using Bytes = std::span<const std::byte>;
using Codes = std::span<const CodeIndex>;
using Counts = std::span<const std::uint64_t>;

template <typename... Values>
std::unexpected<Error> damaged(fmt::format_string<Values...> text, Values &&...values)
{
    return fail(ErrorCode::BadFormat, fmt::format(text, std::forward<Values>(values)...));
}

std::uint64_t sizeOfIndexMap(std::uint64_t codes, int k) noexcept;
CodedStream encodeIndexMap(Codes codes, int k);
Result<void> decodeIndexMap(Bytes stream, int k, std::span<CodeIndex> codes);

std::uint64_t sizeOfHuffman(Counts counts);
CodedStream encodeHuffman(Codes codes, Counts counts);
Result<void> decodeHuffman(Bytes stream, int k, std::span<CodeIndex> codes);
Result<std::size_t> tablesOfHuffman(Bytes stream, int k);

CodedStream encodeSparseHuffman(Codes codes, Counts counts);
Result<void> decodeSparseHuffman(Bytes stream, int k, std::span<CodeIndex> codes);
Result<std::size_t> tablesOfSparseHuffman(Bytes stream, int k);

/// The smallest of htscodecs' variants of that order that every build of it decodes.
Result<CodedStream> encodeRans(Codes codes, int k, int order);
Result<void> decodeRans(Bytes stream, int k, int order, std::span<CodeIndex> codes);
Result<std::size_t> tablesOfRans(Bytes stream, int order);

} // namespace engine::streams
