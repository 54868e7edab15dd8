// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>

// Why not the compilers' own _Float16: it gives the same for every number (tests hold this), but without -mf16c each
// conversion is a call into their run-time library, some five times slower, and the bits of NaNs change.

namespace engine {

/// Largest finite float16 (IEEE 754 binary16).
inline constexpr float kLargestHalf = 65504.0f;

/// The value of a float16, exactly.
inline float fromHalf(std::uint16_t half) noexcept
{
    const std::uint32_t sign = std::uint32_t{half & 0x8000u} << 16, exponent = half >> 10 & 31u, fraction = half & 0x3ffu;
    if (exponent == 31)
        return std::bit_cast<float>(sign | 0x7f80'0000u | fraction << 13);
    if (exponent > 0)
        return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
    const float magnitude = std::ldexp(static_cast<float>(fraction), -24);
    return sign != 0 ? -magnitude : magnitude;
}

/// The nearest float16, ties to even; infinity beyond kLargestHalf and half a step.
inline std::uint16_t toHalf(float value) noexcept
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000u);
    const std::uint32_t magnitude = bits & 0x7fff'ffffu;
    if (magnitude > 0x7f80'0000u)
        return sign | 0x7e00u;
    if (magnitude >= 0x4780'0000u) // 65536
        return sign | 0x7c00u;
    if (magnitude >= 0x3880'0000u) { // 2^-14, the smallest normal one: rounding may carry into the exponent, as it should
        const std::uint32_t odd = magnitude >> 13 & 1;
        return static_cast<std::uint16_t>(sign | ((magnitude - (112u << 23) + 0xfffu + odd) >> 13));
    }
    // Multiples of 2^-24; adding 2^-1 lines them up with the last bit of a float and rounds as the processor does.
    const float aligned = std::bit_cast<float>(magnitude) + 0.5f;
    return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(aligned) - std::bit_cast<std::uint32_t>(0.5f)));
}

} // namespace engine
