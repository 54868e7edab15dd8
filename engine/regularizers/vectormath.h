// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cmath>

/// The C library's functions for whole vectors (libmvec). Its own headers declare them under -ffast-math
/// alone, which is no switch for us; with these declarations the compiler calls them in loops marked `omp
/// simd`. Errors: up to 4 units in the last place. Elsewhere the loops call the scalar functions.
#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GNUC__) && !defined(__clang__)
#define CONDENSATE_VECTOR_FUNCTION __attribute__((simd("notinbranch")))
extern "C" {
CONDENSATE_VECTOR_FUNCTION float expf(float) noexcept;
CONDENSATE_VECTOR_FUNCTION float logf(float) noexcept;
CONDENSATE_VECTOR_FUNCTION float sinf(float) noexcept;
CONDENSATE_VECTOR_FUNCTION float cosf(float) noexcept;
}
#undef CONDENSATE_VECTOR_FUNCTION
#endif
