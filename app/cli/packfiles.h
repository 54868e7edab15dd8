// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cli/arguments.h"
#include "app/console/console.h"
#include "engine/coding/sizeaccount.h"
#include "engine/core/result.h"
#include <filesystem>

namespace app {

/// `condensate pack SNAPSHOT -o FILE`. Returns the exit code, as do the others.
int pack(const PackRequest &request, Console &console);
/// `condensate unpack FILE -o FILE.safetensors`
int unpack(const UnpackRequest &request, Console &console);
/// `condensate evaluate FILE`: loads the packed file and the data set, nothing else.
int evaluate(const EvaluateRequest &request, Console &console);

/// The packed file beside the snapshot that a run left: model.cnd for snapshot.h5, else of the snapshot's name.
std::filesystem::path packedBeside(const std::filesystem::path &snapshot);
/// Writes it. Errors: those of readSnapshot and packSnapshot.
engine::Result<engine::PackedSize> packBeside(const std::filesystem::path &snapshot);

} // namespace app
