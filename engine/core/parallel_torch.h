// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <ATen/Parallel.h>

// at::parallel_for is a template: in a source compiled without OpenMP it runs on one thread and says nothing.
// The thread sanitizer is spared it, because the OpenMP runtime is not instrumented.
#if !defined(INTRA_OP_PARALLEL) && !defined(__SANITIZE_THREAD__)
#error "This source must be compiled with OpenMP: use condensate_uses_torch() for its target."
#endif
