// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/packedmodel.h"
#include "engine/core/result.h"
#include <filesystem>

namespace engine {

/// The network as an ONNX graph (opset 13) from "images" (batch, channels, height, width), normalised, to
/// "logits" (batch, classes). Each kernel is a codebook float32 and indices uint8, a byte a weight, which
/// Cast and Gather turn into weights; those of ranges of channels are put together by Concat. Batch-norm
/// computes with its running statistics, dropout does nothing and is left out.
/// Source: https://github.com/onnx/onnx/blob/v1.12.0/docs/Operators.md
/// Requires: a built-in network that unpackNetwork accepts. Errors: Unsupported for one of more than 2 GB,
/// which the format cannot hold; Unwritable.
Result<void> exportOnnx(const PackedModel &model, const std::filesystem::path &file);

} // namespace engine
