// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/layerrules.h"
#include "engine/core/parameters.h"
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
/// A layer without one of its own follows the network's, also while that is moved.
constexpr std::array kFollowing = {ParameterId::Lambda, ParameterId::Ramp, ParameterId::RampStart, ParameterId::RampShare};
constexpr std::string_view kGlobal = "global";
constexpr std::string_view kFloat = "float";

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
    if (assignment == kFloat) {
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
    const auto given = trimmed(assignment.substr(equals + 1));
    if (given == kGlobal && std::ranges::find(kFollowing, row->id) != kFollowing.end()) {
        rule.values[row->id] = std::nullopt;
        return {};
    }
    auto value = parseValue(*row, given);
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
    return found == rule.values.end() || !found->second ? std::nullopt : std::optional{std::get<Value>(*found->second)};
}

template <typename Choice>
std::optional<Choice> choiceIn(const LayerRule &rule)
{
    const auto text = valueIn<std::string>(rule, kParameterOf<Choice>);
    return text ? std::optional{choiceOf<Choice>(*text)} : std::nullopt;
}

std::optional<ParameterValue> valueOf(const std::optional<double> &own) { return own ? std::optional{ParameterValue{*own}} : std::nullopt; }

std::optional<ParameterValue> valueOf(const std::optional<RampShape> &own)
{
    return own ? std::optional{ParameterValue{std::string{textOf(*own)}}} : std::nullopt;
}

/// The rule for a layer that has `has` and is to have `wanted`; one without values where they are the same.
LayerRule difference(std::string layer, const LayerSettings &has, const LayerSettings &wanted)
{
    LayerRule rule{.pattern = std::move(layer)};
    if (wanted.isFloat) {
        rule.isFloat = !has.isFloat;
        return rule;
    }
    const auto write = [&rule](ParameterId id, const auto &had, const auto &own) {
        if (had != own)
            rule.values[id] = valueOf(own);
    };
    if (has.k != wanted.k || has.isFloat) // any setting takes a float back
        rule.values[ParameterId::CodebookSize] = wanted.k;
    write(ParameterId::Lambda, has.lambda, wanted.lambda);
    if (has.regularizer != wanted.regularizer)
        rule.values[ParameterId::Regularizer] = wanted.regularizer;
    if (has.initialiser != wanted.initialiser)
        rule.values[ParameterId::Initialiser] = std::string{textOf(wanted.initialiser)};
    write(ParameterId::Ramp, has.ramp, wanted.ramp);
    write(ParameterId::RampStart, has.rampStart, wanted.rampStart);
    write(ParameterId::RampShare, has.rampShare, wanted.rampShare);
    return rule;
}

/// The pattern for this layer alone. What a range of channels has in its name would mean something else in a pattern.
std::string patternOf(std::string_view layer)
{
    std::string pattern{layer};
    std::ranges::replace_if(pattern, [](char c) { return c == '[' || c == ']' || c == ':'; }, '?');
    return pattern;
}

bool isEmpty(const LayerRule &rule) { return !rule.isFloat && rule.values.empty(); }

std::string textOfRule(const LayerRule &rule)
{
    std::vector<std::string> parts;
    for (const ParameterId id : kOfLayers) {
        if (const auto found = rule.values.find(id); found != rule.values.end())
            parts.push_back(fmt::format("{}={}", spec(id).key, found->second ? toText(*found->second) : std::string{kGlobal}));
    }
    if (rule.isFloat)
        parts.emplace_back(kFloat);
    return fmt::format("{}:{}", rule.pattern, fmt::join(parts, ","));
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

Result<LayerRules> LayerRules::parse(std::string_view text)
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
    return LayerRules{std::move(rules)};
}

std::string LayerRules::text() const
{
    std::vector<std::string> rules;
    std::ranges::transform(m_rules, std::back_inserter(rules), textOfRule);
    return fmt::format("{}", fmt::join(rules, "; "));
}

LayerRule LayerRules::of(std::string_view layer) const
{
    LayerRule all{.pattern = std::string{layer}};
    for (const auto &rule : m_rules) {
        if (!rule.matches(layer))
            continue;
        all.isFloat = rule.isFloat; // a later rule that says how to quantize it takes that back
        for (const auto &[id, value] : rule.values)
            all.values[id] = value;
    }
    return all;
}

void LayerRules::setLambda(const std::string &layer, std::optional<double> lambda)
{
    const auto pattern = patternOf(layer);
    auto own = std::ranges::find(m_rules, pattern, &LayerRule::pattern);
    if (own != m_rules.end() && std::any_of(std::next(own), m_rules.end(), [&](const LayerRule &rule) { return rule.matches(layer); }))
        own = m_rules.end(); // a later one would have the last word
    if (own == m_rules.end())
        own = m_rules.insert(own, LayerRule{.pattern = pattern});
    own->values.erase(ParameterId::Lambda);
    const auto follows = [&] { return !valueIn<double>(of(layer), ParameterId::Lambda); };
    if (lambda || !follows())
        own->values[ParameterId::Lambda] = valueOf(lambda);
    if (isEmpty(*own))
        m_rules.erase(own);
}

LayerRules LayerRules::without(std::span<const std::string> names) const
{
    LayerRules left = *this;
    std::erase_if(left.m_rules, [&](const LayerRule &rule) { return std::ranges::find(names, rule.pattern, patternOf) != names.end(); });
    return left;
}

LayerRules layerRulesFor(const Settings &settings, std::span<const std::string> names, std::span<const LayerSettings> wanted)
{
    Settings patterns = settings;
    patterns.setLayerRules(settings.layerRules().without(names));
    std::vector<LayerRule> rules{patterns.layerRules().all().begin(), patterns.layerRules().all().end()};
    for (std::size_t layer = 0; layer < names.size(); ++layer) {
        if (auto own = difference(names[layer], patterns.layer(names[layer]), wanted[layer]); !isEmpty(own))
            rules.push_back(std::move(own));
    }
    return LayerRules{std::move(rules)};
}

LayerSettings Settings::layer(std::string_view name) const
{
    using enum ParameterId;
    const auto own = m_layerRules.of(name);
    return {.isFloat = own.isFloat,
            .k = valueIn<std::int64_t>(own, CodebookSize).value_or(whole(CodebookSize)),
            .lambda = valueIn<double>(own, Lambda),
            .regularizer = valueIn<std::string>(own, Regularizer).value_or(text(Regularizer)),
            .initialiser = choiceIn<engine::Initialiser>(own).value_or(choice<engine::Initialiser>()),
            .ramp = choiceIn<RampShape>(own),
            .rampStart = valueIn<double>(own, RampStart),
            .rampShare = valueIn<double>(own, RampShare)};
}

std::vector<std::string> floatLayers(const Settings &settings, std::span<const std::string> layers)
{
    std::vector<std::string> found;
    std::ranges::copy_if(layers, std::back_inserter(found), [&](const std::string &layer) { return settings.layer(layer).isFloat; });
    return found;
}

Result<void> checkLayerRules(const Settings &settings, std::span<const std::string> layers)
{
    for (const auto &rule : settings.layerRules().all()) {
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
