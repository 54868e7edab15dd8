// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/packedfile.h"

/// The three descriptions in a packed file, before they are deflated. Readers give BadFormat, as "expected …, found …".
namespace engine::description {

inline constexpr std::size_t kMaxDimensions = 8;
inline constexpr std::uint64_t kMaxEntries = 65'535;  ///< kernels; tensors; classes; parameters
inline constexpr std::uint64_t kMaxSide = 1 << 20;    ///< channels, height and width of an image, classes

/// Product of the extents, or nothing if one is negative or the product does not fit.
std::optional<std::uint64_t> product(std::span<const std::int64_t> shape) noexcept;

std::vector<std::byte> putNetwork(const PackedModel &model);
std::vector<std::byte> putProvenance(const PackedProvenance &provenance);
/// Lists codebooks, kernels and tensors.
std::vector<std::byte> putIndex(const PackedContents &contents);

Result<void> takeNetwork(std::span<const std::byte> bytes, PackedContents &contents);
Result<void> takeProvenance(std::span<const std::byte> bytes, PackedContents &contents);
/// The digest of the log as plain bytes, in a section of its own. Requires: kLogDigestBytes of them.
inline constexpr std::size_t kLogDigestBytes = 16;
std::vector<std::byte> putLogDigest(const PackedProvenance &provenance);
void takeLogDigest(std::span<const std::byte> bytes, PackedContents &contents);
/// Each entry is in range by itself; see checkEntries.
Result<void> takeIndex(std::span<const std::byte> bytes, PackedContents &contents);

/// The rules of packedmodel.h that the contents alone can break: names, shapes, ranges, sums of weights.
Result<void> checkContents(const PackedContents &contents, std::uint64_t maxWeights);

} // namespace engine::description
