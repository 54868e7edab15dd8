// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>

/// Before a function: it is compiled for three generations of x86-64, and the loader picks what the processor has. One
/// binary runs everywhere, without -march=native and without -ffast-math. The sanitizers cannot work with it.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CONDENSATE_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CONDENSATE_CLONES
#endif

namespace engine {

inline constexpr std::size_t kFloatsPerCacheLine = 16;
/// How many floats ahead of its work a walk over the weights asks for memory: a page. The processor's own prefetching
/// stops at the end of a page; with this the walk takes half the time (`benchmark.sh --only kernel`).
inline constexpr std::size_t kPrefetchAhead = 1024;

} // namespace engine
