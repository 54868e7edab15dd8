// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/packedmodel.h"
#include "engine/core/result.h"
#include "engine/packing/unpackednetwork_torch.h"
#include <filesystem>

namespace engine {

/// Every tensor of the network under its name, kernels snapped, and for each layer NAME.codebook (k) float32
/// and NAME.indices uint8, in the layer's shape. The facts are the file's metadata. `unpacked`: of that
/// model. Errors: those of writeSafetensors.
Result<void> exportSafetensors(const PackedModel &model, const UnpackedNetwork &unpacked, const std::filesystem::path &file);

} // namespace engine
