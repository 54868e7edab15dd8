// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>

/// One binary runs on every x86-64 and uses what each has, without -march=native and without -ffast-math.
/// Sanitizers and other compilers get the oldest generation alone.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CONDENSATE_HAS_GENERATIONS 1
/// Before a function: it is compiled for each generation, and the loader picks one. For plain loops, which
/// the compiler turns into vectors; vectors that the code itself names must be as long as those of the
/// processor (Generation), for the compiler takes longer ones apart number by number.
#define CONDENSATE_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CONDENSATE_HAS_GENERATIONS 0
#define CONDENSATE_CLONES
#endif

namespace engine {

/// What vectors a processor has; a later one has those of the earlier, too.
enum class Generation : std::uint8_t {
    Any,   ///< 4 floats (SSE2, every x86-64; NEON and the like)
    Avx2,  ///< 8 floats, x86-64-v3
    Avx512 ///< 16 floats and masks, x86-64-v4
};

/// The newest that this processor and this build have.
inline Generation newestGeneration() noexcept
{
#if CONDENSATE_HAS_GENERATIONS
    static const Generation newest = __builtin_cpu_supports("x86-64-v4") ? Generation::Avx512
                                     : __builtin_cpu_supports("x86-64-v3") ? Generation::Avx2 : Generation::Any;
    return newest;
#else
    return Generation::Any;
#endif
}

inline constexpr std::size_t kFloatsPerCacheLine = 16;
/// How many floats ahead of its work a walk over the weights asks for memory: a page. The processor's own prefetching
/// stops at the end of a page; with this the walk takes half the time (`benchmark.sh --only kernel`).
inline constexpr std::size_t kPrefetchAhead = 1024;

} // namespace engine
