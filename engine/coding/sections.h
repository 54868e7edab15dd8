// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/packedfile.h"
#include <string_view>

/// The frame of a packed file: a head of 16 bytes and sections, each with type, length and checksum.
namespace engine::sections {

inline constexpr std::size_t kHeadBytes = 16;    ///< of the file, and of each section
inline constexpr std::size_t kMagicBytes = 8;    ///< what a file begins with
inline constexpr std::string_view kNetwork = "NETW", kProvenance = "PROV", kLog = "LOGD", kIndex = "INDX", kCode = "CODE",
                                  kCodebooks = "BOOK", kKernel = "KERN", kTensors = "TENS", kEnd = "DONE";

void putFileHead(std::vector<std::byte> &file);
/// Whether these are the first bytes of a packed file. Requires: at least kMagicBytes.
bool beginsPackedFile(std::span<const std::byte> bytes) noexcept;
void putSection(std::vector<std::byte> &file, std::string_view type, std::span<const std::byte> content);

/// Where a file comes from.
class Source {
public:
    virtual ~Source() = default;
    virtual std::uint64_t size() const noexcept = 0;
    /// Fills `bytes` from that place. Requires: they lie within size(). False if they cannot be read.
    virtual bool read(std::uint64_t offset, std::span<std::byte> bytes) const = 0;
};

class MemorySource : public Source {
public:
    explicit MemorySource(std::span<const std::byte> bytes) noexcept : m_bytes{bytes} {}
    std::uint64_t size() const noexcept override { return m_bytes.size(); }
    bool read(std::uint64_t offset, std::span<std::byte> bytes) const override;

private:
    std::span<const std::byte> m_bytes;
};

class FileSource : public Source {
public:
    /// Errors: NotFound, Unreadable.
    static Result<FileSource> open(const std::filesystem::path &file);
    FileSource(FileSource &&other) noexcept;
    FileSource &operator=(FileSource &&) = delete;
    ~FileSource() override;
    std::uint64_t size() const noexcept override { return m_size; }
    bool read(std::uint64_t offset, std::span<std::byte> bytes) const override;

private:
    FileSource(int descriptor, std::uint64_t size) noexcept : m_descriptor{descriptor}, m_size{size} {}
    int m_descriptor;
    std::uint64_t m_size;
};

struct Walk {
    int minorVersion = 0;
    std::vector<PackedSection> all;
};
/// All sections from head to end. Errors, as "expected …, found …": BadFormat, TooNew.
Result<Walk> walk(const Source &source);
/// Errors: BadFormat where the checksum is not the one noted.
Result<void> verify(const Source &source, const PackedSection &section);
/// The content, verified. Takes as much memory as the section has bytes.
Result<std::vector<std::byte>> content(const Source &source, const PackedSection &section);

} // namespace engine::sections
