// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/row.h"
#include <algorithm>
#include <vector>

namespace app {
namespace {

constexpr std::string_view kGap = "  ";

bool beginsCharacter(char byte)
{
    return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
}

/// The parts up to this rank.
std::string joined(std::span<const RowPart> parts, int mostRank)
{
    std::string row;
    for (const auto &part : parts) {
        if (part.rank <= mostRank)
            row.append(row.empty() ? "" : kGap).append(part.text);
    }
    return row;
}

std::string cut(std::string text, std::size_t width)
{
    std::size_t seen = 0;
    const auto end = std::ranges::find_if(text, [&](char byte) { return beginsCharacter(byte) && seen++ == width; });
    text.erase(end, text.end());
    return text;
}

} // namespace

std::size_t characters(std::string_view text)
{
    return static_cast<std::size_t>(std::ranges::count_if(text, beginsCharacter));
}

std::string fittedRow(std::span<const RowPart> parts, std::size_t width)
{
    std::vector<int> ranks;
    for (const auto &part : parts)
        ranks.push_back(part.rank);
    std::ranges::sort(ranks);
    while (ranks.size() > 1 && characters(joined(parts, ranks.back())) > width)
        ranks.pop_back();
    return ranks.empty() ? std::string{} : cut(joined(parts, ranks.back()), width);
}

} // namespace app
