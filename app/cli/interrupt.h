// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace app {

/// Turns Ctrl-C (SIGINT) and SIGTERM into a flag; a second one ends the program at once, as the system would.
/// One at a time. The old handlers come back with the destructor.
class Interrupt {
public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt &) = delete;
    Interrupt &operator=(const Interrupt &) = delete;
    bool raised() const noexcept;
};

} // namespace app
