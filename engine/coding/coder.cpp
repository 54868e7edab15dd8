// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/coder.h"
#include "engine/coding/codecounts.h"
#include "engine/coding/streams.h"
#include <algorithm>

namespace engine {
namespace {

using namespace streams;

constexpr std::array<std::string_view, kCoders.size()> kNames = {"index-map", "huffman", "sparse-huffman", "rans0", "rans1"};
/// Below this share of the most frequent code a sparse stream, which spends bits on distances of 0, is not worth a try.
constexpr double kSparseShare = 0.25;

/// How often each code occurs; errors: BadValue.
Result<std::vector<std::uint64_t>> count(Codes codes, int k)
{
    if (k < 1 || k > kMaxRepresentatives)
        return fail(ErrorCode::BadValue, fmt::format("Codes of a layer: expected k from 1 to {}, found {}.", kMaxRepresentatives, k));
    if (codes.empty() || codes.size() > kMaxCodes)
        return fail(ErrorCode::BadValue, fmt::format("Codes of a layer: expected 1 to {} of them, found {}.", kMaxCodes, codes.size()));
    const auto counts = countCodes(codes);
    if (std::ranges::any_of(counts.begin() + k, counts.end(), [](std::uint64_t n) { return n > 0; }))
        return fail(ErrorCode::BadValue, fmt::format("Codes of a layer: expected all below k = {}, found {}.", k, std::ranges::max(codes)));
    return std::vector(counts.begin(), counts.begin() + k);
}

Result<CodedStream> encodeCounted(Codes codes, int k, Coder coder, Counts counts)
{
    switch (coder) {
    case Coder::IndexMap: return encodeIndexMap(codes, k);
    case Coder::Huffman: return encodeHuffman(codes, counts);
    case Coder::SparseHuffman: return encodeSparseHuffman(codes, counts);
    case Coder::Rans0: return encodeRans(codes, k, 0);
    case Coder::Rans1: return encodeRans(codes, k, 1);
    }
    return fail(ErrorCode::BadValue,
                fmt::format("Codes of a layer: expected a coder from 0 to {}, found {}.", kCoders.size() - 1, static_cast<int>(coder)));
}

/// What a damaged stream says about itself may be anything, so these hold before a coder looks at it.
Result<void> checkOutside(int k, std::uint64_t codes)
{
    if (k < 1 || k > kMaxRepresentatives)
        return damaged("expected k from 1 to {}, found {}", kMaxRepresentatives, k);
    if (codes < 1 || codes > kMaxCodes)
        return damaged("expected 1 to {} codes, found {}", kMaxCodes, codes);
    return {};
}

} // namespace

std::string_view name(Coder coder) noexcept
{
    return static_cast<std::size_t>(coder) < kNames.size() ? kNames[static_cast<std::size_t>(coder)] : "unknown";
}

std::optional<Coder> coderNamed(std::string_view name) noexcept
{
    const auto found = std::ranges::find(kNames, name);
    return found == kNames.end() ? std::nullopt : std::optional{static_cast<Coder>(found - kNames.begin())};
}

Result<CodedStream> encode(std::span<const CodeIndex> codes, int k, Coder coder)
{
    const auto counted = count(codes, k);
    if (!counted)
        return std::unexpected(counted.error());
    return encodeCounted(codes, k, coder, *counted);
}

Result<CodedStream> encodeSmallest(std::span<const CodeIndex> codes, int k)
{
    const auto counted = count(codes, k);
    if (!counted)
        return std::unexpected(counted.error());
    // These two sizes follow from the counts; their streams are written only if they win.
    const auto indexMap = sizeOfIndexMap(codes.size(), k), huffman = sizeOfHuffman(*counted);
    const auto simple = huffman < indexMap ? Coder::Huffman : Coder::IndexMap;
    const auto most = std::ranges::max(*counted);
    std::optional<CodedStream> best;
    if (most < codes.size()) {
        for (const auto coder : {Coder::SparseHuffman, Coder::Rans0, Coder::Rans1}) {
            if (coder == Coder::SparseHuffman && static_cast<double>(most) < kSparseShare * static_cast<double>(codes.size()))
                continue;
            auto stream = encodeCounted(codes, k, coder, *counted);
            if (!stream)
                return stream;
            if (stream->bytes.size() < (best ? best->bytes.size() : std::min(indexMap, huffman)))
                best = *std::move(stream);
        }
    }
    return best ? Result<CodedStream>{*std::move(best)} : encodeCounted(codes, k, simple, *counted);
}

Result<void> decode(std::span<const std::byte> stream, Coder coder, int k, std::span<CodeIndex> codes)
{
    if (auto good = checkOutside(k, codes.size()); !good)
        return good;
    switch (coder) {
    case Coder::IndexMap: return decodeIndexMap(stream, k, codes);
    case Coder::Huffman: return decodeHuffman(stream, k, codes);
    case Coder::SparseHuffman: return decodeSparseHuffman(stream, k, codes);
    case Coder::Rans0: return decodeRans(stream, k, 0, codes);
    case Coder::Rans1: return decodeRans(stream, k, 1, codes);
    }
    return damaged("expected a coder from 0 to {}, found {}", kCoders.size() - 1, static_cast<int>(coder));
}

Result<std::size_t> countTableBytes(std::span<const std::byte> stream, Coder coder, int k)
{
    if (auto good = checkOutside(k, 1); !good)
        return std::unexpected(good.error());
    switch (coder) {
    case Coder::IndexMap: return std::size_t{0};
    case Coder::Huffman: return tablesOfHuffman(stream, k);
    case Coder::SparseHuffman: return tablesOfSparseHuffman(stream, k);
    case Coder::Rans0: return tablesOfRans(stream, 0);
    case Coder::Rans1: return tablesOfRans(stream, 1);
    }
    return damaged("expected a coder from 0 to {}, found {}", kCoders.size() - 1, static_cast<int>(coder));
}

void lookUp(std::span<const CodeIndex> codes, std::span<const float> codebook, std::span<float> weights) noexcept
{
    for (std::size_t i = 0; i < codes.size(); ++i)
        weights[i] = codebook[codes[i]];
}

} // namespace engine
