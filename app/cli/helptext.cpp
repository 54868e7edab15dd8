// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/helptext.h"
#include "engine/core/overloaded.h"
#include "app/console/row.h"
#include "engine/regularizers/regularizer.h"
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <string_view>

namespace app {
namespace {

std::string rangeText(const engine::ParameterSpec &row)
{
    const auto interval = [](const auto &r) { return fmt::format("{} to {}, default {}", r.min, r.max, r.initial); };
    return std::visit(
        engine::Overloaded{[&](const engine::RealRange &r) { return interval(r); },
                           [&](const engine::WholeRange &r) { return interval(r); },
                           [](const engine::ChoiceRange &r) {
                               return fmt::format("{}{}; default {}", fmt::join(r.choices, ", "),
                                                  r.filePrefix.empty() ? "" : fmt::format(", {}FILE", r.filePrefix), r.initial);
                           },
                           [](const engine::TextRange &r) {
                               return r.initial.empty() ? std::string{"default none"} : fmt::format("default {}", r.initial);
                           }},
        row.range);
}

/// The words of `text` in lines of at most `width` characters, each line after the first indented. A word
/// that is longer than a line has one to itself.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent = 0)
{
    std::string result;
    std::size_t column = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        const auto word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (word.empty())
            continue;
        if (column > 0 && column + 1 + characters(word) > width) {
            result += '\n' + std::string(indent, ' ');
            column = indent;
        } else if (column > 0) {
            result += ' ';
            ++column;
        }
        result += word;
        column += characters(word);
    }
    return result;
}

} // namespace

std::string helpText(const engine::ParameterSpec &row, std::size_t width)
{
    const std::string range = fmt::format("({})", rangeText(row));
    if (row.id != engine::ParameterId::Regularizer)
        return wrapped(fmt::format("{} {}", row.help, range), width);
    std::string text = wrapped(row.help, width);
    for (const auto &regularizer : engine::regularizers())
        text += '\n' + wrapped(fmt::format("{}: {}. {}", regularizer.name, regularizer.formula, regularizer.help), width, 2);
    return text + '\n' + wrapped(range, width);
}

} // namespace app
