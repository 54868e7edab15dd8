// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace engine {

/// Appends bits to bytes, the highest bit first.
class BitWriter {
public:
    explicit BitWriter(std::vector<std::byte> &bytes) : m_bytes{bytes} {}

    /// The lowest `count` bits of `value`. Requires: count ≤ 32, no bits above them.
    void put(std::uint64_t value, int count)
    {
        m_window = (m_window << count) | value;
        m_filled += count;
        while (m_filled >= 8) {
            m_filled -= 8;
            m_bytes.push_back(static_cast<std::byte>(m_window >> m_filled));
        }
    }
    /// Fills the last byte with zeros.
    void finish()
    {
        if (m_filled > 0)
            put(0, 8 - m_filled);
    }

private:
    std::vector<std::byte> &m_bytes;
    std::uint64_t m_window = 0;
    int m_filled = 0; // lowest bits of the window that still wait, below 8 between two calls
};

/// Reads what BitWriter wrote. Behind the end come zeros; endsHere tells afterwards whether they were needed.
class BitReader {
public:
    explicit BitReader(std::span<const std::byte> bytes) noexcept
        : m_begin{bytes.data()}, m_next{bytes.data()}, m_end{bytes.data() + bytes.size()} {}

    /// Has at least 56 bits ready.
    void refill() noexcept
    {
        if (m_end - m_next >= 8) {
            std::uint64_t word;
            std::memcpy(&word, m_next, 8);
            if constexpr (std::endian::native == std::endian::little)
                word = __builtin_bswap64(word);
            m_window |= word >> m_filled; // bits of a byte that does not fit whole come again next time, the same
            m_next += (63 - m_filled) >> 3;
            m_filled |= 56;
        } else {
            refillAtEnd();
        }
    }
    /// The next `count` bits. Requires: 1 ≤ count ≤ the bits ready.
    std::uint64_t peek(int count) const noexcept { return m_window >> (64 - count); }
    void skip(int count) noexcept
    {
        m_window <<= count;
        m_filled -= count;
    }
    /// The next `count` bits, 0 ≤ count ≤ the bits ready.
    std::uint64_t take(int count) noexcept
    {
        if (count == 0)
            return 0;
        const auto value = peek(count);
        skip(count);
        return value;
    }
    /// Whether exactly all bytes were used and the bits left of the last one are zeros.
    bool endsHere() const noexcept
    {
        const auto read = 8 * (m_next - m_begin + m_beyond) - m_filled;
        const auto size = 8 * (m_end - m_begin);
        if (read > size || size - read >= 8)
            return false;
        const auto left = static_cast<int>(size - read);
        return left == 0 || (std::to_integer<unsigned>(m_end[-1]) & ((1u << left) - 1)) == 0;
    }

private:
    void refillAtEnd() noexcept
    {
        while (m_filled <= 56) {
            std::uint64_t byte = 0;
            if (m_next < m_end)
                byte = std::to_integer<std::uint64_t>(*m_next++);
            else
                ++m_beyond;
            m_window |= byte << (56 - m_filled);
            m_filled += 8;
        }
    }

    const std::byte *m_begin, *m_next, *m_end;
    std::uint64_t m_window = 0;    // the next bits, highest first
    int m_filled = 0;              // how many of them count
    std::ptrdiff_t m_beyond = 0;   // zero bytes made up behind the end
};

} // namespace engine
