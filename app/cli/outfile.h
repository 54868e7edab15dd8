// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include <filesystem>

namespace app {

/// Finds out whether a command can write `out`, the file behind its -o, made from `source`, before hours are spent.
/// Errors: BadValue, for a folder, a file in a folder that is not there, or `source` itself, which would be lost. Of a
/// source that is not there whoever reads it tells.
engine::Result<void> checkOut(const std::filesystem::path &out, const std::filesystem::path &source);

} // namespace app
