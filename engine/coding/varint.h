// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace engine {

/// Whole numbers in seven bits a byte, lowest first; the highest bit says that more follow (LEB128). At most ten bytes.
inline void putVarint(std::vector<std::byte> &bytes, std::uint64_t value)
{
    for (; value >= 128; value >>= 7)
        bytes.push_back(static_cast<std::byte>(value | 128));
    bytes.push_back(static_cast<std::byte>(value));
}

/// Reads them, and plain bytes between; nothing where the bytes end or a number does not fit 64 bits or has
/// more bytes than it needs.
class VarintReader {
public:
    explicit VarintReader(std::span<const std::byte> bytes) noexcept : m_bytes{bytes} {}

    std::optional<std::uint8_t> byte() noexcept
    {
        if (m_position == m_bytes.size())
            return std::nullopt;
        return std::to_integer<std::uint8_t>(m_bytes[m_position++]);
    }
    std::optional<std::uint64_t> number() noexcept
    {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            const auto next = byte();
            if (!next || (shift == 63 && *next > 1) || (shift > 0 && *next == 0))
                return std::nullopt;
            value |= std::uint64_t{*next & 127u} << shift;
            if (*next < 128)
                return value;
        }
        return std::nullopt;
    }
    /// The next `count` bytes.
    std::optional<std::span<const std::byte>> bytes(std::uint64_t count) noexcept
    {
        if (count > left())
            return std::nullopt;
        m_position += count;
        return m_bytes.subspan(m_position - count, count);
    }
    std::size_t position() const noexcept { return m_position; }
    std::size_t left() const noexcept { return m_bytes.size() - m_position; }

private:
    std::span<const std::byte> m_bytes;
    std::size_t m_position = 0;
};

} // namespace engine
