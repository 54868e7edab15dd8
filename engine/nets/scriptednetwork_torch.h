// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include "engine/nets/network_torch.h"
#include "engine/plans/plan.h"
#include "engine/nets/scriptarchive_torch.h"
#include <filesystem>
#include <memory>
#include <torch/script.h>

namespace engine {

/// A network of the user's own: a TorchScript module, whose convolution and linear kernels are found in its code. Its
/// operations run one by one, never fused, so that a continued run has the bits of one that was not interrupted.
/// Buffers other than float32, int64 and uint8 are taken to be constant.
class ScriptedNetwork : public Network {
public:
    /// Loads the module from a file. It starts from the weights in the file; all its parameters train.
    /// Dropout draws from LibTorch's generator, whose state is this network's own between two calls: two
    /// scripted networks with dropout must not run at the same time in one program.
    /// Errors: NotFound; BadFormat where the file holds no module; Unsupported where the module cannot be
    /// trained, with the reason: other than float32 parameters, shared ones, no kernel, batch-norm or dropout
    /// fixed by tracing.
    static Result<std::unique_ptr<ScriptedNetwork>> load(const std::filesystem::path &file, std::uint64_t seed);

    /// The network of a snapshot: from the file, if it still holds the code that the snapshot keeps, else
    /// from that code, with made-up weights; the remark then says so. Where the kept code cannot be read it
    /// is the file's network, with a remark.
    /// Errors: BadFormat or those of `load` where neither can be used.
    static Result<std::unique_ptr<ScriptedNetwork>> restore(const std::filesystem::path &file, const KeptModule &kept, std::uint64_t seed);

    /// The network from such code alone, with made-up weights. Errors: BadFormat; those of `load`.
    static Result<std::unique_ptr<ScriptedNetwork>> fromCode(const KeptModule &kept, std::uint64_t seed);

    /// Needed once before `forward`: trains on two images without keeping what comes of it, and so finds the
    /// order of channels the code can work with, the momentum of each batch-norm, and kernels that no
    /// gradient reaches; those count as kernels no more.
    /// Errors: Unsupported where the code fails on such images or gives anything but (batch, classes) float32 logits,
    /// and where no kernel is left: a network always has one.
    Result<void> tryOut(const ImageShape &images, int classes);

    torch::Tensor forward(torch::Tensor images, const std::vector<torch::Tensor> &kernels, Mode mode) override;
    /// A copy of the module, in evaluation mode, whose parameters are these kernels (as `forward` takes them)
    /// and else its own.
    torch::jit::Module withKernels(const std::vector<torch::Tensor> &kernels) const;
    torch::Tensor randomState() const override { return m_randomState; }
    void setRandomState(const torch::Tensor &state) override { m_randomState = state.clone(); }
    /// Names a layer where its weights are not finite, or else the logits.
    std::string firstNonFinite(torch::Tensor images, const std::vector<torch::Tensor> &kernels) override;

private:
    /// The running statistics of one batch-norm.
    struct RunningStatistics {
        torch::Tensor mean, variance;
        torch::Tensor minibatches; ///< how many it has seen; may be missing
        double momentum = 0;       ///< share that a minibatch takes after `minibatches` was set to zero; 0: it takes none
    };

    explicit ScriptedNetwork(torch::jit::Module module) : m_module{std::move(module)} {}
    static Result<std::unique_ptr<ScriptedNetwork>> adopt(torch::jit::Module module, std::uint64_t seed);
    void adoptParameters(const std::vector<std::string> &kernels);
    void adoptBuffers();
    void layKernels(at::MemoryFormat order);
    Result<void> tryOnce(const torch::Tensor &images, int classes);
    void measureMomentum(const torch::Tensor &images);
    Result<void> leaveUnreachedFloat();
    void setMode(Mode mode);
    c10::IValue compute(const torch::Tensor &images, const std::vector<torch::Tensor> &kernels);
    torch::Tensor reestimate(const torch::Tensor &images, const std::vector<torch::Tensor> &kernels);

    torch::jit::Module m_module;
    std::vector<ScriptSlot> m_kernelSlots; // of the tensors that are kernels, float ones included
    std::vector<RunningStatistics> m_statistics;
    torch::Tensor m_randomState;
    at::MemoryFormat m_order = at::MemoryFormat::Contiguous;
};

} // namespace engine
