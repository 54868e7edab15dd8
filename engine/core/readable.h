// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include <filesystem>
#include <string_view>

namespace engine {

/// Whether `file` can be opened and holds anything, for libraries that would tell of another trouble. The sentence
/// reads "SUBJECT: expected EXPECTED, found none." or what is there instead. Errors: NotFound; Unreadable for folders,
/// pipes, devices, and where it may not be read; BadFormat for empty files.
Result<void> checkReadable(const std::filesystem::path &file, std::string_view subject, std::string_view expected);

} // namespace engine
