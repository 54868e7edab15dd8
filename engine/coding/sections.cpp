// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/sections.h"
#include "engine/coding/deflate.h"
#include "engine/coding/fields.h"
#include "engine/files/atomicfile.h"
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace engine::sections {
namespace {

/// Not a letter first, and both kinds of line end: a transfer as text is noticed here.
constexpr std::array<std::uint8_t, kMagicBytes> kMagic = {0x89, 'C', 'N', 'D', '\r', '\n', 0x1a, '\n'};
constexpr std::size_t kSliceBytes = std::size_t{1} << 16;
constexpr std::size_t kTypeBytes = 4, kLengthBytes = 8;

using Head = std::array<std::byte, kHeadBytes>;

std::unexpected<Error> damaged(std::string text) { return fail(ErrorCode::BadFormat, std::move(text)); }
std::unexpected<Error> unreadable() { return fail(ErrorCode::Unreadable, "expected to read on, found an error of the disk"); }

bool isType(std::string_view type)
{
    return std::ranges::all_of(type, [](char c) { return c >= 'A' && c <= 'Z'; });
}

Result<PackedSection> sectionAt(const Source &source, std::uint64_t offset)
{
    Head head;
    if (source.size() - offset < head.size())
        return damaged(fmt::format("expected a section at byte {}, found the end of the file", offset));
    if (!source.read(offset, head))
        return unreadable();
    PackedSection section;
    section.type.assign(reinterpret_cast<const char *>(head.data()), kTypeBytes);
    section.offset = offset + head.size();
    section.bytes = littleEndian<std::uint64_t>(std::span{head}.subspan<kTypeBytes, kLengthBytes>());
    section.checksum = littleEndian<std::uint32_t>(std::span{head}.subspan<kTypeBytes + kLengthBytes, 4>());
    if (!isType(section.type))
        return damaged(fmt::format("expected a section of four capital letters at byte {}, found others", offset));
    if (section.bytes > source.size() - section.offset)
        return damaged(fmt::format("expected section {} to end within the file of {} bytes, found {} bytes from byte {}", section.type,
                                   source.size(), section.bytes, section.offset));
    return section;
}

} // namespace

void putFileHead(std::vector<std::byte> &file)
{
    FieldWriter head;
    for (const auto byte : kMagic)
        head.byte(byte);
    head.fixed(static_cast<std::uint16_t>(kPackedMajor));
    head.fixed(static_cast<std::uint16_t>(kPackedMinor));
    head.fixed(checksum(head.bytes()));
    file.insert(file.end(), head.bytes().begin(), head.bytes().end());
}

bool beginsPackedFile(std::span<const std::byte> bytes) noexcept
{
    return std::equal(kMagic.begin(), kMagic.end(), bytes.begin(),
                      [](std::uint8_t expected, std::byte found) { return std::byte{expected} == found; });
}

void putSection(std::vector<std::byte> &file, std::string_view type, std::span<const std::byte> content)
{
    FieldWriter head;
    for (const char letter : type)
        head.byte(static_cast<std::uint8_t>(letter));
    head.fixed(std::uint64_t{content.size()});
    head.fixed(checksum(content, checksum(head.bytes())));
    file.insert(file.end(), head.bytes().begin(), head.bytes().end());
    file.insert(file.end(), content.begin(), content.end());
}

bool MemorySource::read(std::uint64_t offset, std::span<std::byte> bytes) const
{
    std::ranges::copy(m_bytes.subspan(offset, bytes.size()), bytes.begin());
    return true;
}

Result<FileSource> FileSource::open(const std::filesystem::path &file)
{
    struct stat found {};
    if (::stat(file.c_str(), &found) != 0)
        return fail(errno == EACCES ? ErrorCode::Unreadable : ErrorCode::NotFound,
                    errno == EACCES ? "expected a file that may be read, found one that may not" : "expected a file, found none");
    if (!S_ISREG(found.st_mode))
        return fail(ErrorCode::Unreadable,
                    fmt::format("expected a file, found {}", S_ISDIR(found.st_mode) ? "a folder" : "a pipe or device"));
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 || ::fstat(descriptor, &found) != 0) {
        const auto why = std::generic_category().message(errno);
        if (descriptor >= 0)
            ::close(descriptor);
        return fail(ErrorCode::Unreadable, fmt::format("expected a file that may be read, found: {}", why));
    }
    return FileSource{descriptor, static_cast<std::uint64_t>(found.st_size)};
}

FileSource::FileSource(FileSource &&other) noexcept : m_descriptor{std::exchange(other.m_descriptor, -1)}, m_size{other.m_size} {}

FileSource::~FileSource()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

bool FileSource::read(std::uint64_t offset, std::span<std::byte> bytes) const
{
    while (!bytes.empty()) {
        const auto count = ::pread(m_descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        bytes = bytes.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
    return true;
}

Result<Walk> walk(const Source &source)
{
    Head head;
    if (source.size() < head.size())
        return damaged(fmt::format("expected a head of {} bytes, found a file of {}", head.size(), source.size()));
    if (!source.read(0, head))
        return unreadable();
    const std::span bytes{head};
    if (std::memcmp(head.data(), kMagic.data(), kMagic.size()) != 0)
        return damaged("expected a packed network, found a file of another kind");
    if (checksum(bytes.first<12>()) != littleEndian<std::uint32_t>(bytes.subspan<12, 4>()))
        return damaged("expected the checksum of the head, found another");
    const auto major = littleEndian<std::uint16_t>(bytes.subspan<8, 2>());
    if (major > kPackedMajor)
        return fail(ErrorCode::TooNew,
                    fmt::format("expected format {} at most, found {}: a newer version of the program reads it", kPackedMajor, major));
    if (major == 0)
        return damaged("expected format 1, found 0");
    Walk result{littleEndian<std::uint16_t>(bytes.subspan<10, 2>()), {}};
    for (std::uint64_t offset = kHeadBytes;;) {
        auto section = sectionAt(source, offset);
        if (!section)
            return std::unexpected(section.error());
        offset = section->offset + section->bytes;
        const bool isLast = section->type == kEnd;
        result.all.push_back(*std::move(section));
        if (!isLast)
            continue;
        if (auto good = verify(source, result.all.back()); !good)
            return std::unexpected(good.error());
        if (result.all.back().bytes != 0 || offset != source.size())
            return damaged(fmt::format("expected the file to end with section {}, found {} bytes more", kEnd,
                                       source.size() - offset + result.all.back().bytes));
        return result;
    }
}

Result<void> verify(const Source &source, const PackedSection &section)
{
    FieldWriter head;
    for (const char letter : section.type)
        head.byte(static_cast<std::uint8_t>(letter));
    head.fixed(section.bytes);
    auto sum = checksum(head.bytes());
    std::vector<std::byte> slice(std::min<std::uint64_t>(kSliceBytes, section.bytes));
    for (std::uint64_t done = 0; done < section.bytes; done += slice.size()) {
        slice.resize(std::min<std::uint64_t>(kSliceBytes, section.bytes - done));
        if (!source.read(section.offset + done, slice))
            return unreadable();
        sum = checksum(slice, sum);
    }
    if (sum != section.checksum)
        return damaged(fmt::format("expected checksum {:08x} of section {} at byte {}, found {:08x}", section.checksum, section.type,
                                   section.offset - kHeadBytes, sum));
    return {};
}

Result<std::vector<std::byte>> content(const Source &source, const PackedSection &section)
{
    if (auto good = verify(source, section); !good)
        return std::unexpected(good.error());
    std::vector<std::byte> bytes(section.bytes);
    if (!source.read(section.offset, bytes))
        return unreadable();
    return bytes;
}

} // namespace engine::sections
