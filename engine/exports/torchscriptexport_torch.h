// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/packedmodel.h"
#include "engine/core/result.h"
#include "engine/packing/unpackednetwork_torch.h"
#include <filesystem>

namespace engine {

/// The network as a TorchScript module, in evaluation mode, from normalised images (batch, channels, height,
/// width) to logits (batch, classes). The facts go along as the extra file condensate.json. A built-in
/// network becomes code with the operations of its plan, its tensors under the names they have in the
/// network, and attributes mean, std, classes and input_shape; of a network of the user's own it is the
/// user's module with snapped kernels. On the same machine and LibTorch, with as many threads, its logits are
/// those of the engine bit for bit. `unpacked`: of that model. Errors: Unsupported where LibTorch cannot
/// write the module, Unwritable.
Result<void> exportTorchScript(const PackedModel &model, const UnpackedNetwork &unpacked, const std::filesystem::path &file);

} // namespace engine
