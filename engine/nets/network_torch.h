// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/frame/frame.h"
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <torch/types.h>
#include <vector>

namespace engine {

/// What a snapshot keeps of a network whose plan it does not know by name.
struct KeptModule {
    std::span<const std::byte> code; ///< see Network::code; empty: none
    std::uint64_t values = 0;        ///< of all the network's tensors in the snapshot: code that asks for more parameters is refused
};

/// A network with its tensors. Owned by the training thread. Two kinds exist: PlannedNetwork and ScriptedNetwork.
class Network {
public:
    enum class Role {
        Kernel,      ///< quantized
        FloatKernel, ///< would be, but is computed with as it is
        Bias, NormScale, NormShift,
        OtherTrained, ///< a parameter that is none of these
        NormMean, NormVariance,
        OtherBuffer ///< a state that is not trained
    };
    struct NamedTensor {
        std::string name; ///< e.g. "features.0.weight", "features.1.running_mean"
        Role role;
        torch::Tensor tensor; ///< parameters require a gradient, statistics and buffers do not

        bool isTrained() const noexcept { return role < Role::NormMean; }
        bool isKernel() const noexcept { return role == Role::Kernel || role == Role::FloatKernel; }
        std::string layer() const; ///< of a kernel: its name without ".weight"
    };
    /// How forward treats batch-norm and dropout.
    enum class Mode {
        Train,     ///< batch statistics, running ones follow with their momentum; dropout on
        Evaluate,  ///< running statistics; dropout off
        Reestimate ///< batch statistics; running ones become the mean over the calls since `beginReestimation`; dropout off
    };

    virtual ~Network() = default;

    /// Logits (batch, classes) of images (batch, channels, height, width). `kernels`: the weights to compute
    /// with, one for each Kernel in order: the parameters themselves or what a quantizer made of them.
    virtual torch::Tensor forward(torch::Tensor images, const std::vector<torch::Tensor> &kernels, Mode mode) = 0;
    void beginReestimation() noexcept { m_reestimated = 0; }

    /// What dropout draws from. (bytes) uint8
    virtual torch::Tensor randomState() const = 0;
    virtual void setRandomState(const torch::Tensor &state) = 0;

    /// From what a snapshot can make the network again without its file; empty where that takes no more than a name.
    std::span<const std::byte> code() const noexcept { return m_code; }
    /// What a user should know of how the network was made; a sentence, mostly none.
    const std::string &remark() const noexcept { return m_remark; }

    /// Where a value that is not finite appears first in evaluation mode, or empty.
    virtual std::string firstNonFinite(torch::Tensor images, const std::vector<torch::Tensor> &kernels) = 0;

    /// The kernels of these layers become FloatKernels: no longer among `kernels`, computed with as they are.
    void keepFloat(std::span<const std::string> layers);

    std::vector<LayerInfo> layers() const;                      ///< every kernel, float ones included, in forward order
    std::vector<std::string> layerNames() const;                ///< of all these
    std::uint64_t floatParameters() const;                      ///< values of all tensors that are no kernels
    std::vector<torch::Tensor> kernels() const;                 ///< the parameters, by LayerId
    std::vector<NamedTensor> &tensors() noexcept { return m_tensors; } ///< all; kernels in forward order
    const std::vector<NamedTensor> &tensors() const noexcept { return m_tensors; }

protected:
    std::vector<NamedTensor> m_tensors;
    std::vector<std::byte> m_code;
    std::string m_remark;
    int m_reestimated = 0; ///< calls since beginReestimation
};

} // namespace engine
