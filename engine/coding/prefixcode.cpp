// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/prefixcode.h"
#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <numeric>
#include <queue>

namespace engine {
namespace {

enum TableKind : std::uint8_t { OneSymbol, Lengths };

/// Depth of every leaf of a Huffman tree; 0 for counts of 0. Requires: at least two counts above 0.
std::vector<std::uint8_t> huffmanDepths(std::span<const std::uint64_t> counts)
{
    struct Node { std::uint64_t count; std::size_t place; };
    const auto heavier = [](const Node &a, const Node &b) { return a.count != b.count ? a.count > b.count : a.place > b.place; };
    std::priority_queue<Node, std::vector<Node>, decltype(heavier)> waiting{heavier};
    for (std::size_t s = 0; s < counts.size(); ++s)
        if (counts[s] > 0)
            waiting.push({counts[s], s});
    std::vector<std::size_t> parents(2 * counts.size());
    std::size_t next = counts.size();
    for (; waiting.size() > 1; ++next) {
        const Node a = waiting.top();
        waiting.pop();
        const Node b = waiting.top();
        waiting.pop();
        parents[a.place] = parents[b.place] = next;
        waiting.push({a.count + b.count, next});
    }
    std::vector<std::uint8_t> depths(2 * counts.size());
    for (std::size_t node = next - 1; node-- > counts.size();) // the root, made last, has depth 0
        depths[node] = static_cast<std::uint8_t>(depths[parents[node]] + 1);
    for (std::size_t s = 0; s < counts.size(); ++s)
        if (counts[s] > 0)
            depths[s] = static_cast<std::uint8_t>(depths[parents[s]] + 1);
    depths.resize(counts.size());
    return depths;
}

/// First word of each length, given how many words each length has.
std::array<std::uint32_t, PrefixCode::kLongest + 2> firstWords(std::span<const std::uint8_t> lengths)
{
    std::array<std::uint32_t, PrefixCode::kLongest + 2> number{}, first{};
    for (const auto length : lengths)
        if (length > 0)
            ++number[length];
    for (std::size_t l = 1; l <= PrefixCode::kLongest; ++l)
        first[l + 1] = (first[l] + number[l]) << 1;
    return first;
}

} // namespace

PrefixCode PrefixCode::fromCounts(std::span<const std::uint64_t> counts)
{
    PrefixCode code;
    code.m_used = static_cast<std::size_t>(std::ranges::count_if(counts, [](std::uint64_t n) { return n > 0; }));
    code.m_lengths.assign(counts.size(), 0);
    if (code.m_used == 1) {
        code.m_single = static_cast<std::uint8_t>(std::ranges::max_element(counts) - counts.begin());
        return code;
    }
    code.m_lengths = huffmanDepths(counts);
    // Rare symbols are counted as less and less rare until their words are short enough.
    std::vector<std::uint64_t> raised{counts.begin(), counts.end()};
    for (auto least = (std::reduce(counts.begin(), counts.end()) >> kLongest) + 1; std::ranges::max(code.m_lengths) > kLongest;
         least *= 2) {
        for (auto &n : raised)
            n = n > 0 ? std::max(n, least) : 0;
        code.m_lengths = huffmanDepths(raised);
    }
    return code;
}

Result<PrefixCode> PrefixCode::read(std::span<const std::byte> bytes, std::size_t alphabet)
{
    const auto truncated = [&] {
        return fail(ErrorCode::BadFormat, fmt::format("expected a code table, found only {} bytes", bytes.size()));
    };
    if (bytes.empty())
        return truncated();
    const auto kind = std::to_integer<std::uint8_t>(bytes[0]);
    PrefixCode code;
    code.m_lengths.assign(alphabet, 0);
    if (kind == OneSymbol) {
        if (bytes.size() < 2)
            return truncated();
        code.m_used = 1;
        code.m_single = std::to_integer<std::uint8_t>(bytes[1]);
        if (code.m_single >= alphabet)
            return fail(ErrorCode::BadFormat, fmt::format("expected a symbol below {}, found {}", alphabet, code.m_single));
        return code;
    }
    if (kind != Lengths)
        return fail(ErrorCode::BadFormat, fmt::format("expected a code table of kind 0 or 1, found {}", kind));
    if (bytes.size() - 1 < (alphabet + 1) / 2)
        return truncated();
    std::uint32_t filled = 0;
    for (std::size_t s = 0; s < alphabet; ++s) {
        code.m_lengths[s] = (std::to_integer<std::uint8_t>(bytes[1 + s / 2]) >> (s % 2 * 4)) & 15;
        if (code.m_lengths[s] > 0) {
            ++code.m_used;
            filled += 1u << (kLongest - code.m_lengths[s]);
        }
    }
    if (filled != 1u << kLongest || (alphabet % 2 == 1 && std::to_integer<unsigned>(bytes[alphabet / 2 + 1]) > 15))
        return fail(ErrorCode::BadFormat,
                    fmt::format("expected word lengths of a complete code, found {} of {} parts taken", filled, 1u << kLongest));
    return code;
}

void PrefixCode::write(std::vector<std::byte> &bytes) const
{
    if (isSingle()) {
        bytes.insert(bytes.end(), {std::byte{OneSymbol}, std::byte{m_single}});
        return;
    }
    bytes.push_back(std::byte{Lengths});
    for (std::size_t s = 0; s < m_lengths.size(); s += 2) {
        const auto second = s + 1 < m_lengths.size() ? m_lengths[s + 1] : 0;
        bytes.push_back(static_cast<std::byte>(m_lengths[s] | second << 4));
    }
}

std::uint64_t PrefixCode::bits(std::span<const std::uint64_t> counts) const noexcept
{
    return std::transform_reduce(counts.begin(), counts.end(), m_lengths.begin(), std::uint64_t{0});
}

PrefixEncoder::PrefixEncoder(const PrefixCode &code)
{
    auto next = firstWords(code.m_lengths);
    for (std::size_t s = 0; s < code.m_lengths.size(); ++s)
        if (const auto length = code.m_lengths[s]; length > 0)
            m_words[s] = {static_cast<std::uint16_t>(next[length]++), length};
}

PrefixDecoder::PrefixDecoder(const PrefixCode &code) : m_single{code.isSingle()}
{
    m_symbols[0] = code.m_single;
    if (m_single)
        return;
    const auto first = firstWords(code.m_lengths);
    std::uint32_t place = 0;
    for (std::size_t length = 1; length <= PrefixCode::kLongest; ++length) {
        auto word = first[length];
        m_first[length] = word;
        m_offset[length] = place;
        for (std::size_t s = 0; s < code.m_lengths.size(); ++s) {
            if (code.m_lengths[s] != length)
                continue;
            m_symbols[place++] = static_cast<std::uint8_t>(s);
            if (length <= kTableBits)
                std::fill_n(m_table.begin() + (word << (kTableBits - length)), 1u << (kTableBits - length),
                            static_cast<std::uint16_t>(length << 8 | s));
            ++word;
        }
        m_behind[length] = word;
    }
}

std::uint8_t PrefixDecoder::takeLong(BitReader &bits) const noexcept
{
    for (int length = kTableBits + 1;; ++length) {
        const auto word = static_cast<std::uint32_t>(bits.peek(length));
        if (word < m_behind[static_cast<std::size_t>(length)] || length == PrefixCode::kLongest) {
            bits.skip(length);
            return m_symbols[m_offset[static_cast<std::size_t>(length)] + word - m_first[static_cast<std::size_t>(length)]];
        }
    }
}

} // namespace engine
