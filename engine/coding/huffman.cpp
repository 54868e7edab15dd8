// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/prefixcode.h"
#include "engine/coding/streams.h"
#include <algorithm>

namespace engine::streams {

std::uint64_t sizeOfHuffman(Counts counts)
{
    const auto code = PrefixCode::fromCounts(counts);
    return code.tableBytes() + (code.bits(counts) + 7) / 8;
}

CodedStream encodeHuffman(Codes codes, Counts counts)
{
    const auto code = PrefixCode::fromCounts(counts);
    CodedStream result{Coder::Huffman, {}, code.tableBytes()};
    result.bytes.reserve(code.tableBytes() + (code.bits(counts) + 7) / 8);
    code.write(result.bytes);
    BitWriter bits{result.bytes};
    const PrefixEncoder encoder{code};
    for (const auto c : codes)
        encoder.put(c, bits);
    bits.finish();
    return result;
}

Result<std::size_t> tablesOfHuffman(Bytes stream, int k)
{
    const auto code = PrefixCode::read(stream, static_cast<std::size_t>(k));
    if (!code)
        return std::unexpected(code.error());
    return code->tableBytes();
}

Result<void> decodeHuffman(Bytes stream, int k, std::span<CodeIndex> codes)
{
    const auto code = PrefixCode::read(stream, static_cast<std::size_t>(k));
    if (!code)
        return std::unexpected(code.error());
    const auto words = stream.subspan(code->tableBytes());
    if (!code->isSingle() && words.size() < (codes.size() + 7) / 8)
        return damaged("expected at least a bit for each of {} codes, found {} bytes", codes.size(), words.size());
    BitReader bits{words};
    const PrefixDecoder decoder{*code};
    std::size_t i = 0;
    for (; i + 3 <= codes.size(); i += 3) { // three words fit into what refill brings
        bits.refill();
        codes[i] = decoder.take(bits);
        codes[i + 1] = decoder.take(bits);
        codes[i + 2] = decoder.take(bits);
    }
    for (; i < codes.size(); ++i) {
        bits.refill();
        codes[i] = decoder.take(bits);
    }
    if (!bits.endsHere())
        return damaged("expected the words of {} codes to end where the stream does, found {} bytes", codes.size(), words.size());
    return {};
}

} // namespace engine::streams
