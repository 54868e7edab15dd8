// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/layerrules.h"
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>
#include <iterator>

namespace engine {
namespace {

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
    const auto key = trimmed(assignment.substr(0, equals));
    const auto *row = findParameter(key);
    const bool known = row && (row->id == ParameterId::CodebookSize || row->id == ParameterId::Lambda ||
                               row->id == ParameterId::Regularizer || row->id == ParameterId::Initialiser);
    if (!known || equals == assignment.size())
        return std::unexpected(badRule(text, "k=, lambda=, regularizer=, init= or float", assignment));
    auto value = parseValue(*row, trimmed(assignment.substr(equals + 1)));
    if (!value)
        return std::unexpected(Error{ErrorCode::BadValue, fmt::format("layers, rule \"{}\": {}", text, value.error().text)});
    switch (row->id) {
    case ParameterId::CodebookSize: rule.k = std::get<std::int64_t>(*value); break;
    case ParameterId::Lambda: rule.lambda = std::get<double>(*value); break;
    case ParameterId::Regularizer: rule.regularizer = std::get<std::string>(*value); break;
    default: rule.initialiser = std::get<std::string>(*value);
    }
    return {};
}

/// What stands behind the colon for a layer that has `has` and is to have `wanted`; empty where they are the same.
std::string difference(const LayerSettings &has, const LayerSettings &wanted, double globalLambda)
{
    if (wanted.isFloat)
        return has.isFloat ? std::string{} : "float";
    std::vector<std::string> parts;
    if (has.k != wanted.k || has.isFloat) // any setting takes a float back
        parts.push_back(fmt::format("k={}", wanted.k));
    if (has.lambda != wanted.lambda)
        parts.push_back("lambda=" + toText(wanted.lambda.value_or(globalLambda)));
    if (has.regularizer != wanted.regularizer)
        parts.push_back("regularizer=" + wanted.regularizer);
    if (has.initialiser != wanted.initialiser)
        parts.push_back("init=" + wanted.initialiser);
    return fmt::format("{}", fmt::join(parts, ","));
}

} // namespace

bool LayerRule::matches(std::string_view layer) const
{
    return fnmatch(pattern.c_str(), std::string{layer}.c_str(), 0) == 0;
}

Result<std::vector<LayerRule>> parseLayerRules(std::string_view text)
{
    std::vector<LayerRule> rules;
    for (const auto part : parts(text, ';')) {
        const auto colon = std::min(part.find(':'), part.size());
        LayerRule rule{.pattern = std::string{trimmed(part.substr(0, colon))}, .isFloat = false, .k = {}, .lambda = {}, .regularizer = {}, .initialiser = {}};
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

LayerSettings settingsOf(const Settings &settings, std::string_view layer)
{
    LayerSettings found{.isFloat = false, .k = settings.whole(ParameterId::CodebookSize), .lambda = {},
                        .regularizer = settings.text(ParameterId::Regularizer), .initialiser = settings.text(ParameterId::Initialiser)};
    for (const auto &rule : parseLayerRules(settings.text(ParameterId::Layers)).value_or(std::vector<LayerRule>{})) {
        if (!rule.matches(layer))
            continue;
        found.isFloat = rule.isFloat; // a later rule that says how to quantize it takes that back
        found.k = rule.k.value_or(found.k);
        found.lambda = rule.lambda ? rule.lambda : found.lambda;
        found.regularizer = rule.regularizer.value_or(found.regularizer);
        found.initialiser = rule.initialiser.value_or(found.initialiser);
    }
    return found;
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
        const auto own = difference(settingsOf(patterns, names[layer]), wanted[layer], settings.real(ParameterId::Lambda));
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
            return fail(ErrorCode::BadValue, fmt::format("layers: expected a pattern of one of {}, found \"{}\".", fmt::join(layers, ", "), rule.pattern));
    }
    if (!layers.empty() && floatLayers(settings, layers).size() == layers.size())
        return fail(ErrorCode::BadValue, "layers: expected at least one layer that is quantized, found none; for a float network use forward = float.");
    return {};
}

} // namespace engine
