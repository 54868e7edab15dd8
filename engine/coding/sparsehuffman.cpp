// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/prefixcode.h"
#include "engine/coding/streams.h"
#include "engine/coding/varint.h"
#include <algorithm>
#include <bit>
#include <numeric>
#include <optional>

namespace engine::streams {
namespace {

/// A distance is written as a Huffman word for its upper part and `shift` plain bits for the rest. An upper part of
/// kMore and above is written as kMore and what is left, again.
constexpr std::uint32_t kMore = 255;
constexpr int kMaxShift = 16;

/// What stands before the bits of a stream.
struct Head {
    CodeIndex filler = 0;
    std::uint64_t others = 0; // codes that are not the filler
    int shift = 0;
    PrefixCode distances, values; // without a meaning where there are no others
    std::size_t bytes = 0;
};

/// The filler codes before each other code.
std::vector<std::uint32_t> distancesBetweenOthers(Codes codes, CodeIndex filler, std::size_t others)
{
    std::vector<std::uint32_t> distances;
    distances.reserve(others);
    std::size_t behindLast = 0;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        if (codes[i] == filler)
            continue;
        distances.push_back(static_cast<std::uint32_t>(i - behindLast));
        behindLast = i + 1;
    }
    return distances;
}

/// Shift with 8 to 16 upper parts below the mean distance: fine enough for a word to be as long as its share
/// asks, and few to list.
int shiftFor(std::uint64_t fillers, std::uint64_t others) noexcept
{
    const auto mean = fillers / others;
    return std::clamp(static_cast<int>(std::bit_width(mean)) - 4, 0, kMaxShift);
}

std::vector<std::uint64_t> countUpperParts(std::span<const std::uint32_t> distances, int shift)
{
    std::vector<std::uint64_t> counts(kMore + 1);
    for (const auto distance : distances) {
        const auto upper = distance >> shift;
        counts[kMore] += upper / kMore;
        ++counts[upper % kMore];
    }
    while (counts.back() == 0)
        counts.pop_back();
    return counts;
}

Result<Head> readHead(Bytes stream, int k)
{
    Head head;
    VarintReader reader{stream};
    const auto filler = reader.byte();
    const auto others = reader.number();
    if (!filler || !others)
        return damaged("expected the head of a sparse stream, found {} bytes", stream.size());
    if (*filler >= k)
        return damaged("expected codes below k = {}, found {}", k, *filler);
    head.filler = *filler;
    head.others = *others;
    head.bytes = reader.position();
    if (head.others == 0)
        return head;
    const auto shift = reader.byte(), alphabet = reader.byte();
    if (!shift || !alphabet || *shift > kMaxShift)
        return damaged("expected distances in at most {} plain bits, found {}", kMaxShift, shift ? *shift : -1);
    head.shift = *shift;
    auto distances = PrefixCode::read(stream.subspan(reader.position()), std::size_t{*alphabet} + 1);
    if (!distances)
        return std::unexpected(distances.error());
    head.distances = *std::move(distances);
    head.bytes = reader.position() + head.distances.tableBytes();
    auto values = PrefixCode::read(stream.subspan(head.bytes), static_cast<std::size_t>(k));
    if (!values)
        return std::unexpected(values.error());
    head.values = *std::move(values);
    head.bytes += head.values.tableBytes();
    return head;
}

} // namespace

CodedStream encodeSparseHuffman(Codes codes, Counts counts)
{
    const auto filler = static_cast<CodeIndex>(std::ranges::max_element(counts) - counts.begin());
    const auto others = codes.size() - counts[filler];
    CodedStream result{Coder::SparseHuffman, {static_cast<std::byte>(filler)}, 0};
    putVarint(result.bytes, others);
    result.tableBytes = result.bytes.size();
    if (others == 0)
        return result;
    const auto distances = distancesBetweenOthers(codes, filler, others);
    const int shift = shiftFor(counts[filler], others);
    const auto distanceCounts = countUpperParts(distances, shift);
    std::vector<std::uint64_t> valueCounts{counts.begin(), counts.end()};
    valueCounts[filler] = 0;
    const auto distanceCode = PrefixCode::fromCounts(distanceCounts), valueCode = PrefixCode::fromCounts(valueCounts);
    result.bytes.push_back(static_cast<std::byte>(shift));
    result.bytes.push_back(static_cast<std::byte>(distanceCounts.size() - 1));
    distanceCode.write(result.bytes);
    valueCode.write(result.bytes);
    result.tableBytes = result.bytes.size();
    result.bytes.reserve(result.tableBytes +
                         (distanceCode.bits(distanceCounts) + valueCode.bits(valueCounts) + others * static_cast<unsigned>(shift) + 7) / 8);
    BitWriter bits{result.bytes};
    const PrefixEncoder distanceWords{distanceCode}, valueWords{valueCode};
    std::size_t i = 0;
    for (const auto distance : distances) {
        auto upper = distance >> shift;
        for (; upper >= kMore; upper -= kMore)
            distanceWords.put(kMore, bits);
        distanceWords.put(static_cast<std::uint8_t>(upper), bits);
        bits.put(distance & ((1u << shift) - 1), shift);
        i += distance;
        valueWords.put(codes[i++], bits);
    }
    bits.finish();
    return result;
}

Result<std::size_t> tablesOfSparseHuffman(Bytes stream, int k)
{
    const auto head = readHead(stream, k);
    if (!head)
        return std::unexpected(head.error());
    return head->bytes;
}

Result<void> decodeSparseHuffman(Bytes stream, int k, std::span<CodeIndex> codes)
{
    const auto head = readHead(stream, k);
    if (!head)
        return std::unexpected(head.error());
    if (head->others > codes.size())
        return damaged("expected at most {} codes besides the most frequent one, found {}", codes.size(), head->others);
    BitReader bits{stream.subspan(head->bytes)};
    std::ranges::fill(codes, head->filler);
    if (head->others > 0) {
        const PrefixDecoder distances{head->distances}, values{head->values};
        std::uint64_t place = 0;
        for (std::uint64_t left = head->others; left > 0; --left) {
            bits.refill();
            auto upper = distances.take(bits);
            while (upper == kMore && place < codes.size()) {
                place += std::uint64_t{kMore} << head->shift;
                bits.refill();
                upper = distances.take(bits);
            }
            place += (std::uint64_t{upper} << head->shift) + bits.take(head->shift);
            if (place >= codes.size()) [[unlikely]]
                return damaged("expected distances that end within {} codes, found one that leads to {}", codes.size(), place);
            codes[place++] = values.take(bits);
        }
    }
    if (!bits.endsHere())
        return damaged("expected the words of {} codes to end where the stream does, found {} bytes", codes.size(), stream.size());
    return {};
}

} // namespace engine::streams
