// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string>

namespace engine {

/// Keeps large blocks in the heap instead of asking the system for fresh, zeroed pages each time: page faults on large
/// tensors otherwise cost 7 to 12 % of a training step. Call before the first tensor; later calls do nothing.
void tuneHeap() noexcept;

/// The BLAS this process runs on: "OpenBLAS", "MKL", "BLIS", or empty if none of these is loaded (then it is the
/// reference BLAS, some fifty times slower on matrix products).
std::string blasName();

} // namespace engine
