// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <cstdint>

namespace engine {

/// Position of a quantized layer in forward order; the first is 0.
enum class LayerId : std::uint16_t {};

/// Number of optimizer steps done since the run began; 0 before the first.
enum class Step : std::uint64_t {};

/// Index of a representative within its layer's codebook (method.md: a(i)).
using CodeIndex = std::uint8_t;

/// As many representatives as a codebook can have: those that a CodeIndex can name.
inline constexpr int kMaxRepresentatives = 256;

/// Names one posted command, so that its reply can be told from others. 0 is never given out.
enum class CommandId : std::uint64_t {};

constexpr std::size_t index(LayerId id) noexcept { return static_cast<std::size_t>(id); }
constexpr std::uint64_t count(Step step) noexcept { return static_cast<std::uint64_t>(step); }
constexpr Step next(Step step) noexcept { return Step{count(step) + 1}; }

} // namespace engine
