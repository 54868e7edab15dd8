// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/readable.h"
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace engine {

Result<void> checkReadable(const std::filesystem::path &file, std::string_view subject, std::string_view expected)
{
    const auto found = [&](ErrorCode code, std::string_view what) {
        return fail(code, fmt::format("{}: expected {}, found {}.", subject, expected, what));
    };
    struct stat info {};
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a pipe would hold us until somebody writes
    const int error = descriptor < 0 || ::fstat(descriptor, &info) != 0 ? errno : 0;
    if (descriptor >= 0)
        ::close(descriptor);
    if (error == ENOENT || error == ENOTDIR)
        return found(ErrorCode::NotFound, "none");
    if (error != 0)
        return found(ErrorCode::Unreadable, "that it cannot be opened: " + std::generic_category().message(error));
    if (!S_ISREG(info.st_mode))
        return found(ErrorCode::Unreadable, S_ISDIR(info.st_mode) ? "a folder" : "a pipe or device");
    if (info.st_size == 0)
        return found(ErrorCode::BadFormat, "an empty file");
    return {};
}

} // namespace engine
