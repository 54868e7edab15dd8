// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace engine {

inline constexpr std::uint64_t kMaxInflated = std::uint64_t{16} << 20; ///< bytes that a description may have

/// How many bytes there are (a varint), then these in zlib's format (RFC 1950).
std::vector<std::byte> deflated(std::span<const std::byte> bytes);

/// The inverse. What the beginning claims is held against kMaxInflated and deflate's highest ratio before
/// memory is taken.
/// Errors: BadFormat, as "expected …, found …".
Result<std::vector<std::byte>> inflated(std::span<const std::byte> bytes);

/// CRC-32 as zlib and PNG have it, continued from `before`.
std::uint32_t checksum(std::span<const std::byte> bytes, std::uint32_t before = 0) noexcept;

} // namespace engine
