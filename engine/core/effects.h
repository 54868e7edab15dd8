// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/parameters.h"
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

struct WithoutEffect {
    ParameterId id;
    std::string_view because; ///< a half sentence
};

/// What was set to something else than its default and changes nothing, with the other values as they are:
/// worth telling whoever set it.
std::vector<WithoutEffect> settingsWithoutEffect(const Settings &settings);

/// The same of the rules for single layers, given the names of all: a sentence for each setting of a rule
/// without which every layer would be trained as it is. One that repeats the network's setting counts: it
/// holds when that one changes.
std::vector<std::string> rulesWithoutEffect(const Settings &settings, std::span<const std::string> layers);

} // namespace engine
