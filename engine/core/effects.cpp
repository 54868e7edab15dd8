// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/effects.h"
#include "engine/core/layerrules.h"
#include <algorithm>
#include <initializer_list>

namespace engine {

std::vector<WithoutEffect> settingsWithoutEffect(const Settings &settings)
{
    using enum ParameterId;
    const Settings defaults;
    std::vector<WithoutEffect> found;
    const auto idle = [&](bool applies, std::initializer_list<ParameterId> ids, std::string_view because) {
        for (const ParameterId id : ids) {
            if (applies && settings.value(id) != defaults.value(id))
                found.push_back({id, because});
        }
    };
    const auto anyLayer = [&, rules = parseLayerRules(settings.text(Layers)).value_or(std::vector<LayerRule>{})](bool (*has)(std::string_view)) {
        return has(settings.text(Regularizer)) || std::ranges::any_of(rules, [&](const LayerRule &rule) { return rule.regularizer && has(*rule.regularizer); });
    };
    const bool softens = anyLayer([](std::string_view name) { return name == "soft-min"; }) || settings.real(Entropy) > 0;
    const bool allGrids = !anyLayer([](std::string_view name) { return name != "periodic"; });
    const bool isFloat = settings.text(Forward) == "float";
    idle(isFloat, {Lambda, Regularizer, Entropy, Repulsion, Ramp, RampStart, RampShare, TemperatureStart, TemperatureEnd, RepresentativeRate, Dead},
         "a float network has no regularizer");
    idle(!isFloat && !softens, {TemperatureStart, TemperatureEnd},
         "only soft-min and the entropy term have a temperature");
    idle(!isFloat && settings.real(RampShare) <= 0, {Ramp, RampStart}, "the ramp has no length");
    idle(!isFloat && allGrids, {Dead}, "a uniform grid has none to revive");
    idle(settings.real(WarmupShare) <= 0, {LearningRate}, "there is no warm-up");
    idle(settings.real(WarmupShare) + settings.real(CommitShare) >= 1, {ClusterRate}, "there is no cluster stage");
    return found;
}

} // namespace engine
