// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/storage/snapshot.h"
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace engine {

/// The rules every snapshot keeps, whether it comes from a run or from a file: sizes agree, codes and identities are in
/// range, codebooks ascend, steps ascend, names are unique. Errors: BadFormat, naming the place, expected and found.
Result<void> checkSnapshot(const SnapshotData &data);
/// The part of it that one layer alone can break.
Result<void> checkLayer(const SnapshotData &data, std::size_t position);

/// Product of the extents, or nothing if one is negative or the product too large.
std::optional<std::uint64_t> weightCount(std::span<const std::int64_t> shape) noexcept;

inline constexpr std::size_t kMaxLayers = 65535;          ///< LayerId has 16 bits
inline constexpr std::size_t kMaxHistogramBins = 1 << 20;
inline constexpr std::size_t kMaxLogBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMaxDimensions = 8;          ///< of a layer's weights or a state array

} // namespace engine
