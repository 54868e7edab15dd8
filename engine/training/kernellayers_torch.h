// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/quantization/layerquantizer_torch.h"
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <torch/types.h>
#include <vector>

namespace engine {

using LayerQuantizers = std::vector<std::unique_ptr<LayerQuantizer>>; ///< by LayerId; their address is known to the graph

/// A kernel of the network and the layers over it: one, or several with a range of its output channels each.
struct KernelLayers {
    torch::Tensor kernel; ///< the parameter
    std::size_t first = 0, count = 0; ///< places of its layers

    /// Makes the quantizers of all layers. Requires: `layers` divide the kernels, in order.
    static std::vector<KernelLayers> divide(std::span<const torch::Tensor> kernels, std::span<const LayerInfo> layers,
                                            LayerQuantizers &quantizers);

    using StrengthOf = std::function<RegularizerStrength(std::size_t layer)>;
    torch::Tensor attach(const LayerQuantizers &layers, ForwardMode mode, const StrengthOf &strength) const; ///< see attachKernel
    torch::Tensor snapped(const LayerQuantizers &layers) const;                                             ///< ŵ
    /// LayerQuantizer::beginSnapAhead in place of the kernel's gradient, or, where several layers divide the
    /// kernel, in memory of their own. Without a gradient, nothing: such a kernel will not move, nor be
    /// reported.
    void beginSnapAhead(const LayerQuantizers &layers) const;
    /// LayerQuantizer::snapAhead for weights [from, to) of the kernel.
    void snapAhead(const LayerQuantizers &layers, std::size_t from, std::size_t to) const;
};

} // namespace engine
