// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/parameters.h"
#include "engine/core/overloaded.h"
#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {
namespace {

template <typename Number>
Result<ParameterValue> parseNumber(const ParameterSpec &row, std::string_view text, std::string_view kind)
{
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size())
        return fail(ErrorCode::BadValue, fmt::format("{}: expected {}, found \"{}\".", row.key, kind, text));
    return ParameterValue{number};
}

ParameterValue initialValue(const ParameterSpec &row)
{
    return std::visit(Overloaded{[](const RealRange &r) { return ParameterValue{r.initial}; },
                                 [](const WholeRange &r) { return ParameterValue{r.initial}; },
                                 [](const ChoiceRange &r) { return ParameterValue{std::string{r.initial}}; },
                                 [](const TextRange &r) { return ParameterValue{std::string{r.initial}}; }},
                      row.range);
}

std::unexpected<Error> wrongKind(const ParameterSpec &row, std::string_view expected)
{
    return fail(ErrorCode::BadValue, fmt::format("{}: expected {}.", row.key, expected));
}

Result<void> check(const ParameterSpec &row, const RealRange &range, const ParameterValue &value)
{
    const auto *number = std::get_if<double>(&value);
    if (!number)
        return wrongKind(row, "a number");
    if (!std::isfinite(*number) || *number < range.min || *number > range.max)
        return fail(ErrorCode::BadValue, fmt::format("{}: expected a number from {} to {}, found {}.", row.key, range.min,
                                                     range.max, *number));
    return {};
}

Result<void> check(const ParameterSpec &row, const WholeRange &range, const ParameterValue &value)
{
    const auto *number = std::get_if<std::int64_t>(&value);
    if (!number)
        return wrongKind(row, "a whole number");
    if (*number < range.min || *number > range.max)
        return fail(ErrorCode::BadValue, fmt::format("{}: expected a whole number from {} to {}, found {}.", row.key,
                                                     range.min, range.max, *number));
    return {};
}

Result<void> check(const ParameterSpec &row, const ChoiceRange &range, const ParameterValue &value)
{
    const auto *text = std::get_if<std::string>(&value);
    if (text && std::ranges::find(range.choices, std::string_view{*text}) != range.choices.end())
        return {};
    if (text && !range.filePrefix.empty() && text->starts_with(range.filePrefix) && text->size() > range.filePrefix.size())
        return {};
    const std::string file = range.filePrefix.empty() ? std::string{} : fmt::format(" or {}FILE", range.filePrefix);
    return fail(ErrorCode::BadValue, fmt::format("{}: expected one of {}{}, found {}.", row.key, fmt::join(range.choices, ", "), file,
                                                 text ? '"' + *text + '"' : std::string{"a number"}));
}

Result<void> check(const ParameterSpec &row, const TextRange &range, const ParameterValue &value)
{
    const auto *text = std::get_if<std::string>(&value);
    if (!text)
        return wrongKind(row, "a text");
    if (text->empty() && !range.initial.empty())
        return fail(ErrorCode::BadValue, fmt::format("{}: expected a value, found nothing.", row.key));
    if (row.id == ParameterId::Layers) {
        if (auto rules = LayerRules::parse(*text); !rules)
            return std::unexpected(rules.error());
    }
    return {};
}

/// The first even k among that of all layers and those that rules give.
std::optional<std::int64_t> evenCodebook(const Settings &settings)
{
    std::vector<std::int64_t> sizes{settings.whole(ParameterId::CodebookSize)};
    for (const auto &rule : settings.layerRules().all()) {
        if (const auto k = rule.values.find(ParameterId::CodebookSize); k != rule.values.end())
            sizes.push_back(std::get<std::int64_t>(*k->second));
    }
    const auto even = std::ranges::find_if(sizes, [](std::int64_t k) { return k % 2 == 0; });
    return even == sizes.end() ? std::nullopt : std::optional{*even};
}

} // namespace

const ParameterSpec &spec(ParameterId id) noexcept
{
    return parameterTable()[static_cast<std::size_t>(id)];
}

const ParameterSpec *findParameter(std::string_view key) noexcept
{
    const auto table = parameterTable();
    const auto row = std::ranges::find(table, key, &ParameterSpec::key);
    return row == table.end() ? nullptr : &*row;
}

std::size_t choicePlace(ParameterId id, std::string_view text)
{
    const auto &choices = std::get<ChoiceRange>(spec(id).range).choices;
    return static_cast<std::size_t>(std::ranges::find(choices, text) - choices.begin());
}

std::string_view choiceText(ParameterId id, std::size_t place)
{
    return std::get<ChoiceRange>(spec(id).range).choices[place];
}

std::string toText(const ParameterValue &value)
{
    return std::visit(Overloaded{[](double number) { return fmt::format("{}", number); },
                                 [](std::int64_t number) { return fmt::format("{}", number); },
                                 [](const std::string &text) { return text; }},
                      value);
}

Result<ParameterValue> parseValue(const ParameterSpec &row, std::string_view text)
{
    auto parsed = std::visit(
        Overloaded{[&](const RealRange &) { return parseNumber<double>(row, text, "a number"); },
                   [&](const WholeRange &) { return parseNumber<std::int64_t>(row, text, "a whole number"); },
                   [&](const ChoiceRange &) { return Result<ParameterValue>{std::string{text}}; },
                   [&](const TextRange &) { return Result<ParameterValue>{std::string{text}}; }},
        row.range);
    if (!parsed)
        return parsed;
    if (auto valid = validate(row, *parsed); !valid)
        return std::unexpected(valid.error());
    return parsed;
}

Result<void> validate(const ParameterSpec &row, const ParameterValue &value)
{
    return std::visit([&](const auto &range) { return check(row, range, value); }, row.range);
}

Settings::Settings()
{
    for (const auto &row : parameterTable())
        m_values[static_cast<std::size_t>(row.id)] = initialValue(row);
}

Result<void> Settings::set(ParameterId id, ParameterValue value)
{
    // A whole number is a fine real: panels and files need not care.
    if (std::holds_alternative<RealRange>(spec(id).range) && std::holds_alternative<std::int64_t>(value))
        value = static_cast<double>(std::get<std::int64_t>(value));
    if (auto valid = validate(spec(id), value); !valid)
        return valid;
    if (id == ParameterId::Layers)
        m_layerRules = *LayerRules::parse(std::get<std::string>(value)); // which validate has read
    m_values[static_cast<std::size_t>(id)] = std::move(value);
    return {};
}

Result<void> Settings::setText(ParameterId id, std::string_view text)
{
    auto parsed = parseValue(spec(id), text);
    if (!parsed)
        return std::unexpected(parsed.error());
    return set(id, *std::move(parsed));
}

const ParameterValue &Settings::value(ParameterId id) const noexcept
{
    return m_values[static_cast<std::size_t>(id)];
}

double Settings::real(ParameterId id) const { return std::get<double>(value(id)); }
std::int64_t Settings::whole(ParameterId id) const { return std::get<std::int64_t>(value(id)); }
const std::string &Settings::text(ParameterId id) const { return std::get<std::string>(value(id)); }

bool Settings::isOn(ParameterId id) const { return place(id) == 1; }
std::size_t Settings::place(ParameterId id) const { return choicePlace(id, text(id)); }

void Settings::setPlace(ParameterId id, std::size_t place)
{
    m_values[static_cast<std::size_t>(id)] = std::string{choiceText(id, place)};
}

void Settings::setLayerRules(LayerRules rules)
{
    m_values[static_cast<std::size_t>(ParameterId::Layers)] = rules.text();
    m_layerRules = std::move(rules);
}

std::vector<Conflict> Settings::conflicts() const
{
    using enum ParameterId;
    std::vector<Conflict> found;
    const auto key = [](ParameterId id) { return spec(id).key; };
    if (const double warmup = real(WarmupShare), commit = real(CommitShare); warmup + commit > 1.0 + 1e-9) {
        const auto text =
            fmt::format("{} + {}: expected at most 1 together, found {} + {}.", key(WarmupShare), key(CommitShare), warmup, commit);
        found.insert(found.end(), {{WarmupShare, text}, {CommitShare, text}});
    }
    const bool shares = choice<CodebookScope>() == CodebookScope::Unified;
    if (shares && real(Entropy) > 0)
        found.push_back({Entropy, fmt::format("{}: expected 0 where layers share a codebook ({} = unified), found {}.", key(Entropy),
                                              key(Scope), real(Entropy))});
    if (shares && choice<DeadRule>() != DeadRule::Keep)
        found.push_back({Dead, fmt::format("{}: expected keep where layers share a codebook ({} = unified), found {}.", key(Dead),
                                           key(Scope), text(Dead))});
    if (const auto even = evenCodebook(*this); isOn(PinZero) && isOn(Symmetric) && even)
        found.push_back(
            {CodebookSize, fmt::format("{}: expected an odd number, for a symmetric codebook has its zero in the middle, found {}.",
                                       key(CodebookSize), *even)});
    return found;
}

Result<void> Settings::checkTogether() const
{
    const auto found = conflicts();
    return found.empty() ? Result<void>{} : fail(ErrorCode::BadValue, found.front().text);
}

} // namespace engine
