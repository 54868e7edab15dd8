// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/nets/keptstatistics_torch.h"
#include <torch/torch.h>

namespace engine {

KeptStatistics::KeptStatistics(Network &network)
{
    for (const auto &entry : network.tensors()) {
        if (!entry.isTrained())
            m_kept.emplace_back(entry.tensor, entry.tensor.clone());
    }
}

void KeptStatistics::renew()
{
    torch::NoGradGuard noGradient;
    for (auto &[tensor, kept] : m_kept)
        kept.copy_(tensor);
}

void KeptStatistics::putBack() const
{
    torch::NoGradGuard noGradient;
    for (const auto &[tensor, kept] : m_kept)
        torch::Tensor{tensor}.copy_(kept);
}

} // namespace engine
