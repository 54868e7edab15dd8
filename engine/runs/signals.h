// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <csignal>
#include <cstdint>
#include <optional>
#include <vector>

namespace engine {

/// What the system asks of a process that trains, or works beside training.
enum class Asked : std::uint8_t {
    End, ///< SIGINT, SIGTERM: save and end
    Save ///< SIGHUP, SIGUSR1: save and go on. The terminal is lost, or a scheduler will soon want the machine
};

/// Takes signals while it lives: one object at a time. A second signal of those that end, before the first is
/// obeyed, ends the process at once, as the system would. The handlers that were there come back with the
/// destructor.
class Signals {
public:
    Signals();
    ~Signals();
    Signals(const Signals &) = delete;
    Signals &operator=(const Signals &) = delete;

    /// What was asked since the last call; the end, where both were.
    std::optional<Asked> take() noexcept;
    /// Whether an end was asked for, since it lives.
    bool endAsked() const noexcept;
    /// Becomes readable when something is asked, for who waits on descriptors; never read it yourself.
    int descriptor() const noexcept { return m_pipe[0]; }

private:
    int m_pipe[2] = {-1, -1};
    std::vector<struct sigaction> m_before; // one for each signal
};

} // namespace engine
