// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/nets/plan.h"
#include <functional>
#include <span>
#include <string>
#include <torch/types.h>
#include <vector>

namespace engine {

/// A network with its tensors. Owned by the training thread.
class Network {
public:
    enum class Role { Kernel, FloatKernel, Bias, NormScale, NormShift, NormMean, NormVariance };
    struct NamedTensor {
        std::string name; ///< e.g. "features.0.weight", "features.1.running_mean"
        Role role;
        torch::Tensor tensor; ///< parameters require a gradient, statistics do not
    };
    /// How forward treats batch-norm and dropout.
    enum class Mode {
        Train,     ///< batch statistics, running ones follow with momentum 0.1; dropout on
        Evaluate,  ///< running statistics; dropout off
        Reestimate ///< batch statistics; running ones become the mean over the calls since `beginReestimation`; dropout off
    };

    /// Allocates and initialises: He normal for kernels before a rectifier, zero biases, unit batch-norm.
    /// All random numbers, now and in dropout, come from a generator of its own seeded with `seed`.
    Network(NetworkPlan plan, std::uint64_t seed);

    /// The kernels of these layers of the plan become FloatKernels: no longer among `kernels`, computed with as they are.
    void keepFloat(std::span<const std::string> layers);

    /// Logits (batch, classes) of images (batch, channels, height, width). `kernels`: the weights to compute with, one for
    /// each Kernel in order: the parameters themselves or what a quantizer made of them.
    torch::Tensor forward(torch::Tensor images, const std::vector<torch::Tensor> &kernels, Mode mode);
    void beginReestimation() noexcept { m_reestimated = 0; }

    const NetworkPlan &plan() const noexcept { return m_plan; }
    std::vector<torch::Tensor> kernels() const;                 ///< the parameters, by LayerId
    std::vector<NamedTensor> &tensors() noexcept { return m_tensors; } ///< all, forward order
    const std::vector<NamedTensor> &tensors() const noexcept { return m_tensors; }
    torch::Tensor randomState() const;                          ///< (bytes) uint8
    void setRandomState(const torch::Tensor &state);

    /// Name of the first operation whose output is not finite in evaluation mode, or empty.
    std::string firstNonFinite(torch::Tensor images, const std::vector<torch::Tensor> &kernels);

private:
    using AfterOperation = std::function<bool(const Operation &, const torch::Tensor &)>; // false: stop
    void allocate(const Operation &operation);
    torch::Tensor runThrough(torch::Tensor x, const std::vector<torch::Tensor> &kernels, Mode mode, const AfterOperation &after);
    torch::Tensor kernelOf(std::size_t operation, const std::vector<torch::Tensor> &kernels, std::size_t &next) const;
    torch::Tensor normRelu(const torch::Tensor &x, std::size_t firstTensor, Mode mode);
    torch::Tensor dropout(const torch::Tensor &x, double rate);

    NetworkPlan m_plan;
    std::vector<NamedTensor> m_tensors;
    std::vector<std::size_t> m_firstTensor; // of each operation
    at::Generator m_generator;
    int m_reestimated = 0;
};

} // namespace engine
