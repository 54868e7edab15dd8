// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/training/kernellayers_torch.h"
#include "engine/quantization/attachedkernel_torch.h"
#include <algorithm>
#include <torch/torch.h>

namespace engine {

std::vector<KernelLayers> KernelLayers::divide(std::span<const torch::Tensor> kernels, std::span<const LayerInfo> layers,
                                               LayerQuantizers &quantizers)
{
    std::vector<KernelLayers> result;
    std::size_t layer = 0;
    for (const torch::Tensor &kernel : kernels) {
        KernelLayers of{.kernel = kernel, .first = layer, .count = 0};
        for (std::int64_t channel = 0; channel < kernel.size(0); ++layer, ++of.count) {
            const std::int64_t channels = layers[layer].shape.front();
            quantizers.push_back(std::make_unique<LayerQuantizer>(
                layers[layer], channels == kernel.size(0) ? kernel : kernel.detach().narrow(0, channel, channels)));
            channel += channels;
        }
        result.push_back(std::move(of));
    }
    return result;
}

torch::Tensor KernelLayers::attach(const LayerQuantizers &layers, ForwardMode mode, const StrengthOf &strength) const
{
    std::vector<KernelPart> parts;
    for (std::size_t layer = first; layer < first + count; ++layer)
        parts.push_back({layers[layer].get(), strength(layer)});
    return attachKernel(kernel, parts, mode);
}

torch::Tensor KernelLayers::snapped(const LayerQuantizers &layers) const
{
    std::vector<torch::Tensor> parts;
    for (std::size_t layer = first; layer < first + count; ++layer)
        parts.push_back(layers[layer]->snapped());
    return joinParts(kernel, parts);
}

void KernelLayers::beginSnapAhead(const LayerQuantizers &layers) const
{
    if (!kernel.grad().defined())
        return; // it will not move
    for (std::size_t layer = first; layer < first + count; ++layer)
        layers[layer]->beginSnapAhead(count == 1 ? kernel.grad() : torch::Tensor{});
}

void KernelLayers::snapAhead(const LayerQuantizers &layers, std::size_t from, std::size_t to) const
{
    std::size_t begin = 0; // of the layer's weights among the kernel's
    for (std::size_t layer = first; layer < first + count && begin < to; ++layer) {
        const std::size_t end = begin + layers[layer]->info().weightCount;
        if (end > from)
            layers[layer]->snapAhead(std::max(from, begin) - begin, std::min(to, end) - begin);
        begin = end;
    }
}

} // namespace engine
