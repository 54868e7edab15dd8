// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string_view>

/// What the arrays of a snapshot are called, where more than one part of the program has to know.
/// resources/help/snapshot-format.md explains them.
namespace engine::statenames {

inline constexpr std::string_view kNetwork = "network/";           ///< begins the names of the network's tensors
inline constexpr std::string_view kSnapped = "snapped/"; ///< the same of batch-norm statistics that belong to the snapped network alone
inline constexpr std::string_view kMean = "data/mean";             ///< (channels) float32, see Normalisation
inline constexpr std::string_view kDeviation = "data/deviation";   ///< (channels) float32
inline constexpr std::string_view kImageShape = "data/image_shape";///< (3) int64: channels, height, width
inline constexpr std::string_view kOptimizer = "optimizer/";       ///< begins the names of its buffers
inline constexpr std::string_view kRandom = "random/dropout";      ///< (bytes) uint8: what dropout draws from

/// Whether an array belongs to the network, and not to its training alone.
constexpr bool isOfNetwork(std::string_view name) noexcept { return !name.starts_with(kOptimizer) && name != kRandom; }

} // namespace engine::statenames
