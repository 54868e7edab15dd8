// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/quantization/layerquantizer_torch.h"
#include <span>
#include <torch/types.h>

namespace engine {

/// A kernel's output channels, or a range of them, and how they are quantized.
struct KernelPart {
    LayerQuantizer *quantizer;
    RegularizerStrength strength;
};

/// The weights that a kernel's layer computes with, as one node of the graph; see LayerQuantizer::attach.
/// `parts`: the kernel whole, or ranges of its output channels that follow each other and together are all of
/// it; each with quantizers over views of the kernel's memory. They must outlive the graph.
torch::Tensor attachKernel(const torch::Tensor &kernel, std::span<const KernelPart> parts, ForwardMode mode);

/// The parts' ŵ side by side, as a plain tensor like the kernel.
torch::Tensor joinParts(const torch::Tensor &kernel, std::span<const torch::Tensor> parts);

} // namespace engine
