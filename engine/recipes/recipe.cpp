// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/recipes/recipe.h"
#include "engine/core/readable.h"
#include "engine/files/atomicfile.h"
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <ranges>
#include <sstream>
#include <toml++/toml.h>

namespace engine {
namespace {

constexpr std::string_view kFormatKey = "recipe-format", kAt = "at", kStep = "step", kLayer = "layer", kNextStage = "next-stage",
                           kGlobal = "global";
constexpr std::uintmax_t kMostBytes = 1 << 20; // a recipe is a page; more is some other file

std::string tomlOf(const ParameterValue &value)
{
    std::ostringstream out;
    std::visit([&](const auto &plain) { out << toml::value{plain}; }, value);
    return out.str();
}

Error at(ErrorCode code, std::string_view name, const toml::source_position &where, std::string_view what)
{
    return {code, fmt::format("{}, line {}: {}", name, where.line, what)};
}

Error nameless(std::string_view key)
{
    return {ErrorCode::BadValue, fmt::format("expected a parameter that `condensate train --help` lists, found \"{}\".", key)};
}

Result<ParameterValue> valueOf(const ParameterSpec &row, const toml::node &node)
{
    if (const auto whole = node.value_exact<std::int64_t>())
        return ParameterValue{*whole};
    if (const auto real = node.value_exact<double>())
        return ParameterValue{*real};
    if (const auto text = node.value_exact<std::string>())
        return ParameterValue{*text};
    if (const auto flag = node.value_exact<bool>(); flag && std::holds_alternative<ChoiceRange>(row.range))
        return ParameterValue{std::string{*flag ? "on" : "off"}};
    return fail(ErrorCode::BadValue, fmt::format("{}: expected a number or a text, found something else.", row.key));
}

/// The value of a key, valid for its parameter.
Result<SetParameter> parameterIn(std::string_view key, const toml::node &node)
{
    const ParameterSpec *row = findParameter(key);
    if (!row)
        return std::unexpected(nameless(key));
    const auto value = valueOf(*row, node);
    if (!value)
        return std::unexpected(value.error());
    Settings settings; // takes a whole number for a real one
    if (auto set = settings.set(row->id, *value); !set)
        return std::unexpected(set.error());
    return SetParameter{row->id, settings.value(row->id)};
}

/// What an `[[at]]` holds beside its step: next-stage = true, parameters, or the λ of a layer.
class ChangeReader {
public:
    ChangeReader(std::string_view name, std::vector<LogEntry> &changes) : m_name{name}, m_changes{changes} {}

    Result<void> take(const toml::node &node)
    {
        const auto *table = node.as_table();
        if (!table)
            return std::unexpected(
                at(ErrorCode::BadFormat, m_name, node.source().begin, "expected [[at]] with keys, found something else."));
        const auto *step = table->get(kStep);
        const auto number = step ? step->value_exact<std::int64_t>() : std::nullopt;
        if (!number || *number < 0)
            return std::unexpected(at(ErrorCode::BadValue, m_name, table->source().begin, "expected step = a number from 0 on in [[at]]."));
        m_step = Step{static_cast<std::uint64_t>(*number)};
        const auto *layer = table->get(kLayer);
        if (layer)
            return takeLayer(*table, *layer);
        for (const auto &[key, value] : *table) {
            if (key.str() == kStep)
                continue;
            if (auto taken = takeOne(key.str(), value); !taken)
                return std::unexpected(at(taken.error().code, m_name, value.source().begin, taken.error().text));
        }
        return {};
    }

private:
    void add(LogEntry::What what) { m_changes.push_back({.step = m_step, .by = Author::File, .time = 0, .what = std::move(what)}); }

    Result<void> takeOne(std::string_view key, const toml::node &value)
    {
        if (key == kNextStage) {
            if (value.value_exact<bool>() != true)
                return fail(ErrorCode::BadValue, "next-stage: expected true, found something else.");
            add(NextStage{});
            return {};
        }
        auto set = parameterIn(key, value);
        if (!set)
            return std::unexpected(set.error());
        add(*std::move(set));
        return {};
    }

    Result<void> takeLayer(const toml::table &table, const toml::node &layer)
    {
        const auto wrong = [&](const toml::node &where, std::string_view what) {
            return std::unexpected(at(ErrorCode::BadValue, m_name, where.source().begin, what));
        };
        const auto name = layer.value_exact<std::string>();
        const std::string_view key = spec(ParameterId::Lambda).key;
        const auto *value = table.get(key);
        if (!name || !value || table.size() != 3)
            return wrong(layer, "layer: expected the name of one beside step and lambda alone.");
        if (value->value_exact<std::string>() == kGlobal) {
            add(SetLayerLambda{*name, std::nullopt});
            return {};
        }
        const auto set = parameterIn(key, *value);
        if (!set)
            return wrong(*value, set.error().text);
        add(SetLayerLambda{*name, std::get<double>(set->value)});
        return {};
    }

    const std::string_view m_name;
    std::vector<LogEntry> &m_changes;
    Step m_step{};
};

Result<void> checkFormat(const toml::node &node, std::string_view name)
{
    const auto where = node.source().begin;
    const auto format = node.value_exact<std::int64_t>();
    if (!format || *format < 1)
        return std::unexpected(at(ErrorCode::BadFormat, name, where, "recipe-format: expected a number from 1 on, found something else."));
    if (*format > kRecipeFormat)
        return std::unexpected(at(ErrorCode::TooNew, name, where,
                                  fmt::format("it is a recipe of format {}, this program reads up to {}.", *format, kRecipeFormat)));
    return {};
}

Result<void> takeChanges(const toml::node &node, std::string_view name, std::vector<LogEntry> &changes)
{
    const auto *list = node.as_array();
    if (!list)
        return std::unexpected(at(ErrorCode::BadFormat, name, node.source().begin, "at: expected [[at]], found something else."));
    ChangeReader reader{name, changes};
    for (const auto &change : *list) {
        if (auto taken = reader.take(change); !taken)
            return taken;
    }
    std::ranges::stable_sort(changes, {}, &LogEntry::step);
    return {};
}

std::string changeText(const LogEntry &change)
{
    std::string text = fmt::format("\n[[{}]]\n{} = {}\n", kAt, kStep, count(change.step));
    if (const auto *set = std::get_if<SetParameter>(&change.what))
        text += fmt::format("{} = {}\n", spec(set->id).key, tomlOf(set->value));
    else if (const auto *own = std::get_if<SetLayerLambda>(&change.what))
        text += fmt::format("{} = {}\n{} = {}\n", kLayer, tomlOf(own->layer), spec(ParameterId::Lambda).key,
                            tomlOf(own->lambda ? ParameterValue{*own->lambda} : ParameterValue{std::string{kGlobal}}));
    else
        text += fmt::format("{} = true\n", kNextStage);
    return text;
}

/// Whether a run in warm-up trains the same with and without such a change.
bool leavesWarmup(ParameterId id)
{
    using enum ParameterId;
    constexpr std::array kLeave = {Forward, CodebookSize, Initialiser, PinZero, Symmetric, Regularizer};
    return std::ranges::find(kLeave, id) != kLeave.end();
}

const SetParameter *asChange(const LogEntry &entry, ParameterId id)
{
    const auto *set = std::get_if<SetParameter>(&entry.what);
    return set && set->id == id ? set : nullptr;
}

/// After all changes so far.
ParameterValue latest(const Recipe &recipe, ParameterId id)
{
    for (const auto &entry : recipe.changes | std::views::reverse) {
        if (const auto *set = asChange(entry, id))
            return set->value;
    }
    return recipe.settings.value(id);
}

/// In an order in which each can be done without those behind it: first more epochs, then a share that makes room.
std::vector<SetParameter> oneByOne(std::vector<SetParameter> changes, const Recipe &recipe)
{
    const auto rank = [&](const SetParameter &change) {
        const bool isShare = change.id == ParameterId::WarmupShare || change.id == ParameterId::CommitShare;
        return change.id == ParameterId::Epochs ? 0 : isShare && change.value < latest(recipe, change.id) ? 1 : 2;
    };
    std::ranges::stable_sort(changes, {}, rank);
    return changes;
}

/// What a fork changed: from the first step on where that gives the same run, at its step else. A network that
/// quantizes has its codebooks from the end of its warm-up on; a float one never tells where it is.
void takeFork(const Started &start, Step step, Recipe &recipe)
{
    const bool inWarmup = !start.hasCodebooks && recipe.settings.choice<ForwardPass>() != ForwardPass::Float;
    const auto add = [&](ParameterId id, ParameterValue value) {
        recipe.changes.push_back({.step = step, .by = Author::File, .time = 0, .what = SetParameter{id, std::move(value)}});
    };
    const auto changes = oneByOne(start.changes, recipe);
    auto change = changes.begin();
    if (change != changes.end() && change->id == ParameterId::Epochs) {
        add(change->id, change->value);
        ++change;
    }
    const bool isReplanned = !changes.empty() && !start.hasCodebooks && std::ranges::any_of(recipe.changes, [](const LogEntry &entry) {
        return std::holds_alternative<NextStage>(entry.what) || asChange(entry, ParameterId::Epochs);
    });
    if (isReplanned) // as a fork in warm-up plans all stages; to set its share, even to what it is, takes a fork
        add(ParameterId::WarmupShare, latest(recipe, ParameterId::WarmupShare));
    for (; change != changes.end(); ++change) {
        const bool isFirst = std::ranges::none_of(recipe.changes, [&](const auto &entry) { return asChange(entry, change->id); });
        if (inWarmup && isFirst && leavesWarmup(change->id))
            (void)recipe.settings.set(change->id, change->value); // was valid when it was made
        else
            add(change->id, change->value);
    }
}

} // namespace

Recipe recipeOf(const RunLog &log)
{
    Recipe recipe{.settings = log.start, .changes = {}};
    for (const auto &entry : log.entries) {
        if (const auto *start = std::get_if<Started>(&entry.what))
            takeFork(*start, entry.step, recipe);
        else if (entry.shapesRun() && !std::holds_alternative<Ended>(entry.what))
            recipe.changes.push_back({.step = entry.step, .by = Author::File, .time = 0, .what = entry.what});
    }
    std::ranges::copy_if(log.ahead, std::back_inserter(recipe.changes), &LogEntry::shapesRun);
    return recipe;
}

std::string recipeText(const Recipe &recipe, std::string_view title)
{
    std::string line{title};
    std::ranges::replace(line, '\n', ' ');
    std::string text = fmt::format("# {}\n# A recipe of Condensate: `condensate train THIS_FILE --out FOLDER` repeats the run.\n{} = {}\n",
                                   line, kFormatKey, recipe.changes.empty() ? 1 : kRecipeFormat);
    std::string_view group;
    for (const auto &row : parameterTable()) {
        if (row.group != group)
            text += fmt::format("\n# {}\n", row.group);
        group = row.group;
        text += fmt::format("{} = {}{}\n", row.key, tomlOf(recipe.settings.value(row.id)),
                            row.unit.empty() ? "" : fmt::format(" # {}", row.unit));
    }
    if (!recipe.changes.empty())
        text += "\n# What is done once so many steps are done\n";
    for (const auto &change : recipe.changes)
        text += changeText(change);
    return text;
}

Result<Recipe> parseRecipe(std::string_view text, std::string_view name)
{
    toml::table table;
    try {
        table = toml::parse(text, name);
    } catch (const toml::parse_error &error) {
        const auto what = fmt::format("expected TOML, found: {}.", error.description());
        return std::unexpected(at(ErrorCode::BadFormat, name, error.source().begin, what));
    }
    if (const auto *format = table.get(kFormatKey)) { // before keys that only a later format knows
        if (auto known = checkFormat(*format, name); !known)
            return std::unexpected(known.error());
    }
    Recipe recipe;
    for (const auto &[key, node] : table) {
        if (key.str() == kFormatKey)
            continue;
        Result<void> taken;
        if (key.str() == kAt)
            taken = takeChanges(node, name, recipe.changes);
        else if (auto set = parameterIn(key.str(), node); set)
            taken = recipe.settings.set(set->id, std::move(set->value));
        else
            taken = std::unexpected(at(set.error().code, name, node.source().begin, set.error().text));
        if (!taken)
            return std::unexpected(taken.error());
    }
    if (auto fits = recipe.settings.checkTogether(); !fits)
        return fail(fits.error().code, fmt::format("{}: {}", name, fits.error().text));
    return recipe;
}

Result<Recipe> readRecipe(const std::filesystem::path &file)
{
    if (const auto readable = checkReadable(file, inQuotes(file), "a recipe"); !readable)
        return std::unexpected(readable.error());
    std::error_code error;
    const auto bytes = std::filesystem::file_size(file, error);
    if (error || bytes > kMostBytes)
        return fail(ErrorCode::BadFormat,
                    fmt::format("{}: expected a recipe of at most {} bytes, found {}.", inQuotes(file), kMostBytes, bytes));
    std::ifstream in{file, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    if (!in)
        return fail(ErrorCode::Unreadable, fmt::format("{}: expected a file that can be read.", inQuotes(file)));
    return parseRecipe(text, inQuotes(file));
}

Result<void> writeRecipe(const Recipe &recipe, std::string_view title, const std::filesystem::path &file)
{
    const std::string text = recipeText(recipe, title);
    return replaceFile(file, std::as_bytes(std::span{text}));
}

} // namespace engine
