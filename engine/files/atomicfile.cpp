// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/files/atomicfile.h"
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fmt/format.h>
#include <mutex>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace engine {
namespace {

/// One write call: small enough that a signal or a full disk is noticed soon.
constexpr std::size_t kSliceBytes = std::size_t{8} << 20;

class Descriptor {
public:
    explicit Descriptor(int number) noexcept : m_number{number} {}
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    ~Descriptor()
    {
        if (m_number >= 0)
            ::close(m_number);
    }
    int get() const noexcept { return m_number; }

private:
    int m_number;
};

/// Removes the temporary file unless it was renamed.
class Leftover {
public:
    explicit Leftover(std::filesystem::path path) : m_path{std::move(path)} {}
    Leftover(const Leftover &) = delete;
    Leftover &operator=(const Leftover &) = delete;
    ~Leftover()
    {
        if (!m_path.empty())
            ::unlink(m_path.c_str());
    }
    void keep() noexcept { m_path.clear(); }

private:
    std::filesystem::path m_path;
};

std::unexpected<Error> unwritable(const std::filesystem::path &file, int errorNumber)
{
    return fail(ErrorCode::Unwritable,
                fmt::format("{} cannot be written: {}.", inQuotes(file), std::generic_category().message(errorNumber)));
}

bool writeAll(int descriptor, std::span<const std::byte> bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), std::min(bytes.size(), kSliceBytes));
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return true;
}

/// Whether the open file is (still) the one under this name: another program may have renamed it meanwhile.
bool isStill(int descriptor, const std::filesystem::path &path)
{
    struct stat open {}, named {};
    return ::fstat(descriptor, &open) == 0 && ::lstat(path.c_str(), &named) == 0 && open.st_dev == named.st_dev
           && open.st_ino == named.st_ino;
}

/// Two writers of one file share the name of its temporary file, so one at a time.
std::mutex &writersLock()
{
    static std::mutex lock;
    return lock;
}

/// Gives the file there, if any, a second name, in place of what has it now. Where the file system knows no
/// second names it is renamed. A second copy of a state is a favour: that it cannot be had is no failure.
void keepAs(const std::filesystem::path &file, const std::filesystem::path &previous)
{
    auto link = previous;
    link += ".part";
    ::unlink(link.c_str());
    if (::link(file.c_str(), link.c_str()) == 0)
        std::rename(link.c_str(), previous.c_str());
    else if (errno != ENOENT)
        std::rename(file.c_str(), previous.c_str());
    ::unlink(link.c_str()); // rename leaves it where both names are of one file already
}

/// Makes the rename durable. Some file systems cannot sync a folder: then there is nothing more to do.
void syncFolder(const std::filesystem::path &folder)
{
    const Descriptor descriptor{::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (descriptor.get() >= 0)
        ::fsync(descriptor.get());
}

} // namespace

std::string inQuotes(const std::filesystem::path &path)
{
    std::string text = path.string();
    std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) < ' '; }, '?');
    return '"' + text + '"';
}

Result<void> replaceFile(const std::filesystem::path &file, std::span<const std::byte> bytes, const std::filesystem::path &previous)
{
    struct stat found {};
    if (::stat(file.c_str(), &found) == 0 && !S_ISREG(found.st_mode))
        return fail(ErrorCode::Unwritable, fmt::format("{} cannot be written: {} of that name is there.", inQuotes(file),
                                                       S_ISDIR(found.st_mode) ? "a folder" : "a pipe or device"));
    auto part = file;
    part += ".part";
    const std::scoped_lock oneAtATime{writersLock()};
    Descriptor descriptor{::open(part.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666)};
    if (descriptor.get() < 0)
        return unwritable(file, errno);
    if (::flock(descriptor.get(), LOCK_EX | LOCK_NB) != 0 ? errno == EWOULDBLOCK : !isStill(descriptor.get(), part))
        return fail(ErrorCode::Unwritable, fmt::format("{} cannot be written: another program is writing it.", inQuotes(file)));
    Leftover leftover{part};
    // Renamed while still open: whoever gets the lock after us finds that the name moved on.
    if (::ftruncate(descriptor.get(), 0) != 0 || !writeAll(descriptor.get(), bytes) || ::fsync(descriptor.get()) != 0)
        return unwritable(file, errno);
    if (!previous.empty())
        keepAs(file, previous);
    if (std::rename(part.c_str(), file.c_str()) != 0)
        return unwritable(file, errno);
    ::flock(descriptor.get(), LOCK_UN); // HDF5 tools would refuse a locked file
    leftover.keep();
    syncFolder(file.parent_path());
    return {};
}

} // namespace engine
