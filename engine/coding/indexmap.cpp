// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/bits.h"
#include "engine/coding/streams.h"
#include <algorithm>
#include <bit>

namespace engine::streams {
namespace {

/// ⌈log2 k⌉.
int bitsFor(int k) noexcept { return static_cast<int>(std::bit_width(static_cast<unsigned>(k - 1))); }

} // namespace

std::uint64_t sizeOfIndexMap(std::uint64_t codes, int k) noexcept { return (codes * static_cast<unsigned>(bitsFor(k)) + 7) / 8; }

CodedStream encodeIndexMap(Codes codes, int k)
{
    CodedStream result{Coder::IndexMap, {}, 0};
    result.bytes.reserve(sizeOfIndexMap(codes.size(), k));
    BitWriter bits{result.bytes};
    for (const auto c : codes)
        bits.put(c, bitsFor(k));
    bits.finish();
    return result;
}

Result<void> decodeIndexMap(Bytes stream, int k, std::span<CodeIndex> codes)
{
    if (stream.size() != sizeOfIndexMap(codes.size(), k))
        return damaged("expected {} bytes for {} codes of {} bits, found {}", sizeOfIndexMap(codes.size(), k), codes.size(), bitsFor(k),
                       stream.size());
    BitReader bits{stream};
    const int width = bitsFor(k);
    std::size_t i = 0;
    for (; i + 7 <= codes.size(); i += 7) { // seven codes fit into what refill brings
        bits.refill();
        for (std::size_t j = 0; j < 7; ++j)
            codes[i + j] = static_cast<CodeIndex>(bits.take(width));
    }
    for (; i < codes.size(); ++i) {
        bits.refill();
        codes[i] = static_cast<CodeIndex>(bits.take(width));
    }
    if (const auto largest = std::ranges::max(codes); largest >= k)
        return damaged("expected codes below k = {}, found {}", k, largest);
    if (!bits.endsHere())
        return damaged("expected zeros behind {} codes, found others", codes.size());
    return {};
}

} // namespace engine::streams
