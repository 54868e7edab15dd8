// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace engine {

/// Calls pass(part, zeros) for all weights, part by part: for passes that add to a gradient where there is
/// none. A gradient of zeros as long as a part is cheaper than a second version of the pass. The pass must
/// add only zeros (λ = 0).
template <typename Pass>
void withoutGradient(std::span<const float> weights, const Pass &pass)
{
    std::vector<float> zeros(std::min<std::size_t>(weights.size(), 4096));
    for (std::size_t from = 0; from < weights.size(); from += zeros.size()) {
        const auto part = weights.subspan(from, std::min(zeros.size(), weights.size() - from));
        pass(part, std::span{zeros}.first(part.size()));
    }
}

} // namespace engine
