// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/inputfile.h"
#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

namespace engine {
namespace {

std::string reason(int errorNumber)
{
    return std::generic_category().message(errorNumber);
}

} // namespace

std::string quoted(const std::filesystem::path &path)
{
    std::string text = path.string();
    std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < ' '; }, '?'); // names in archives may hold anything
    text.insert(text.begin(), '"');
    text.push_back('"');
    return text;
}

Result<InputFile> InputFile::open(const std::filesystem::path &path)
{
    // Without O_NONBLOCK a named pipe under this name would hold the program until somebody writes to it.
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
        const bool missing = errno == ENOENT || errno == ENOTDIR;
        return missing ? fail(ErrorCode::NotFound, "There is no file " + quoted(path) + ".")
                       : fail(ErrorCode::Unreadable, "The file " + quoted(path) + " cannot be opened: " + reason(errno) + ".");
    }
    InputFile file{path, descriptor, 0};
    struct stat info {};
    if (::fstat(descriptor, &info) != 0)
        return fail(ErrorCode::Unreadable, "The file " + quoted(path) + " cannot be examined: " + reason(errno) + ".");
    if (!S_ISREG(info.st_mode))
        return fail(ErrorCode::Unreadable, quoted(path) + (S_ISDIR(info.st_mode) ? " is a folder" : " is a pipe or device")
                                               + ", expected a file.");
    file.m_sizeBytes = static_cast<std::uint64_t>(info.st_size);
    return file;
}

InputFile::InputFile(std::filesystem::path path, int descriptor, std::uint64_t sizeBytes)
    : m_path(std::move(path)), m_descriptor(descriptor), m_sizeBytes(sizeBytes)
{
}

InputFile::InputFile(InputFile &&other) noexcept
    : m_path(std::move(other.m_path)), m_descriptor(std::exchange(other.m_descriptor, -1)), m_sizeBytes(other.m_sizeBytes)
{
}

InputFile::~InputFile()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

Result<std::size_t> InputFile::read(std::span<std::uint8_t> to)
{
    std::size_t done = 0;
    while (done < to.size()) {
        const ssize_t got = ::read(m_descriptor, to.data() + done, to.size() - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(ErrorCode::Unreadable, "The file " + quoted(m_path) + " cannot be read: " + reason(errno) + ".");
        if (got == 0)
            break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

GzipReader::GzipReader(InputFile file) : m_path(file.path()), m_stream(::gzdopen(file.m_descriptor, "rb"))
{
    if (!m_stream)
        throw std::bad_alloc{};
    file.m_descriptor = -1; // now the stream's
    ::gzbuffer(m_stream.get(), 128 * 1024);
}

void GzipReader::Closer::operator()(gzFile_s *stream) const noexcept
{
    ::gzclose_r(stream);
}

Result<std::size_t> GzipReader::read(std::span<std::uint8_t> to)
{
    constexpr std::size_t kAtOnce = 1u << 24; // gzread counts in int
    std::size_t done = 0;
    while (done < to.size()) {
        errno = 0;
        const int got = ::gzread(m_stream.get(), to.data() + done, static_cast<unsigned>(std::min(to.size() - done, kAtOnce)));
        if (got < 0) {
            const int why = errno;
            int kind = Z_OK;
            const char *text = ::gzerror(m_stream.get(), &kind);
            if (kind == Z_MEM_ERROR)
                throw std::bad_alloc{};
            if (kind == Z_ERRNO)
                return fail(ErrorCode::Unreadable, "The file " + quoted(m_path) + " cannot be read: " + reason(why) + ".");
            return fail(ErrorCode::BadFormat, "The compressed file " + quoted(m_path) + " is damaged (" + text + ").");
        }
        if (got == 0)
            break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

} // namespace engine
