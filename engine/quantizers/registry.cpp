// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quantizers/registry.h"
#include <algorithm>
#include <array>

namespace engine {

std::span<const QuantizerSpec> quantizers() noexcept
{
    static const std::array all = {registry::kUniform, registry::kKMeans, registry::kProbabilistic, registry::kEntropyConstrained};
    return all;
}

const QuantizerSpec *findQuantizer(std::string_view name) noexcept
{
    const auto all = quantizers();
    const auto found = std::ranges::find(all, name, &QuantizerSpec::name);
    return found == all.end() ? nullptr : &*found;
}

} // namespace engine
