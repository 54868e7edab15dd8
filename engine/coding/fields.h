// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/varint.h"
#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace engine {

/// A whole number of fixed width, lowest byte first.
template <std::unsigned_integral Number>
Number littleEndian(std::span<const std::byte, sizeof(Number)> bytes) noexcept
{
    Number value = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        value = static_cast<Number>(value | std::to_integer<Number>(bytes[i]) << 8 * i);
    return value;
}

/// Puts fields one after the other.
class FieldWriter {
public:
    const std::vector<std::byte> &bytes() const noexcept { return m_bytes; }

    void byte(std::uint8_t value) { m_bytes.push_back(std::byte{value}); }
    void number(std::uint64_t value) { putVarint(m_bytes, value); }
    template <std::unsigned_integral Number>
    void fixed(Number value)
    {
        for (std::size_t i = 0; i < sizeof(Number); ++i)
            m_bytes.push_back(static_cast<std::byte>(value >> 8 * i));
    }
    void real(float value) { fixed(std::bit_cast<std::uint32_t>(value)); }
    void real(double value) { fixed(std::bit_cast<std::uint64_t>(value)); }
    void text(std::string_view value)
    {
        number(value.size());
        const auto bytes = std::as_bytes(std::span{value});
        m_bytes.insert(m_bytes.end(), bytes.begin(), bytes.end());
    }

private:
    std::vector<std::byte> m_bytes;
};

/// Takes them again. After the first one that is not there, or out of range, all are empty and `good` says so.
class FieldReader {
public:
    explicit FieldReader(std::span<const std::byte> bytes) noexcept : m_reader{bytes} {}

    bool good() const noexcept { return m_good; }
    /// Whether all fields were good and nothing is left.
    bool endsHere() const noexcept { return m_good && m_reader.left() == 0; }
    std::size_t position() const noexcept { return m_reader.position(); }

    std::uint8_t byte() { return need(m_reader.byte()); }
    std::uint64_t number(std::uint64_t most)
    {
        const auto value = need(m_reader.number());
        m_good = m_good && value <= most;
        return m_good ? value : 0;
    }
    /// How many elements follow; each takes at least one byte.
    std::uint64_t count(std::uint64_t most) { return number(std::min<std::uint64_t>(most, m_reader.left())); }
    float real32() { return std::bit_cast<float>(fixed<std::uint32_t>()); }
    double real64() { return std::bit_cast<double>(fixed<std::uint64_t>()); }
    std::string text()
    {
        const auto bytes = need(m_reader.bytes(number(m_reader.left())));
        return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
    }

private:
    template <typename Value>
    Value need(std::optional<Value> value)
    {
        m_good = m_good && value.has_value();
        return m_good ? *value : Value{};
    }
    template <std::unsigned_integral Number>
    Number fixed()
    {
        const auto bytes = need(m_reader.bytes(sizeof(Number)));
        return m_good ? littleEndian<Number>(bytes.template first<sizeof(Number)>()) : Number{};
    }

    VarintReader m_reader;
    bool m_good = true;
};

} // namespace engine
