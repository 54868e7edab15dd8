// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/nets/network_torch.h"
#include "engine/plans/plan.h"
#include <functional>

namespace engine {

/// A built-in network, made from its plan.
class PlannedNetwork : public Network {
public:
    /// Allocates and initialises: He normal for kernels before a rectifier, zero biases, unit batch-norm,
    /// whose momentum is 0.1. All random numbers, now and in dropout, come from a generator of its own seeded
    /// with `seed`.
    PlannedNetwork(NetworkPlan plan, std::uint64_t seed);

    torch::Tensor forward(torch::Tensor images, const std::vector<torch::Tensor> &kernels, Mode mode) override;
    torch::Tensor randomState() const override;
    void setRandomState(const torch::Tensor &state) override;
    /// Names the operation.
    std::string firstNonFinite(torch::Tensor images, const std::vector<torch::Tensor> &kernels) override;

private:
    using AfterOperation = std::function<bool(const Operation &, const torch::Tensor &)>; // false: stop
    void allocate(const Operation &operation);
    torch::Tensor runThrough(torch::Tensor x, const std::vector<torch::Tensor> &kernels, Mode mode, const AfterOperation &after);
    torch::Tensor kernelOf(std::size_t operation, const std::vector<torch::Tensor> &kernels, std::size_t &next) const;
    torch::Tensor normRelu(const torch::Tensor &x, std::size_t firstTensor, Mode mode);
    torch::Tensor dropout(const torch::Tensor &x, double rate);

    NetworkPlan m_plan;
    std::vector<std::size_t> m_firstTensor; // of each operation
    at::Generator m_generator;
};

} // namespace engine
