// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <torch/types.h>

namespace engine {

/// The tensors of a batch-norm, (channels) float32 each.
struct NormTensors {
    torch::Tensor scale, shift;                 ///< trained
    torch::Tensor runningMean, runningVariance; ///< follow the minibatches
};

/// Whether oneDNN has a fast routine for `x`: four dimensions, float32, channels side by side, on a
/// processor, and more than one value a channel.
bool canFuseNormRelu(const torch::Tensor &x);

/// max(0, batch_norm(x)) with the minibatch's own statistics, by oneDNN's routine that does both in one go, forward and
/// backward. Same mathematics as LibTorch's two operations, values up to rounding; what is not a number stays so. The
/// running statistics take the share `momentum` of the minibatch's mean and unbiased variance, as LibTorch's do.
/// x: (batch, channels, height, width) for which canFuseNormRelu holds.
torch::Tensor batchNormRelu(const torch::Tensor &x, const NormTensors &norm, double momentum, double epsilon);

} // namespace engine
