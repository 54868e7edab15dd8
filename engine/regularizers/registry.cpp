// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/regularizers/registry.h"
#include <algorithm>
#include <array>

namespace engine {

std::span<const RegularizerSpec> regularizers() noexcept
{
    static const std::array all = {registry::kNearestL2, registry::kNearestL1, registry::kSoftMin,
                                   registry::kProduct, registry::kHarmonic, registry::kPeriodic};
    return all;
}

const RegularizerSpec *findRegularizer(std::string_view name) noexcept
{
    const auto all = regularizers();
    const auto found = std::ranges::find(all, name, &RegularizerSpec::name);
    return found == all.end() ? nullptr : &*found;
}

} // namespace engine
