// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/console.h"
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/ioctl.h>
#include <unistd.h>

namespace app {
namespace {

constexpr std::size_t kUsualColumns = 80;
constexpr std::string_view kRewind = "\r\x1b[K"; // to the left, and clear

/// Held the wrong way round, so that reading or writing fails as it would have.
void holdClosedDescriptors() noexcept
{
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(descriptor, F_GETFD) == -1 && errno == EBADF)
            (void)::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY); // takes the lowest that is free: this one
    }
}

/// 0, or why not all of it was written.
int writeAll(int descriptor, std::string_view text) noexcept
{
    while (!text.empty()) {
        const auto written = ::write(descriptor, text.data(), text.size());
        if (written >= 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) { // a pipe that somebody made non-blocking, and that is full
            pollfd ready{.fd = descriptor, .events = POLLOUT, .revents = 0};
            (void)::poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

bool canOverwrite() noexcept
{
    const char *terminal = std::getenv("TERM");
    return ::isatty(STDERR_FILENO) != 0 && terminal && *terminal && std::string_view{terminal} != "dumb";
}

/// Of the terminal at standard error, as it is now.
std::size_t columns() noexcept
{
    winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    const std::string_view told = std::getenv("COLUMNS") ? std::getenv("COLUMNS") : "";
    std::size_t number = 0;
    std::from_chars(told.data(), told.data() + told.size(), number); // leaves 0 where it is none
    return number > 0 ? number : kUsualColumns;
}

} // namespace

void restoreSignals() noexcept
{
    std::signal(SIGPIPE, SIG_DFL);
    std::signal(SIGXFSZ, SIG_DFL);
}

Console::Console() : m_showsRows{canOverwrite()}
{
    holdClosedDescriptors();
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
}

Console::~Console()
{
    endRow();
}

void Console::out(std::string_view text)
{
    if (m_rowIsOpen && ::isatty(STDOUT_FILENO) != 0)
        clearRow();
    if (m_outError == 0)
        m_outError = writeAll(STDOUT_FILENO, text);
}

void Console::err(std::string_view text)
{
    (void)writeAll(STDERR_FILENO, text); // there is nowhere to tell it
}

void Console::note(std::string_view line)
{
    endRow();
    err(std::string{line} + '\n'); // at once, so that no other process writes between
}

int Console::complain(std::string_view sentence, int code)
{
    note(std::string{"condensate: "}.append(sentence));
    return code;
}

int Console::complain(const engine::Error &error)
{
    const bool wasGood = error.code == engine::ErrorCode::Internal || error.code == engine::ErrorCode::Unwritable;
    return complain(error.text, wasGood ? kExitFailed : kExitRefused);
}

void Console::row(std::span<const RowPart> parts)
{
    if (!m_showsRows)
        return;
    err(std::string{kRewind} + fittedRow(parts, std::max<std::size_t>(columns(), 2) - 1)); // in the last column some terminals begin a line
    m_rowIsOpen = true;
}

void Console::clearRow()
{
    if (m_rowIsOpen)
        err(kRewind);
    m_rowIsOpen = false;
}

void Console::endRow()
{
    if (m_rowIsOpen)
        err("\n");
    m_rowIsOpen = false;
}

int Console::finish(int code)
{
    endRow();
    if (code != kExitDone || isHeard())
        return code;
    return complain(std::string{"Standard output: expected to write all that was to be printed, found: "}.append(std::strerror(m_outError))
                        .append("."),
                    kExitFailed);
}

} // namespace app
