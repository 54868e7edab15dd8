// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/effects.h"
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <initializer_list>

namespace engine {
namespace {

constexpr std::array kOfRegularizers = {ParameterId::Lambda, ParameterId::Regularizer, ParameterId::Ramp, ParameterId::RampStart,
                                        ParameterId::RampShare};

/// What of a rule for one layer can be noticed: nothing of a float layer, of a float network no regularizer,
/// of a ramp without length no shape.
LayerRule noticeable(LayerRule rule, const Settings &settings)
{
    const auto share = rule.values.find(ParameterId::RampShare);
    const bool hasRamp =
        (share == rule.values.end() || !share->second ? settings.real(ParameterId::RampShare) : std::get<double>(*share->second)) > 0;
    if (rule.isFloat)
        rule.values.clear();
    if (settings.choice<ForwardPass>() == ForwardPass::Float) {
        for (const ParameterId id : kOfRegularizers)
            rule.values.erase(id);
    }
    if (!hasRamp) {
        rule.values.erase(ParameterId::Ramp);
        rule.values.erase(ParameterId::RampStart);
    }
    return rule;
}

/// Whether every layer is left with the same by both lists of rules.
template <typename View>
bool areAlike(const LayerRules &a, const LayerRules &b, std::span<const std::string> layers, const View &view)
{
    return std::ranges::all_of(layers, [&](const std::string &layer) {
        const LayerRule x = view(a.of(layer)), y = view(b.of(layer));
        return x.isFloat == y.isFloat && x.values == y.values;
    });
}

/// The rules without the one at `place` if it says nothing: an empty one would still take a float back.
std::vector<LayerRule> withoutEmpty(std::vector<LayerRule> rules, std::size_t place)
{
    if (rules[place].values.empty() && !rules[place].isFloat)
        rules.erase(rules.begin() + static_cast<std::ptrdiff_t>(place));
    return rules;
}

} // namespace

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
    const auto rules = settings.layerRules().all();
    const auto anyLayer = [&](bool (*has)(std::string_view)) {
        return has(settings.text(Regularizer)) || std::ranges::any_of(rules, [&](const LayerRule &rule) {
            const auto own = rule.values.find(Regularizer);
            return own != rule.values.end() && has(std::get<std::string>(*own->second));
        });
    };
    const bool mixes = anyLayer([](std::string_view name) { return name == "soft-min"; });
    const bool softens = mixes || settings.real(Entropy) > 0;
    const bool allGrids = !anyLayer([](std::string_view name) { return name != "periodic"; });
    const bool anyRamp = settings.real(RampShare) > 0 || std::ranges::any_of(rules, [](const LayerRule &rule) {
        const auto own = rule.values.find(RampShare);
        return own != rule.values.end() && own->second && std::get<double>(*own->second) > 0;
    });
    const bool isFloat = settings.choice<ForwardPass>() == ForwardPass::Float;
    idle(isFloat,
         {Lambda, Regularizer, Mixing, Entropy, Repulsion, Ramp, RampStart, RampShare, TemperatureStart, TemperatureEnd, RepresentativeRate,
          Dead},
         "a float network has no regularizer");
    idle(!isFloat && !softens, {TemperatureStart, TemperatureEnd},
         "only soft-min and the entropy term have a temperature");
    idle(!isFloat && !mixes, {Mixing}, "only soft-min has mixing proportions");
    idle(!isFloat && !anyRamp, {Ramp, RampStart}, "the ramp has no length");
    idle(!isFloat && allGrids, {Dead}, "a uniform grid has none to revive or drop");
    idle(settings.choice<CodebookScope>() != CodebookScope::Channels, {ChannelGroups}, "only scope = channels divides layers");
    idle(settings.real(WarmupShare) <= 0, {LearningRate}, "there is no warm-up");
    idle(settings.real(WarmupShare) + settings.real(CommitShare) >= 1, {ClusterRate}, "there is no cluster stage");
    return found;
}

std::vector<std::string> rulesWithoutEffect(const Settings &settings, std::span<const std::string> layers)
{
    const std::vector<LayerRule> rules{settings.layerRules().all().begin(), settings.layerRules().all().end()};
    std::vector<std::string> found;
    const auto report = [&](std::size_t place, std::string_view key, std::vector<LayerRule> others) {
        const LayerRules without{std::move(others)};
        const auto asItIs = [](LayerRule rule) { return rule; };
        if (!areAlike(settings.layerRules(), without, layers, [&](LayerRule rule) { return noticeable(std::move(rule), settings); }))
            return;
        const std::string_view because = areAlike(settings.layerRules(), without, layers, asItIs) ? "later rules say otherwise"
                                         : settings.choice<ForwardPass>() == ForwardPass::Float
                                             ? "a float network has no regularizer"
                                             : "its layers stay float or have a ramp of no length";
        found.push_back(fmt::format("layers, rule \"{}\": {} has no effect: {}.", rules[place].pattern, key, because));
    };
    for (std::size_t place = 0; place < rules.size(); ++place) {
        for (const auto &[id, value] : rules[place].values) {
            auto without = rules;
            without[place].values.erase(id);
            report(place, spec(id).key, withoutEmpty(std::move(without), place));
        }
        if (rules[place].isFloat) {
            auto without = rules;
            without[place].isFloat = false;
            report(place, "float", withoutEmpty(std::move(without), place));
        }
    }
    return found;
}

} // namespace engine
