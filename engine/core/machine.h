// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>

namespace engine {

/// Keeps large blocks in the heap instead of asking the system for fresh, zeroed pages each time: page faults on large
/// tensors otherwise cost 7 to 12 % of a training step. Call before the first tensor; later calls do nothing.
void tuneHeap() noexcept;

/// Lets OpenMP's threads sleep while they wait for each other. Left alone they spin, and so take the processor from BLAS's own
/// threads, from the window and from every other program: on two processors that costs up to a third of the speed
/// (tests/benchmarks, "waiting threads"). OpenMP reads the environment when it is loaded, hence the program is executed
/// anew, once, with `arguments` (as main got them); what the user has set in OMP_WAIT_POLICY or GOMP_SPINCOUNT holds.
/// Returns if there is nothing to do or it cannot be done. Call first in main.
void letThreadsSleep(char **arguments) noexcept;

/// The BLAS this process runs on: "OpenBLAS", "MKL", "BLIS", or empty if none of these is loaded (then it is the
/// reference BLAS, some fifty times slower on matrix products).
std::string blasName();

} // namespace engine
