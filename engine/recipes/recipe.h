// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/messages/runlog.h"
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

inline constexpr int kRecipeFormat = 2; ///< readers refuse a newer one; a recipe without changes at a step is of format 1

/// A run to be made: what it begins with, and what is done at which step. A run that was steered by hand is one, too.
struct Recipe {
    Settings settings;
    std::vector<LogEntry> changes; ///< in order of their steps: SetParameter, SetLayerLambda and NextStage, by Author::File
};

/// The recipe that repeats the run of a log: what shapes it and what lies ahead, without times and who did
/// it. A branch that began in warm-up is as a run with its settings from the first step.
Recipe recipeOf(const RunLog &log);

/// A recipe as a TOML text: every parameter under its key, grouped and commented as the table has them, so
/// that the text reads back to equal settings, also in a later version with other defaults; then an `[[at]]`
/// for each change. `title` becomes a comment at the top.
std::string recipeText(const Recipe &recipe, std::string_view title);

/// A recipe from a TOML text; keys that are missing keep their defaults, `recipe-format` may be missing too. `name` is
/// what errors call the text, such as its file name.
/// Errors: BadFormat (not TOML: line and cause), TooNew, BadValue (unknown key, wrong type or range, values that do not
/// fit together); each names the line.
Result<Recipe> parseRecipe(std::string_view text, std::string_view name);

/// The same with a file. Errors: also NotFound and Unreadable, and BadFormat for an empty one.
Result<Recipe> readRecipe(const std::filesystem::path &file);
/// Replaces the file as a whole. Errors: Unwritable.
Result<void> writeRecipe(const Recipe &recipe, std::string_view title, const std::filesystem::path &file);

} // namespace engine
