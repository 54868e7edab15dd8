// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>
#include <zlib.h>

/// Packed files taken apart and put together again with good checksums, written from resources/help/packed-format.md.
namespace support {

using Bytes = std::vector<std::byte>;

struct RawSection { std::string type; Bytes content; };

/// Appends fields as the format has them.
class Fields {
public:
    Fields &byte(unsigned value) { m_bytes.push_back(static_cast<std::byte>(value)); return *this; }
    Fields &number(std::uint64_t value)
    {
        for (; value >= 128; value >>= 7)
            byte(static_cast<unsigned>(value & 127) | 128);
        return byte(static_cast<unsigned>(value));
    }
    Fields &fixed(std::uint64_t value, int bytes)
    {
        for (int i = 0; i < bytes; ++i)
            byte(static_cast<unsigned>(value >> 8 * i & 255));
        return *this;
    }
    Fields &real32(float value)
    {
        std::uint32_t bits;
        std::memcpy(&bits, &value, 4);
        return fixed(bits, 4);
    }
    Fields &text(std::string_view value)
    {
        number(value.size());
        for (const char c : value)
            byte(static_cast<unsigned char>(c));
        return *this;
    }
    const Bytes &bytes() const { return m_bytes; }

private:
    Bytes m_bytes;
};

inline std::uint32_t crcOf(const Bytes &bytes)
{
    return static_cast<std::uint32_t>(crc32(0, reinterpret_cast<const Bytef *>(bytes.data()), static_cast<uInt>(bytes.size())));
}

inline Bytes deflatedField(const Bytes &plain, std::uint64_t claim)
{
    auto size = compressBound(static_cast<uLong>(plain.size()));
    Bytes packed(size);
    compress(reinterpret_cast<Bytef *>(packed.data()), &size, reinterpret_cast<const Bytef *>(plain.data()),
             static_cast<uLong>(plain.size()));
    packed.resize(size);
    Bytes result = Fields{}.number(claim).bytes();
    result.insert(result.end(), packed.begin(), packed.end());
    return result;
}
inline Bytes deflatedField(const Bytes &plain) { return deflatedField(plain, plain.size()); }

inline Bytes head(unsigned major = 1, unsigned minor = 0)
{
    Fields fields;
    for (const unsigned char c : {0x89, 0x43, 0x4e, 0x44, 0x0d, 0x0a, 0x1a, 0x0a})
        fields.byte(c);
    fields.fixed(major, 2).fixed(minor, 2);
    return fields.fixed(crcOf(fields.bytes()), 4).bytes();
}

inline std::vector<RawSection> sectionsOf(const Bytes &file)
{
    std::vector<RawSection> sections;
    for (std::size_t at = 16; at < file.size();) {
        std::uint64_t length = 0;
        std::memcpy(&length, file.data() + at + 4, 8);
        const auto begin = file.begin() + static_cast<std::ptrdiff_t>(at);
        sections.push_back(
            {std::string{reinterpret_cast<const char *>(&*begin), 4}, {begin + 16, begin + 16 + static_cast<std::ptrdiff_t>(length)}});
        at += 16 + length;
    }
    return sections;
}

inline Bytes fileOf(const std::vector<RawSection> &sections, Bytes file = head())
{
    for (const auto &section : sections) {
        Fields fields;
        for (const char c : section.type)
            fields.byte(static_cast<unsigned char>(c));
        fields.fixed(section.content.size(), 8);
        Bytes checked = fields.bytes();
        checked.insert(checked.end(), section.content.begin(), section.content.end());
        fields.fixed(crcOf(checked), 4);
        file.insert(file.end(), fields.bytes().begin(), fields.bytes().end());
        file.insert(file.end(), section.content.begin(), section.content.end());
    }
    return file;
}

inline RawSection &sectionNamed(std::vector<RawSection> &sections, std::string_view type)
{
    return *std::ranges::find(sections, type, &RawSection::type);
}

} // namespace support
