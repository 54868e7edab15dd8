// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/files/folderlock.h"
#include "engine/files/atomicfile.h"
#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <fmt/format.h>
#include <fstream>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace engine {
namespace {

constexpr std::chrono::seconds kTouched{60};
constexpr std::chrono::seconds kForgotten{600}; // ten touches missed: its host is gone

/// Who holds a lock, as the file says.
struct Holder {
    std::string host;
    long process = 0;
    std::string begun; ///< when the process began, in the system's own words: numbers of processes come again
    bool operator==(const Holder &) const = default;
};

std::string hostName()
{
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string{name.data()} : std::string{"?"};
}

/// Field 22 of /proc/PID/stat, behind a name that may hold anything in brackets. Empty: there is no such process, or it
/// has ended and nobody has asked for its exit code yet.
std::string begunAt(long process)
{
    std::ifstream facts{fmt::format("/proc/{}/stat", process)};
    std::string line;
    std::getline(facts, line);
    std::istringstream fields{line.substr(std::min(line.rfind(')') + 1, line.size()))};
    std::string field;
    constexpr int kStartTime = 20; // counted behind the name
    for (int i = 0; i < kStartTime && fields >> field; ++i) {
        if (i == 0 && (field == "Z" || field == "X"))
            return {};
    }
    return fields ? field : std::string{};
}

Holder self()
{
    const long process = ::getpid();
    return {hostName(), process, begunAt(process)};
}

Holder holderIn(int descriptor)
{
    std::array<char, 512> text{};
    const auto length = ::pread(descriptor, text.data(), text.size() - 1, 0);
    std::istringstream words{std::string{text.data(), length > 0 ? static_cast<std::size_t>(length) : 0}};
    Holder holder;
    words >> holder.host >> holder.process >> holder.begun;
    return holder;
}

bool isAlive(const Holder &holder, int descriptor)
{
    if (holder.host.empty())
        return false;
    if (holder.host == hostName())
        return (::kill(static_cast<pid_t>(holder.process), 0) == 0 || errno == EPERM) && begunAt(holder.process) == holder.begun;
    struct stat found {};
    if (::fstat(descriptor, &found) != 0)
        return true;
    const auto touched = std::chrono::system_clock::from_time_t(found.st_mtime);
    return std::chrono::system_clock::now() - touched < kForgotten;
}

/// Whether the open file is (still) the one under this name.
bool isStill(int descriptor, const std::filesystem::path &file)
{
    struct stat open {}, named {};
    return ::fstat(descriptor, &open) == 0 && ::lstat(file.c_str(), &named) == 0 && open.st_dev == named.st_dev &&
           open.st_ino == named.st_ino;
}

} // namespace

struct FolderLock::Impl {
    Impl(std::filesystem::path name, int open) : file{std::move(name)}, descriptor{open} {}
    ~Impl()
    {
        touching.request_stop();
        if (touching.joinable())
            touching.join();
        if (isStill(descriptor, file))
            ::unlink(file.c_str());
        ::close(descriptor); // and with it the lock
    }
    Impl(const Impl &) = delete;
    Impl &operator=(const Impl &) = delete;

    void touch(const std::stop_token &stop)
    {
        std::mutex mutex;
        std::condition_variable_any waiting;
        std::unique_lock lock{mutex};
        while (!waiting.wait_for(lock, stop, kTouched, [] { return false; }) && !stop.stop_requested())
            ::futimens(descriptor, nullptr);
    }

    const std::filesystem::path file;
    const int descriptor;
    std::jthread touching{[this](const std::stop_token &stop) { touch(stop); }}; // last: begins when all else is there
};

FolderLock::FolderLock(std::unique_ptr<Impl> impl) : m_impl{std::move(impl)} {}
FolderLock::FolderLock(FolderLock &&other) noexcept = default;
FolderLock &FolderLock::operator=(FolderLock &&other) noexcept = default;
FolderLock::~FolderLock() = default;

Result<FolderLock> FolderLock::take(const std::filesystem::path &file)
{
    const auto inUse = [&](const Holder &by) {
        return fail(ErrorCode::InUse,
                    fmt::format("{} is in use: process {} on {} writes there.", inQuotes(file.parent_path()), by.process, by.host));
    };
    constexpr int kTries = 10; // another process may take away a file that this one has just opened
    for (int tries = 0; tries < kTries; ++tries) {
        const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (descriptor < 0)
            return fail(ErrorCode::Unwritable,
                        fmt::format("{} cannot be written: {}.", inQuotes(file), std::generic_category().message(errno)));
        const bool isTaken = ::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
        const Holder holder = holderIn(descriptor), mine = self();
        if (isTaken || (isStill(descriptor, file) && holder != mine && isAlive(holder, descriptor))) {
            ::close(descriptor);
            return inUse(holder);
        }
        if (!isStill(descriptor, file)) {
            ::close(descriptor);
            continue;
        }
        const std::string text = fmt::format("{} {} {}\n", mine.host, mine.process, mine.begun);
        if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
            const int why = errno;
            ::unlink(file.c_str());
            ::close(descriptor);
            return fail(ErrorCode::Unwritable,
                        fmt::format("{} cannot be written: {}.", inQuotes(file), std::generic_category().message(why)));
        }
        return FolderLock{std::make_unique<Impl>(file, descriptor)};
    }
    return inUse({});
}

bool FolderLock::isLeftBehind(const std::filesystem::path &file)
{
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    const bool isFree = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
    const bool left = isFree && !isAlive(holderIn(descriptor), descriptor);
    ::close(descriptor);
    return left;
}

} // namespace engine
