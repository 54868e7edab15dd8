// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/bits.h"
#include "engine/core/result.h"
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace engine {

/// A canonical Huffman code over at most 256 symbols with code words of at most 15 bits.
/// Shorter words come first, among equally long ones those of smaller symbols; a single symbol has the empty word.
class PrefixCode {
public:
    static constexpr int kLongest = 15;

    /// Word lengths from how often each symbol occurs (at least one does). Optimal, but where that took words
    /// above 15 bits.
    static PrefixCode fromCounts(std::span<const std::uint64_t> counts);
    /// Reads what `write` wrote for an alphabet of that size from the beginning of `bytes`.
    /// Errors: BadFormat, unless the words are those of a complete code.
    static Result<PrefixCode> read(std::span<const std::byte> bytes, std::size_t alphabet);

    /// Bytes that `write` appends.
    std::size_t tableBytes() const noexcept { return isSingle() ? 2 : 1 + (m_lengths.size() + 1) / 2; }
    void write(std::vector<std::byte> &bytes) const;

    bool isSingle() const noexcept { return m_used == 1; }
    std::span<const std::uint8_t> lengths() const noexcept { return m_lengths; }
    /// Bits that symbols with these counts take.
    std::uint64_t bits(std::span<const std::uint64_t> counts) const noexcept;

private:
    std::vector<std::uint8_t> m_lengths; // by symbol; 0: no word, or the only one
    std::size_t m_used = 0;
    std::uint8_t m_single = 0;

    friend class PrefixEncoder;
    friend class PrefixDecoder;
};

/// Code words by symbol.
class PrefixEncoder {
public:
    explicit PrefixEncoder(const PrefixCode &code);
    /// Requires: the code has a word for the symbol.
    void put(std::uint8_t symbol, BitWriter &bits) const { bits.put(m_words[symbol].bits, m_words[symbol].length); }

private:
    struct Word { std::uint16_t bits = 0; std::uint8_t length = 0; };
    std::array<Word, 256> m_words{};
};

/// Symbols from code words: one look-up for words up to 12 bits, comparisons for longer ones.
class PrefixDecoder {
public:
    explicit PrefixDecoder(const PrefixCode &code);
    /// Requires: at least 15 bits ready. Every sequence of bits begins with a word.
    std::uint8_t take(BitReader &bits) const noexcept
    {
        if (m_single)
            return m_symbols[0];
        const auto entry = m_table[bits.peek(kTableBits)];
        if (entry != 0) [[likely]] {
            bits.skip(entry >> 8);
            return static_cast<std::uint8_t>(entry);
        }
        return takeLong(bits);
    }

private:
    static constexpr int kTableBits = 12; // 8 KiB: stays in the first cache beside what is decoded
    std::uint8_t takeLong(BitReader &bits) const noexcept;

    bool m_single = false;
    std::array<std::uint16_t, 1 << kTableBits> m_table{}; // length · 256 + symbol; 0: a longer word
    std::array<std::uint8_t, 256> m_symbols{};            // in the order of their words
    std::array<std::uint32_t, PrefixCode::kLongest + 1> m_first{}, m_offset{},
        m_behind{}; // by length: first word, its place, first word behind
};

} // namespace engine
