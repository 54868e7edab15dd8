// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/parameters.h"
#include <filesystem>
#include <string>
#include <string_view>

namespace engine {

inline constexpr int kRecipeFormat = 1; ///< readers refuse a newer one

/// A run as a TOML text: every parameter under its key, grouped and commented as the table has them, so that the text
/// reads back to equal settings, also in a later version with other defaults. `title` becomes a comment at the top.
std::string recipeText(const Settings &settings, std::string_view title);

/// Settings from a TOML text; keys that are missing keep their defaults, `recipe-format` may be missing too. `name` is
/// what errors call the text, such as its file name.
/// Errors: BadFormat (not TOML: line and cause), TooNew, BadValue (unknown key, wrong type or range, values that do not
/// fit together); each names the line.
Result<Settings> parseRecipe(std::string_view text, std::string_view name);

/// The same with a file. Errors: also NotFound and Unreadable, and BadFormat for an empty one.
Result<Settings> readRecipe(const std::filesystem::path &file);
/// Replaces the file as a whole. Errors: Unwritable.
Result<void> writeRecipe(const Settings &settings, std::string_view title, const std::filesystem::path &file);

} // namespace engine
