// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include <cstdint>
#include <filesystem>

namespace engine {

/// Writes all weights and floats of a packed file as plain float32 tensors into a .safetensors file; a kernel
/// "features.0" is called "features.0.weight", as in the network. Returns the number of tensors. Takes memory
/// for both files.
/// Errors: those of PackedReader::open and writeSafetensors.
Result<std::size_t> writeUnpacked(const std::filesystem::path &packed, const std::filesystem::path &safetensors);

} // namespace engine
