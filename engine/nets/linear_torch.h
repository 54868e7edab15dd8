// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <torch/types.h>

namespace engine {

/// x Wᵀ + b as torch::linear gives it, forward and backward, bit by bit, but for where the gradient of W
/// lies: in the place of W, if nobody holds W any more when it arrives. That is so for the snapped values of
/// a kernel, which serve one step; the gradient of a large layer then takes no memory of its own. x: (batch,
/// in); W: (out, in); b: (out) or undefined. Backward once.
torch::Tensor applyLinear(const torch::Tensor &x, const torch::Tensor &kernel, const torch::Tensor &bias);

} // namespace engine
