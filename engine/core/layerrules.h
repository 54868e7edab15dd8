// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/parameters.h"
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

/// What one layer is quantized with.
struct LayerSettings {
    bool isFloat = false; ///< it stays as it is
    std::int64_t k = 0;
    std::optional<double> lambda; ///< nothing: the global λ
    std::string regularizer, initialiser;
    std::optional<std::string> ramp{};                ///< nothing: the global one, as for the two below
    std::optional<double> rampStart{}, rampShare{};
    bool operator==(const LayerSettings &) const = default;
};

/// One rule of the parameter `layers`: settings for all layers whose name matches a pattern.
struct LayerRule {
    std::string pattern; ///< of a layer's name; * stands for any characters, ? for one
    bool isFloat = false;
    std::map<ParameterId, ParameterValue> values{}; ///< of those that layerParameters lists

    bool matches(std::string_view layer) const; ///< also where `layer` is a range of its channels, as in "features.3[0:16]"
};

/// The layer's name if `layer` is a range of its channels, as in "features.3[0:16]", else `layer`.
std::string_view withoutChannels(std::string_view layer) noexcept;

/// What a rule can set, beside float.
std::span<const ParameterId> layerParameters() noexcept;

/// Reads `features.*:k=4,lambda=0.3; classifier.5:init=linear`: rules divided by semicolons, each a pattern,
/// a colon and one or more of layerParameters, or the word float, which leaves the layers as they are. Spaces
/// around the parts do not count. An empty text has no rules.
/// Errors: BadValue, naming the rule, what is allowed and what was found.
Result<std::vector<LayerRule>> parseLayerRules(std::string_view text);

/// What the rules say of a layer, the last one that matches winning. The pattern is the layer's name.
LayerRule ruleFor(std::span<const LayerRule> rules, std::string_view layer);
/// The settings of a layer: the global ones, then those of each rule that matches, the last one winning.
/// Requires: settings whose `layers` can be read, as Settings::checkTogether makes sure.
LayerSettings settingsOf(const Settings &settings, std::string_view layer);
/// The text of `layers` with which each layer of `names` has the settings of `wanted` at the same place: the
/// rules of `settings` but those for one of these layers alone, then a rule for each layer that needs one. A
/// layer with the strength or ramp of a pattern that is wanted without one gets the global one as its own.
std::string layerRulesFor(const Settings &settings, std::span<const std::string> names, std::span<const LayerSettings> wanted);
/// Those of the layers that stay float.
std::vector<std::string> floatLayers(const Settings &settings, std::span<const std::string> layers);

/// Errors: BadValue, if a rule matches none of the layers, or all of them stay float.
Result<void> checkLayerRules(const Settings &settings, std::span<const std::string> layers);

} // namespace engine
