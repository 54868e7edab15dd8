// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include "engine/storage/snapshot.h"
#include <filesystem>
#include <map>
#include <span>
#include <string>

namespace engine {

/// Writes a .safetensors file (see safetensors.h for the format): float32 as F32, int64 as I64, uint8 as U8,
/// the widest first, so that every value is aligned. `metadata`: text under names, any reader's; what is no
/// UTF-8 is replaced. The file is the old or the complete new one, see replaceFile; memory for all values is
/// taken once more.
/// Errors: BadValue where two tensors have one name, or a shape does not fit its bytes; Unwritable, naming
/// the path and the cause.
Result<void> writeSafetensors(std::span<const NamedArray> tensors, const std::map<std::string, std::string> &metadata,
                              const std::filesystem::path &file);

} // namespace engine
