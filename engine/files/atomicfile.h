// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace engine {

/// Puts `bytes` under the name `file`, which at any moment is either the old or the complete new one, also after a
/// power cut: written to `file` + ".part", synced, renamed, folder synced. After a failure the .part is gone.
/// What `file` was before is kept under the name `previous`, unless that is empty: once the new one is whole, and
/// without a moment in which there is neither.
/// Errors: Unwritable, naming the path and the cause.
Result<void> replaceFile(const std::filesystem::path &file, std::span<const std::byte> bytes,
                         const std::filesystem::path &previous = {});

/// The path in quotes, control characters as '?'.
std::string inQuotes(const std::filesystem::path &path);

} // namespace engine
