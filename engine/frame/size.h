// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstdint>
#include <span>

namespace engine {

/// What a network (or one layer of it) would take, in bytes, counted without writing a file. Both coded figures are
/// theoretical and must be labelled so wherever they are shown: they hold codes, codebooks and the float32 rest
/// (biases, batch-norm), but no headers or code tables.
struct SizeEstimate {
    std::uint64_t weights = 0;  ///< quantized weights counted
    std::uint64_t floatBytes = 0; ///< everything as float32: the numerator of both ratios
    double fixedBytes = 0;        ///< codes at ⌈log2 k⌉ bits
    double entropyBytes = 0;      ///< codes at their order-0 entropy H = −Σ p_j log2 p_j

    double fixedRatio() const noexcept { return fixedBytes > 0 ? static_cast<double>(floatBytes) / fixedBytes : 0; }
    double entropyRatio() const noexcept { return entropyBytes > 0 ? static_cast<double>(floatBytes) / entropyBytes : 0; }
    /// Mean coded bits of a weight at order-0 entropy, codebooks and the float rest included.
    double bitsPerWeight() const noexcept { return weights > 0 ? 8.0 * entropyBytes / static_cast<double>(weights) : 0; }

    SizeEstimate &operator+=(const SizeEstimate &other) noexcept;
    bool operator==(const SizeEstimate &) const = default;
};

/// −Σ p_j log2 p_j over p_j = occupancy_j ÷ Σ occupancy, in bits; 0 for an empty or one-valued layer.
double entropyBits(std::span<const std::uint64_t> occupancy) noexcept;
/// One layer: codes plus a float32 codebook of occupancy.size() values, unless another layer counts it.
SizeEstimate layerSize(std::span<const std::uint64_t> occupancy, bool hasCodebook = true) noexcept;
/// `values` numbers that stay float32.
SizeEstimate floatSize(std::uint64_t values) noexcept;

} // namespace engine
