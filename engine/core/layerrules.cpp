// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/layerrules.h"
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>
#include <iterator>

namespace engine {
namespace {

constexpr std::array kOfLayers = {ParameterId::CodebookSize, ParameterId::Lambda, ParameterId::Regularizer, ParameterId::Initialiser,
                                  ParameterId::Ramp, ParameterId::RampStart, ParameterId::RampShare};

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view kSpaces = " \t\n";
    const auto begin = text.find_first_not_of(kSpaces);
    return begin == text.npos ? std::string_view{} : text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

std::vector<std::string_view> parts(std::string_view text, char divider)
{
    std::vector<std::string_view> found;
    for (std::size_t from = 0; from <= text.size();) {
        const auto to = std::min(text.find(divider, from), text.size());
        if (const auto part = trimmed(text.substr(from, to - from)); !part.empty())
            found.push_back(part);
        from = to + 1;
    }
    return found;
}

Error badRule(std::string_view rule, std::string_view expected, std::string_view found)
{
    return {ErrorCode::BadValue, fmt::format("layers, rule \"{}\": expected {}, found \"{}\".", rule, expected, found)};
}

Result<void> assign(LayerRule &rule, std::string_view text, std::string_view assignment)
{
    if (assignment == "float") {
        rule.isFloat = true;
        return {};
    }
    const auto equals = std::min(assignment.find('='), assignment.size());
    const auto *row = findParameter(trimmed(assignment.substr(0, equals)));
    if (!row || std::ranges::find(kOfLayers, row->id) == kOfLayers.end() || equals == assignment.size()) {
        std::string keys;
        for (const ParameterId id : kOfLayers)
            keys += fmt::format("{}{}=", keys.empty() ? "" : ", ", spec(id).key);
        return std::unexpected(badRule(text, keys + " or float", assignment));
    }
    auto value = parseValue(*row, trimmed(assignment.substr(equals + 1)));
    if (!value)
        return std::unexpected(Error{ErrorCode::BadValue, fmt::format("layers, rule \"{}\": {}", text, value.error().text)});
    rule.values[row->id] = *std::move(value);
    return {};
}

/// The value of an optional setting, if the rules give one.
template <typename Value>
std::optional<Value> valueIn(const LayerRule &rule, ParameterId id)
{
    const auto found = rule.values.find(id);
    return found == rule.values.end() ? std::nullopt : std::optional{std::get<Value>(found->second)};
}

/// What stands behind the colon for a layer that has `has` and is to have `wanted`; empty where they are the same.
std::string difference(const LayerSettings &has, const LayerSettings &wanted, const Settings &global)
{
    if (wanted.isFloat)
        return has.isFloat ? std::string{} : "float";
    std::vector<std::string> parts;
    const auto write = [&](ParameterId id, const ParameterValue &value) {
        parts.push_back(fmt::format("{}={}", spec(id).key, toText(value)));
    };
    const auto writeOwn = [&](ParameterId id, const auto &had, const auto &own) {
        if (had != own)
            write(id, own ? ParameterValue{*own} : global.value(id));
    };
    if (has.k != wanted.k || has.isFloat) // any setting takes a float back
        write(ParameterId::CodebookSize, wanted.k);
    writeOwn(ParameterId::Lambda, has.lambda, wanted.lambda);
    if (has.regularizer != wanted.regularizer)
        write(ParameterId::Regularizer, wanted.regularizer);
    if (has.initialiser != wanted.initialiser)
        write(ParameterId::Initialiser, wanted.initialiser);
    writeOwn(ParameterId::Ramp, has.ramp, wanted.ramp);
    writeOwn(ParameterId::RampStart, has.rampStart, wanted.rampStart);
    writeOwn(ParameterId::RampShare, has.rampShare, wanted.rampShare);
    return fmt::format("{}", fmt::join(parts, ","));
}

} // namespace

std::string_view withoutChannels(std::string_view layer) noexcept
{
    return layer.ends_with(']') ? layer.substr(0, layer.rfind('[')) : layer;
}

std::span<const ParameterId> layerParameters() noexcept { return kOfLayers; }

bool LayerRule::matches(std::string_view layer) const
{
    const auto fits = [this](std::string_view name) { return fnmatch(pattern.c_str(), std::string{name}.c_str(), 0) == 0; };
    return fits(layer) || fits(withoutChannels(layer));
}

Result<std::vector<LayerRule>> parseLayerRules(std::string_view text)
{
    std::vector<LayerRule> rules;
    for (const auto part : parts(text, ';')) {
        const auto colon = std::min(part.find(':'), part.size());
        LayerRule rule{.pattern = std::string{trimmed(part.substr(0, colon))}};
        const auto assignments = colon < part.size() ? parts(part.substr(colon + 1), ',') : std::vector<std::string_view>{};
        if (rule.pattern.empty() || assignments.empty())
            return std::unexpected(badRule(part, "a name pattern, a colon and settings, as in features.*:k=16,lambda=0.3", part));
        for (const auto assignment : assignments) {
            if (auto good = assign(rule, part, assignment); !good)
                return std::unexpected(good.error());
        }
        rules.push_back(std::move(rule));
    }
    return rules;
}

LayerRule ruleFor(std::span<const LayerRule> rules, std::string_view layer)
{
    LayerRule all{.pattern = std::string{layer}};
    for (const auto &rule : rules) {
        if (!rule.matches(layer))
            continue;
        all.isFloat = rule.isFloat; // a later rule that says how to quantize it takes that back
        for (const auto &[id, value] : rule.values)
            all.values[id] = value;
    }
    return all;
}

LayerSettings settingsOf(const Settings &settings, std::string_view layer)
{
    using enum ParameterId;
    const auto own = ruleFor(parseLayerRules(settings.text(Layers)).value_or(std::vector<LayerRule>{}), layer);
    return {.isFloat = own.isFloat,
            .k = valueIn<std::int64_t>(own, CodebookSize).value_or(settings.whole(CodebookSize)),
            .lambda = valueIn<double>(own, Lambda),
            .regularizer = valueIn<std::string>(own, Regularizer).value_or(settings.text(Regularizer)),
            .initialiser = valueIn<std::string>(own, Initialiser).value_or(settings.text(Initialiser)),
            .ramp = valueIn<std::string>(own, Ramp),
            .rampStart = valueIn<double>(own, RampStart),
            .rampShare = valueIn<double>(own, RampShare)};
}

std::string layerRulesFor(const Settings &settings, std::span<const std::string> names, std::span<const LayerSettings> wanted)
{
    std::vector<std::string> rules;
    for (const auto part : parts(settings.text(ParameterId::Layers), ';')) {
        const auto pattern = trimmed(part.substr(0, std::min(part.find(':'), part.size())));
        if (std::ranges::find(names, pattern) == names.end())
            rules.emplace_back(part);
    }
    Settings patterns = settings;
    (void)patterns.set(ParameterId::Layers, fmt::format("{}", fmt::join(rules, "; "))); // of rules that were checked
    for (std::size_t layer = 0; layer < names.size(); ++layer) {
        const auto own = difference(settingsOf(patterns, names[layer]), wanted[layer], settings);
        if (!own.empty())
            rules.push_back(names[layer] + ":" + own);
    }
    return fmt::format("{}", fmt::join(rules, "; "));
}

std::vector<std::string> floatLayers(const Settings &settings, std::span<const std::string> layers)
{
    std::vector<std::string> found;
    std::ranges::copy_if(layers, std::back_inserter(found), [&](const std::string &layer) { return settingsOf(settings, layer).isFloat; });
    return found;
}

Result<void> checkLayerRules(const Settings &settings, std::span<const std::string> layers)
{
    const auto rules = parseLayerRules(settings.text(ParameterId::Layers));
    if (!rules)
        return std::unexpected(rules.error());
    for (const auto &rule : *rules) {
        if (std::ranges::none_of(layers, [&](const std::string &layer) { return rule.matches(layer); }))
            return fail(ErrorCode::BadValue,
                        fmt::format("layers: expected a pattern of one of {}, found \"{}\".", fmt::join(layers, ", "), rule.pattern));
    }
    if (!layers.empty() && floatLayers(settings, layers).size() == layers.size())
        return fail(ErrorCode::BadValue,
                    "layers: expected at least one layer that is quantized, found none; for a float network use forward = float.");
    return {};
}

} // namespace engine
