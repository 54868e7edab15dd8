// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/streams.h"
#include <algorithm>
#include <array>
#include <htscodecs/rANS_static4x16.h>
#include <optional>
#include <span>
#include <vector>

namespace engine::streams {
namespace {

constexpr unsigned kOrder1 = 1;
/// What a stream of ours may say in its first byte. htscodecs' run lengths and stripes are left out: their
/// streams ask for memory by themselves.
constexpr unsigned kAllowed = kOrder1 | RANS_ORDER_X32 | RANS_ORDER_NOSZ | RANS_ORDER_CAT | RANS_ORDER_PACK;
constexpr int kMaxPacked = 16;                ///< htscodecs packs several codes into a byte up to this k
constexpr std::size_t kStates = 4, kManyStates = 32; ///< of 4 bytes each
/// 32 states decode about twice as fast as four; taken where the bytes for more of them are less than a thousandth.
constexpr std::size_t kWorthManyStates = 1000 * 4 * (kManyStates - kStates);

/// What htscodecs reads: it takes pointers to what it does not change, and its routines for vectors read some bytes
/// beside their input (1.3.0 the byte before codes, and 8 behind a stream; nothing comes of them).
class Input {
public:
    explicit Input(Bytes bytes) : m_size{bytes.size()}, m_padded(bytes.size() + 2 * kPadding)
    {
        std::ranges::copy(bytes, std::as_writable_bytes(std::span{m_padded}).begin() + kPadding);
    }
    unsigned char *data() noexcept { return m_padded.data() + kPadding; }
    unsigned size() const noexcept { return static_cast<unsigned>(m_size); }

private:
    static constexpr std::ptrdiff_t kPadding = 64; // a vector of AVX-512
    std::size_t m_size;
    std::vector<unsigned char> m_padded;
};

bool decode(Bytes stream, std::span<CodeIndex> codes)
{
    Input input{stream};
    auto size = static_cast<unsigned>(codes.size());
    return rans_uncompress_to_4x16(input.data(), input.size(), codes.data(), &size) && size == codes.size();
}

bool decodesTo(Bytes stream, Codes codes)
{
    std::vector<CodeIndex> again(codes.size());
    return decode(stream, again) && std::ranges::equal(codes, again);
}

/// A stream of that variant, or none where the library refuses. 1.3.0 cannot read what it wrote where each
/// code follows from the one before, with four states; and it picks one of many routines by processor: so
/// each stream is read back.
std::optional<std::vector<std::byte>> compress(Input &codes, unsigned variant)
{
    auto size = rans_compress_bound_4x16(codes.size(), static_cast<int>(variant));
    std::vector<std::byte> bytes(size);
    if (!rans_compress_to_4x16(codes.data(), codes.size(), reinterpret_cast<unsigned char *>(bytes.data()), &size,
                               static_cast<int>(variant)))
        return std::nullopt;
    bytes.resize(size);
    return decodesTo(bytes, {codes.data(), codes.size()}) ? std::optional{std::move(bytes)} : std::nullopt;
}

/// The codes as they are, which the format allows too.
std::vector<std::byte> concatenated(Codes codes)
{
    std::vector<std::byte> bytes{static_cast<std::byte>(RANS_ORDER_CAT | RANS_ORDER_NOSZ)};
    bytes.insert(bytes.end(), std::as_bytes(codes).begin(), std::as_bytes(codes).end());
    return bytes;
}

/// Reads what htscodecs writes before the states, without decoding; nothing where the bytes end.
class TableWalk {
public:
    explicit TableWalk(Bytes stream) noexcept : m_stream{stream} {}

    std::size_t position() const noexcept { return m_position; }
    std::optional<unsigned> byte() noexcept
    {
        if (m_position >= m_stream.size())
            return std::nullopt;
        return std::to_integer<unsigned>(m_stream[m_position++]);
    }
    /// Seven bits a byte, highest first.
    std::optional<std::uint32_t> number() noexcept
    {
        std::uint32_t value = 0;
        for (;;) {
            const auto next = byte();
            if (!next || value >> 25 != 0)
                return std::nullopt;
            value = value << 7 | (*next & 127);
            if (*next < 128)
                return value;
        }
    }
    bool skip(std::uint64_t count) noexcept
    {
        const bool fits = count <= m_stream.size() - m_position;
        m_position += fits ? count : 0;
        return fits;
    }
    /// The symbols that have frequencies: ascending, after two neighbours how many more follow, a zero at the end.
    std::optional<std::array<bool, 256>> alphabet() noexcept
    {
        std::array<bool, 256> used{};
        auto symbol = byte();
        std::optional<unsigned> run = 0;
        do {
            if (!symbol || !run || *symbol > 255)
                return std::nullopt;
            used[*symbol] = true;
            if (*run > 0) {
                --*run;
                ++*symbol;
                continue;
            }
            const auto next = byte();
            if (next == *symbol + 1)
                run = byte();
            symbol = next;
        } while (symbol != 0u);
        return used;
    }
    /// Frequencies of one row; with `runs`, a zero is followed by how many more there are.
    bool frequencies(const std::array<bool, 256> &used, bool runs) noexcept
    {
        unsigned zeros = 0;
        for (const bool isUsed : used) {
            if (!isUsed)
                continue;
            if (zeros > 0) {
                --zeros;
                continue;
            }
            const auto frequency = number();
            if (!frequency)
                return false;
            if (runs && *frequency == 0) {
                const auto more = byte();
                if (!more)
                    return false;
                zeros = *more;
            }
        }
        return true;
    }

private:
    Bytes m_stream;
    std::size_t m_position = 0;
};

bool skipTablesOfOrder0(TableWalk &walk)
{
    const auto used = walk.alphabet();
    return used && walk.frequencies(*used, /*runs=*/false);
}

bool skipTablesOfOrder1(TableWalk &walk)
{
    const auto kind = walk.byte();
    if (kind && (*kind & 1) != 0) { // compressed themselves
        const auto plain = walk.number(), compressed = walk.number();
        return plain && compressed && walk.skip(*compressed);
    }
    const auto used = walk.alphabet();
    return kind && used && std::ranges::all_of(*used, [&](bool row) { return !row || walk.frequencies(*used, /*runs=*/true); });
}

/// Which codes share a byte, and how many bytes that makes.
bool skipPacking(TableWalk &walk)
{
    const auto symbols = walk.byte();
    return symbols && walk.skip(*symbols) && walk.number();
}

} // namespace

Result<CodedStream> encodeRans(Codes codes, int k, int order)
{
    Input input{std::as_bytes(codes)};
    std::optional<std::vector<std::byte>> best;
    for (const unsigned packing : {0u, static_cast<unsigned>(RANS_ORDER_PACK)}) {
        if (packing != 0 && k > kMaxPacked)
            break;
        const auto variant = static_cast<unsigned>(order) | RANS_ORDER_NOSZ | packing;
        std::optional<std::vector<std::byte>> bytes;
        if (codes.size() >= kWorthManyStates) // fewer codes do not take so many bytes
            bytes = compress(input, variant | RANS_ORDER_X32);
        if (!bytes || bytes->size() < kWorthManyStates) {
            auto plain = compress(input, variant);
            bytes = plain ? std::move(plain) : compress(input, variant | RANS_ORDER_X32);
        }
        if (bytes && (!best || bytes->size() < best->size()))
            best = std::move(bytes);
    }
    CodedStream result{order == 0 ? Coder::Rans0 : Coder::Rans1, best ? *std::move(best) : concatenated(codes), 0};
    const auto tables = tablesOfRans(result.bytes, order);
    if (!tables)
        return fail(ErrorCode::Internal, fmt::format("htscodecs wrote tables that are not as documented: {}.", tables.error().text));
    result.tableBytes = *tables;
    return result;
}

Result<std::size_t> tablesOfRans(Bytes stream, int order)
{
    TableWalk walk{stream};
    const auto flags = walk.byte();
    if (!flags || (*flags & ~kAllowed) != 0 || (*flags & RANS_ORDER_NOSZ) == 0 || (*flags & kOrder1) > static_cast<unsigned>(order))
        return damaged("expected a rANS stream of order {}, found variant {:#x}", order, flags.value_or(0));
    bool good = (*flags & RANS_ORDER_PACK) == 0 || skipPacking(walk);
    if (good && (*flags & RANS_ORDER_CAT) == 0 && walk.position() < stream.size()) {
        good = (*flags & kOrder1) != 0 ? skipTablesOfOrder1(walk) : skipTablesOfOrder0(walk);
        good = good && walk.skip(4 * ((*flags & RANS_ORDER_X32) != 0 ? kManyStates : kStates));
    }
    if (!good)
        return damaged("expected the tables of a rANS stream, found {} bytes", stream.size());
    return walk.position();
}

Result<void> decodeRans(Bytes stream, int k, int order, std::span<CodeIndex> codes)
{
    if (auto tables = tablesOfRans(stream, order); !tables)
        return std::unexpected(tables.error());
    if (stream.size() > kMaxCodes + kMaxCodes / 8)
        return damaged("expected at most {} bytes in a rANS stream, found {}", kMaxCodes + kMaxCodes / 8, stream.size());
    if (!decode(stream, codes))
        return damaged("expected a rANS stream of {} codes, found that htscodecs cannot decode it", codes.size());
    if (const auto largest = std::ranges::max(codes); largest >= k)
        return damaged("expected codes below k = {}, found {}", k, largest);
    return {};
}

} // namespace engine::streams
