// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/parameters.h"
#include "engine/regularizers/regularizer.h"
#include <QString>
#include <string_view>

namespace widgets {

inline QString qtext(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}
/// For numbers people read: four significant digits, "–" where nothing was measured.
QString shortNumber(double value);
/// Share 0…1 as "23.4 %", "–" where nothing was measured.
QString shortShare(double share);
/// "48 000".
QString wholeNumber(std::uint64_t value);
/// "3 min 20 s", "–" where unknown.
QString duration(double seconds);
/// A parameter's value as the window shows it.
QString shownValue(const engine::ParameterValue &value);
/// Name, formula and what it does; rich text.
QString regularizerHelp(const engine::RegularizerSpec &regularizer);
/// Tooltip of a parameter: label, help, choices that need explaining, range, key; rich text.
QString parameterHelp(const engine::ParameterSpec &row);
/// All parameters by group, as a page of rich text.
QString parameterPage();

} // namespace widgets
