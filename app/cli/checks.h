// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace app {

/// Checks of the arguments that are no parameters, whose own stand in the table. What does not pass is told as there:
/// what was expected, and what was found.

CLI::Validator wholeNumber(std::int64_t least, std::int64_t most = INT64_MAX);
CLI::Validator number(double least, double most = std::numeric_limits<double>::max());
CLI::Validator positiveNumber();
CLI::Validator oneOf(std::vector<std::string> choices);
CLI::Validator fileName(); ///< of a file or folder: anything but nothing

/// What CLI11 found wrong, as such a sentence. `unknown` is what it could make nothing of, which goes first: it may be
/// the misspelt flag that another is missed for.
std::string sentenceOf(const CLI::ParseError &error, const std::vector<std::string> &unknown);

} // namespace app
