// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/checks.h"
#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <string_view>

namespace app {
namespace {

template <typename Number>
std::optional<Number> parsed(std::string_view text)
{
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional{number} : std::nullopt;
}

/// Passes what `accepts` takes. Without a description of its own in the help.
template <typename Accepts>
CLI::Validator expecting(std::string what, Accepts accepts)
{
    return {[what = std::move(what), accepts = std::move(accepts)](std::string &text) {
                return accepts(text) ? std::string{} : fmt::format("expected {}, found \"{}\".", what, text);
            },
            std::string{}};
}

/// What stands between two marks; nothing where they are not there.
std::optional<std::string_view> between(std::string_view text, std::string_view before, std::string_view behind)
{
    const auto begin = text.find(before);
    if (begin == std::string_view::npos)
        return {};
    text.remove_prefix(begin + before.size());
    const auto end = text.find(behind);
    return end == std::string_view::npos ? std::nullopt : std::optional{text.substr(0, end)};
}

/// An argument is missing, or one of several.
std::string sentenceOfMissing(std::string_view told)
{
    if (const auto names = between(told, "option from [", "]")) {
        auto list = std::string{*names};
        for (auto comma = list.find(','); comma != std::string::npos; comma = list.find(',', comma))
            list.replace(comma, 1, " or ");
        return fmt::format("expected {}, found {}.", list, told.ends_with("were given") ? "more than one" : "none");
    }
    const auto name = told.substr(0, told.find(" is required"));
    return fmt::format("expected {}{}, found none.", name.starts_with('-') ? "" : "the argument ", name);
}

/// A flag comes without its value, or too often.
std::string sentenceOfMismatch(std::string_view told)
{
    const auto name = told.substr(0, told.find(':'));
    if (told.ends_with("missing"))
        return fmt::format("{}: expected a value, found none.", name);
    const auto at = told.find("but received ");
    return at == std::string_view::npos ? fmt::format("{}.", told)
                                        : fmt::format("{}: expected once, found {} times.", name, told.substr(at + 13));
}

} // namespace

CLI::Validator wholeNumber(std::int64_t least, std::int64_t most)
{
    return expecting(most == INT64_MAX ? fmt::format("a whole number from {} on", least)
                                       : fmt::format("a whole number from {} to {}", least, most),
                     [=](std::string_view text) {
                         const auto value = parsed<std::int64_t>(text);
                         return value && *value >= least && *value <= most;
                     });
}

CLI::Validator number(double least, double most)
{
    return expecting(most == std::numeric_limits<double>::max() ? fmt::format("a number from {} on", least)
                                                                : fmt::format("a number from {} to {}", least, most),
                     [=](std::string_view text) {
                         const auto value = parsed<double>(text);
                         return value && *value >= least && *value <= most; // NaN is neither
                     });
}

CLI::Validator positiveNumber()
{
    return expecting("a number above 0", [](std::string_view text) {
        const auto value = parsed<double>(text);
        return value && *value > 0 && std::isfinite(*value);
    });
}

CLI::Validator oneOf(std::vector<std::string> choices)
{
    const auto list = fmt::format("one of {}", fmt::join(choices, ", "));
    return expecting(list, [choices = std::move(choices)](const std::string &text) {
        return std::ranges::find(choices, text) != choices.end();
    });
}

CLI::Validator fileName()
{
    return expecting("a name", [](std::string_view text) { return !text.empty(); });
}

std::string sentenceOf(const CLI::ParseError &error, const std::vector<std::string> &unknown)
{
    if (!unknown.empty())
        return fmt::format("expected arguments that the help lists, found \"{}\".", unknown.front());
    if (dynamic_cast<const CLI::RequiredError *>(&error))
        return sentenceOfMissing(error.what());
    if (dynamic_cast<const CLI::ArgumentMismatch *>(&error))
        return sentenceOfMismatch(error.what());
    const std::string_view told = error.what();
    return fmt::format("{}{}", told, told.ends_with('.') ? "" : ".");
}

} // namespace app
