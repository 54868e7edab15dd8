// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quantization/attachedkernel_torch.h"
#include "engine/core/memory_torch.h"
#include <torch/torch.h>
#include <vector>

namespace engine {
namespace {

/// The gradient to write into, lying as the kernel does: the one that arrived, if nobody else can see it.
torch::Tensor exclusive(torch::Tensor gradient, at::MemoryFormat order)
{
    return gradient.is_contiguous(order) && isOnlyHandle(gradient) ? gradient : gradient.clone(order);
}

/// Not a torch::autograd::Function: that keeps handles to the arriving gradient, so that it would have to be
/// copied before anything can be added to it.
class AttachedKernel : public torch::autograd::Node {
public:
    AttachedKernel(std::span<const KernelPart> parts, at::MemoryFormat order, ForwardMode mode)
        : m_parts(parts.begin(), parts.end()), m_order{order}, m_mode{mode}
    {
    }

    std::string name() const override { return "AttachedKernel"; }

    torch::autograd::variable_list apply(torch::autograd::variable_list &&gradients) override
    {
        torch::Tensor gradient = exclusive(std::move(gradients[0]), m_order);
        torch::autograd::variable_list results{{}};
        std::int64_t channel = 0;
        for (const auto &[quantizer, strength] : m_parts) {
            const std::int64_t channels = quantizer->kernel().size(0);
            results.push_back(
                quantizer->passBack(m_mode, strength, m_parts.size() == 1 ? gradient : gradient.narrow(0, channel, channels)));
            channel += channels;
        }
        if (m_mode != ForwardMode::Committed) // else the latent weights rest
            results.front() = std::move(gradient);
        return results;
    }

private:
    std::vector<KernelPart> m_parts;
    at::MemoryFormat m_order;
    ForwardMode m_mode;
};

} // namespace

torch::Tensor joinParts(const torch::Tensor &kernel, std::span<const torch::Tensor> parts)
{
    return parts.size() == 1 ? parts.front()
                             : torch::cat(at::TensorList{parts.data(), parts.size()}).contiguous(kernel.suggest_memory_format());
}

torch::Tensor attachKernel(const torch::Tensor &kernel, std::span<const KernelPart> parts, ForwardMode mode)
{
    if (mode == ForwardMode::Float)
        return kernel;
    std::vector<torch::Tensor> snapped;
    for (const auto &part : parts) {
        if (mode != ForwardMode::Latent)
            snapped.push_back(part.quantizer->takeSnapped());
    }
    torch::Tensor values = mode == ForwardMode::Latent ? kernel.detach() : joinParts(kernel, snapped);
    if (torch::GradMode::is_enabled()) {
        torch::autograd::variable_list leaves{kernel};
        for (const auto &part : parts)
            leaves.push_back(part.quantizer->representatives());
        const std::shared_ptr<AttachedKernel> node{new AttachedKernel{parts, kernel.suggest_memory_format(), mode},
                                                   torch::autograd::deleteNode};
        node->set_next_edges(torch::autograd::collect_next_edges(at::ArrayRef<torch::Tensor>{leaves}));
        torch::autograd::create_gradient_edge(values, node);
    }
    return values;
}

} // namespace engine
