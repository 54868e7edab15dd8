// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/parameters.h"
#include <string_view>
#include <vector>

namespace engine {

struct WithoutEffect {
    ParameterId id;
    std::string_view because; ///< a half sentence
};

/// What was set to something else than its default and changes nothing, with the other values as they are: worth telling
/// whoever set it.
std::vector<WithoutEffect> settingsWithoutEffect(const Settings &settings);

} // namespace engine
