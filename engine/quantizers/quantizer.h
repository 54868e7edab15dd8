// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/ids.h"
#include "engine/core/result.h"
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace engine {

/// What a post-training quantizer makes of weights w (n) that share a codebook: w_i becomes r_c(i).
struct QuantizedWeights {
    std::vector<float> representatives;   ///< r (at most k), ascending, finite, no two equal
    std::vector<CodeIndex> codes;         ///< c (n)
    std::vector<std::uint64_t>
        occupancy; ///< (as representatives) n_j; none is 0, but that of the 0 of a pruning which found nothing to prune
    std::vector<double> objectives;       ///< of a quantizer that goes round by round, what it lowers, before and after each
};

struct QuantizerOptions {
    int k = 4;                  ///< most representatives, 1…256; 2…256 with pruning
    double prune = 0;           ///< per cent of the weights that become 0, those of least magnitude; 0…100
    std::optional<double> mu{}; ///< μ of entropy-constrained in units of the weights' variance, at least 0; nothing: 4/k²
    std::uint64_t seed = 1;     ///< of probabilistic
};

/// One line of the registry: a quantizer of trained weights (method.md, "Post-training quantizers").
/// Source: G. Marinò, A. Petrini, D. Malchiodi, M. Frasca, Deep neural networks compression: a comparative
/// survey and choice recommendations, Neurocomputing 520, 2023.
struct QuantizerSpec {
    std::string_view name; ///< as `condensate quantize --method` spells it
    std::string_view formula;
    std::string_view help; ///< one sentence
    bool keepsZero = false; ///< a weight that is 0 stays 0
    /// Requires: finite weights, at least one, and 1 <= k <= 256; looks at neither pruning nor what concerns
    /// other quantizers.
    QuantizedWeights (*quantize)(std::span<const float> weights, const QuantizerOptions &options) = nullptr;
};

/// All of them. To add one: a file beside this, and its line in registry.h and registry.cpp.
std::span<const QuantizerSpec> quantizers() noexcept;
/// The one of this name, or nullptr.
const QuantizerSpec *findQuantizer(std::string_view name) noexcept;

/// Prunes, then quantizes. Pruned weights become exactly 0, which is one of the k representatives; the other
/// weights share the rest. Pruned are the ⌊prune · n / 100⌋ weights of least magnitude (fewer where the next
/// larger ones are equal to some of them) and those that are 0 already. The same arguments give the same
/// result, whatever the number of threads. Memory: some 25 bytes a weight.
/// Errors: BadValue for options out of their ranges or no weights; NotFinite, naming the first weight that is
/// no finite number.
Result<QuantizedWeights> quantize(const QuantizerSpec &method, std::span<const float> weights, const QuantizerOptions &options);

} // namespace engine
