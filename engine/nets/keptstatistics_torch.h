// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/nets/network_torch.h"
#include <torch/types.h>
#include <utility>
#include <vector>

namespace engine {

/// A copy of all that a network keeps beside what is trained: running statistics of batch-norm and other buffers. For
/// those who measure or step, and must be able to put them back. The network outlives it.
class KeptStatistics {
public:
    explicit KeptStatistics(Network &network);

    bool isEmpty() const noexcept { return m_kept.empty(); }
    void renew();         ///< keeps what they are now
    void putBack() const;

private:
    std::vector<std::pair<torch::Tensor, torch::Tensor>> m_kept; // the network's, and what it was
};

} // namespace engine
