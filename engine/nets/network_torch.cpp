// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/nets/network_torch.h"
#include <algorithm>
#include <torch/torch.h>

namespace engine {

std::string Network::NamedTensor::layer() const
{
    constexpr std::string_view suffix = ".weight";
    return name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size()) : name;
}

void Network::keepFloat(std::span<const std::string> layers)
{
    for (auto &entry : m_tensors) {
        if (entry.role == Role::Kernel && std::ranges::find(layers, entry.layer()) != layers.end())
            entry.role = Role::FloatKernel;
    }
}

std::vector<LayerInfo> Network::layers() const
{
    std::vector<LayerInfo> result;
    for (const auto &entry : m_tensors) {
        if (entry.isKernel())
            result.push_back({.id = LayerId{static_cast<std::uint16_t>(result.size())},
                              .name = entry.layer(),
                              .kind = entry.tensor.dim() > 2 ? "conv" : "linear",
                              .shape = entry.tensor.sizes().vec(),
                              .weightCount = static_cast<std::uint64_t>(entry.tensor.numel())});
    }
    return result;
}

std::vector<std::string> Network::layerNames() const
{
    std::vector<std::string> names;
    for (const auto &entry : m_tensors) {
        if (entry.isKernel())
            names.push_back(entry.layer());
    }
    return names;
}

std::uint64_t Network::floatParameters() const
{
    std::uint64_t total = 0;
    for (const auto &entry : m_tensors) {
        if (!entry.isKernel() && entry.tensor.is_floating_point())
            total += static_cast<std::uint64_t>(entry.tensor.numel());
    }
    return total;
}

std::vector<torch::Tensor> Network::kernels() const
{
    std::vector<torch::Tensor> result;
    for (const auto &entry : m_tensors) {
        if (entry.role == Role::Kernel)
            result.push_back(entry.tensor);
    }
    return result;
}

} // namespace engine
