// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QProcess>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

namespace support {

/// A terminal of our own, on which a program writes its standard error.
class Terminal {
public:
    explicit Terminal(int columns) : m_ours{::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)}
    {
        if (m_ours < 0 || ::grantpt(m_ours) != 0 || ::unlockpt(m_ours) != 0)
            return;
        m_theirs = ::open(::ptsname(m_ours), O_RDWR | O_NOCTTY | O_CLOEXEC);
        setColumns(columns);
    }
    ~Terminal() { hangUp(); }
    Terminal(const Terminal &) = delete;
    Terminal &operator=(const Terminal &) = delete;

    bool isThere() const { return m_theirs >= 0; }
    void setColumns(int columns)
    {
        const winsize size{.ws_row = 24, .ws_col = static_cast<unsigned short>(columns), .ws_xpixel = 0, .ws_ypixel = 0};
        ::ioctl(m_ours, TIOCSWINSZ, &size);
    }
    /// Before the process starts.
    void attach(QProcess &process) const
    {
        process.setChildProcessModifier([theirs = m_theirs] { ::dup2(theirs, STDERR_FILENO); });
    }
    /// Likewise; it has the terminal for input and output too, and gets the signals that are typed there.
    void control(QProcess &process) const
    {
        process.setChildProcessModifier([theirs = m_theirs] {
            ::setsid();
            ::ioctl(theirs, TIOCSCTTY, 0);
            for (const int signal : {SIGINT, SIGHUP}) // which whoever started the test may have ignored
                std::signal(signal, SIG_DFL);
            for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
                ::dup2(theirs, descriptor);
        });
    }
    void type(const QByteArray &keys) const { (void)!::write(m_ours, keys.data(), static_cast<std::size_t>(keys.size())); }
    /// As when its window is closed: whom it controls gets SIGHUP.
    void hangUp()
    {
        for (int *descriptor : {&m_theirs, &m_ours})
            ::close(std::exchange(*descriptor, -1));
    }
    /// What was written since the last call; waits for it, but not longer than this.
    QByteArray read(int milliseconds) const
    {
        pollfd ready{.fd = m_ours, .events = POLLIN, .revents = 0};
        if (::poll(&ready, 1, milliseconds) <= 0)
            return {};
        QByteArray bytes(4096, '\0');
        bytes.resize(std::max<ssize_t>(0, ::read(m_ours, bytes.data(), static_cast<std::size_t>(bytes.size()))));
        return bytes;
    }

private:
    int m_ours;
    int m_theirs = -1;
};

} // namespace support
