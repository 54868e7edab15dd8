// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/interrupt.h"
#include <csignal>

namespace app {
namespace {

volatile std::sig_atomic_t s_raised = 0; // the only thing a signal handler may touch

extern "C" void onSignal(int signal)
{
    s_raised = 1;
    std::signal(signal, SIG_DFL); // the next one ends the program
}

} // namespace

Interrupt::Interrupt()
{
    s_raised = 0;
    std::signal(SIGINT, onSignal);
    std::signal(SIGTERM, onSignal);
}

Interrupt::~Interrupt()
{
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
}

bool Interrupt::raised() const noexcept { return s_raised != 0; }

} // namespace app
