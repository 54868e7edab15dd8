// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace app {

/// A part of a row of progress. Where there is no room for all, those of the lowest rank stay.
struct RowPart {
    std::string text;
    int rank = 0; ///< no two the same
};

/// Characters that are seen of a UTF-8 text, each a column wide.
std::size_t characters(std::string_view text);

/// The parts side by side, two spaces apart: as many, lowest ranks first, as `width` characters hold. The last
/// that is left is cut where even it is too long.
std::string fittedRow(std::span<const RowPart> parts, std::size_t width);

} // namespace app
