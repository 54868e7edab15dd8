// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/signals.h"
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace engine {
namespace {

// A signal handler may touch nothing else; lock-free atomics are what the standard lets it have.
std::atomic<bool> s_end{false}, s_ended{false}, s_save{false};
std::atomic<int> s_pipe{-1};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

void wake() noexcept
{
    const char byte = 0;
    [[maybe_unused]] const auto written = ::write(s_pipe, &byte, 1); // a full pipe is readable already
}

extern "C" void onEnding(int signal)
{
    const int error = errno;
    s_end = s_ended = true;
    std::signal(signal, SIG_DFL); // the next one ends the process
    wake();
    errno = error;
}

extern "C" void onSaving(int)
{
    const int error = errno;
    s_save = true;
    wake();
    errno = error;
}

struct Handled {
    int signal;
    void (*handler)(int);
};
constexpr std::array kHandled = {Handled{SIGINT, onEnding}, Handled{SIGTERM, onEnding}, Handled{SIGHUP, onSaving},
                                 Handled{SIGUSR1, onSaving}};

} // namespace

Signals::Signals()
{
    if (::pipe2(m_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
        m_pipe[0] = m_pipe[1] = -1;
    s_pipe = m_pipe[1];
    s_end = s_ended = s_save = false;
    m_before.resize(kHandled.size());
    for (std::size_t i = 0; i < kHandled.size(); ++i) {
        struct sigaction action {};
        action.sa_handler = kHandled[i].handler;
        action.sa_flags = SA_RESTART;
        sigemptyset(&action.sa_mask);
        ::sigaction(kHandled[i].signal, &action, &m_before[i]);
    }
}

Signals::~Signals()
{
    for (std::size_t i = 0; i < kHandled.size(); ++i)
        ::sigaction(kHandled[i].signal, &m_before[i], nullptr);
    s_pipe = -1;
    for (const int end : m_pipe) {
        if (end >= 0)
            ::close(end);
    }
}

std::optional<Asked> Signals::take() noexcept
{
    std::array<char, 64> bytes{};
    while (m_pipe[0] >= 0 && ::read(m_pipe[0], bytes.data(), bytes.size()) > 0) {
    }
    const bool save = s_save.exchange(false);
    if (s_end.exchange(false))
        return Asked::End;
    return save ? std::optional{Asked::Save} : std::nullopt;
}

bool Signals::endAsked() const noexcept { return s_ended; }

} // namespace engine
