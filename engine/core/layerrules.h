// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/choices.h"
#include "engine/core/parameterspec.h"
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

class Settings;

/// What one layer is quantized with.
struct LayerSettings {
    bool isFloat = false; ///< it stays as it is
    std::int64_t k = 0;
    std::optional<double> lambda; ///< nothing: the global λ
    std::string regularizer;      ///< one of the registry's names
    Initialiser initialiser{};
    std::optional<RampShape> ramp{};                  ///< nothing: the global one, as for the two below
    std::optional<double> rampStart{}, rampShare{};
    bool operator==(const LayerSettings &) const = default;
};

/// One rule of the parameter `layers`: settings for all layers whose name matches a pattern.
struct LayerRule {
    std::string pattern; ///< of a layer's name; * stands for any characters, ? for one
    bool isFloat = false;
    /// Of those that layerParameters lists. Nothing: the layer follows the global value again, whatever a rule before
    /// said; only λ, ramp, ramp-start and ramp-share can.
    std::map<ParameterId, std::optional<ParameterValue>> values{};

    bool matches(std::string_view layer) const; ///< also where `layer` is a range of its channels, as in "features.3[0:16]"
    bool operator==(const LayerRule &) const = default;
};

/// The layer's name if `layer` is a range of its channels, as in "features.3[0:16]", else `layer`.
std::string_view withoutChannels(std::string_view layer) noexcept;

/// What a rule can set, beside float.
std::span<const ParameterId> layerParameters() noexcept;

/// The rules of the parameter `layers` as a value. Of several that fit a layer the last one counts, setting by setting.
class LayerRules {
public:
    LayerRules() = default;
    explicit LayerRules(std::vector<LayerRule> rules) : m_rules{std::move(rules)} {}

    /// Reads `features.*:k=4,lambda=0.3; classifier.5:init=linear`: rules divided by semicolons, each a pattern, a
    /// colon and one or more of layerParameters, or the word float, which leaves the layers as they are. λ and the
    /// parts of a ramp may be `global`. Spaces around the parts do not count. An empty text has no rules.
    /// Errors: BadValue, naming the rule, what is allowed and what was found.
    static Result<LayerRules> parse(std::string_view text);
    std::string text() const; ///< that `parse` reads back

    std::span<const LayerRule> all() const noexcept { return m_rules; }
    /// What they say of a layer, all rules that fit it taken together. The pattern is the layer's name.
    LayerRule of(std::string_view layer) const;
    /// From now on the layer with this very name has a λ of its own, or, with nothing, follows the global one.
    void setLambda(const std::string &layer, std::optional<double> lambda);
    /// Without the rules whose pattern is one of these names.
    LayerRules without(std::span<const std::string> names) const;
    bool operator==(const LayerRules &) const = default;

private:
    std::vector<LayerRule> m_rules;
};

/// Rules with which each layer of `names` has the settings of `wanted` at the same place: those of `settings` but for
/// the ones for one of these layers alone, then a rule for each layer that needs one.
LayerRules layerRulesFor(const Settings &settings, std::span<const std::string> names, std::span<const LayerSettings> wanted);
/// Those of the layers that stay float.
std::vector<std::string> floatLayers(const Settings &settings, std::span<const std::string> layers);

/// Errors: BadValue, if a rule matches none of the layers, or all of them stay float.
Result<void> checkLayerRules(const Settings &settings, std::span<const std::string> layers);

} // namespace engine
