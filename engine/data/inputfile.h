// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

struct gzFile_s;

namespace engine {

/// A path as error sentences show it.
std::string quoted(const std::filesystem::path &path);

/// A regular file, open for reading; closes itself.
class InputFile {
public:
    /// Errors: NotFound; Unreadable if it may not be read or is a folder, pipe or device. Never blocks on a pipe.
    static Result<InputFile> open(const std::filesystem::path &path);
    InputFile(InputFile &&other) noexcept;
    InputFile &operator=(InputFile &&) = delete;
    ~InputFile();

    const std::filesystem::path &path() const noexcept { return m_path; }
    std::uint64_t sizeBytes() const noexcept { return m_sizeBytes; } ///< on disk, at the time of opening
    int descriptor() const noexcept { return m_descriptor; }         ///< borrowed, valid while *this lives

    /// Fills `to`, or less where the file ends; gives the number of bytes.  Errors: Unreadable.
    Result<std::size_t> read(std::span<std::uint8_t> to);

private:
    InputFile(std::filesystem::path path, int descriptor, std::uint64_t sizeBytes);
    friend class GzipReader;
    std::filesystem::path m_path;
    int m_descriptor = -1;
    std::uint64_t m_sizeBytes = 0;
};

/// Reads a file that may be gzipped or not.
class GzipReader {
public:
    explicit GzipReader(InputFile file);

    /// Fills `to`, or less where the contents end; gives the number of bytes.
    /// Errors: Unreadable; BadFormat if the compressed stream is damaged.
    Result<std::size_t> read(std::span<std::uint8_t> to);

private:
    struct Closer { void operator()(gzFile_s *stream) const noexcept; };
    std::filesystem::path m_path;
    std::unique_ptr<gzFile_s, Closer> m_stream;
};

} // namespace engine
