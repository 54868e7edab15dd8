// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/packedfile.h"
#include "engine/coding/sizeaccount.h"
#include <string>

namespace engine {

/// What `condensate info FILE` prints of a packed file: network, data and accuracies; a line for each layer
/// (weights, k, representatives in use, order-0 entropy in bits a weight, coder, bytes of codes, tables,
/// codebook and head, share of the file); the bytes of the file by purpose; ratio on disk and both
/// theoretical ones. UTF-8, lines end in '\n' but the last.
std::string describePacked(const PackedContents &contents);

/// The same and more for programs (`info --json`): one JSON object, indented. Keys are stable; new ones may come.
std::string packedToJson(const PackedContents &contents);

/// One line: bytes, ratio on disk, bits a weight, as `pack` and `train` tell them.
std::string summaryOf(const PackedSize &size);

} // namespace engine
