// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/recipes/recipe.h"
#include "engine/core/readable.h"
#include "engine/files/atomicfile.h"
#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <sstream>
#include <toml++/toml.h>

namespace engine {
namespace {

constexpr std::string_view kFormatKey = "recipe-format";
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

Result<void> take(Settings &settings, std::string_view key, const toml::node &node)
{
    const ParameterSpec *row = findParameter(key);
    if (!row)
        return fail(ErrorCode::BadValue, fmt::format("expected a parameter that `condensate train --help` lists, found \"{}\".", key));
    auto value = valueOf(*row, node);
    if (!value)
        return std::unexpected(value.error());
    return settings.set(row->id, *std::move(value));
}

} // namespace

std::string recipeText(const Settings &settings, std::string_view title)
{
    std::string line{title};
    std::ranges::replace(line, '\n', ' ');
    std::string text = fmt::format("# {}\n# A recipe of Condensate: `condensate train THIS_FILE --out FOLDER` repeats the run.\n{} = {}\n",
                                   line, kFormatKey, kRecipeFormat);
    std::string_view group;
    for (const auto &row : parameterTable()) {
        if (row.group != group)
            text += fmt::format("\n# {}\n", row.group);
        group = row.group;
        text += fmt::format("{} = {}{}\n", row.key, tomlOf(settings.value(row.id)), row.unit.empty() ? "" : fmt::format(" # {}", row.unit));
    }
    return text;
}

Result<Settings> parseRecipe(std::string_view text, std::string_view name)
{
    toml::table table;
    try {
        table = toml::parse(text, name);
    } catch (const toml::parse_error &error) {
        const auto what = fmt::format("expected TOML, found: {}.", error.description());
        return std::unexpected(at(ErrorCode::BadFormat, name, error.source().begin, what));
    }
    Settings settings;
    for (const auto &[key, node] : table) {
        const auto where = node.source().begin;
        if (key.str() == kFormatKey) {
            const auto format = node.value_exact<std::int64_t>();
            if (!format || *format < 1)
                return std::unexpected(
                    at(ErrorCode::BadFormat, name, where, "recipe-format: expected a number from 1 on, found something else."));
            if (*format > kRecipeFormat)
                return std::unexpected(
                    at(ErrorCode::TooNew, name, where,
                       fmt::format("it is a recipe of format {}, this program reads up to {}.", *format, kRecipeFormat)));
            continue;
        }
        if (auto taken = take(settings, key.str(), node); !taken)
            return std::unexpected(at(taken.error().code, name, where, taken.error().text));
    }
    if (auto fits = settings.checkTogether(); !fits)
        return fail(fits.error().code, fmt::format("{}: {}", name, fits.error().text));
    return settings;
}

Result<Settings> readRecipe(const std::filesystem::path &file)
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

Result<void> writeRecipe(const Settings &settings, std::string_view title, const std::filesystem::path &file)
{
    const std::string text = recipeText(settings, title);
    return replaceFile(file, std::as_bytes(std::span{text}));
}

} // namespace engine
