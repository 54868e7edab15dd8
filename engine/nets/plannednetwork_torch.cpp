// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/nets/plannednetwork_torch.h"
#include "engine/nets/linear_torch.h"
#include "engine/nets/normrelu_torch.h"
#include <ATen/CPUGeneratorImpl.h>
#include <cmath>
#include <torch/torch.h>

namespace engine {

using Kind = Operation::Kind;

PlannedNetwork::PlannedNetwork(NetworkPlan plan, std::uint64_t seed)
    : m_plan{std::move(plan)}, m_generator{at::make_generator<at::CPUGeneratorImpl>(seed)}
{
    for (const auto &operation : m_plan.operations) {
        m_firstTensor.push_back(m_tensors.size());
        allocate(operation);
    }
}

void PlannedNetwork::allocate(const Operation &operation)
{
    auto add = [&](std::string_view suffix, Role role, torch::Tensor tensor) {
        const bool trained = role != Role::NormMean && role != Role::NormVariance;
        tensor.set_requires_grad(trained);
        m_tensors.push_back({operation.name + std::string{suffix}, role, std::move(tensor)});
    };
    if (operation.kind == Kind::BatchNormRelu) {
        add(".weight", Role::NormScale, torch::ones({operation.out}));
        add(".bias", Role::NormShift, torch::zeros({operation.out}));
        add(".running_mean", Role::NormMean, torch::zeros({operation.out}));
        add(".running_var", Role::NormVariance, torch::ones({operation.out}));
        return;
    }
    if (operation.kind != Kind::Convolution && operation.kind != Kind::Linear)
        return;
    const bool convolution = operation.kind == Kind::Convolution;
    const std::int64_t fanIn = convolution ? operation.in * operation.kernel * operation.kernel : operation.in;
    auto shape = convolution ? std::vector<std::int64_t>{operation.out, operation.in, operation.kernel, operation.kernel}
                             : std::vector<std::int64_t>{operation.out, operation.in};
    const bool last = &operation == &m_plan.operations.back(); // no rectifier follows
    const double deviation = std::sqrt((last ? 1.0 : 2.0) / static_cast<double>(fanIn));
    const auto order =
        convolution && m_plan.channelsLast ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous; // as its gradient comes
    add(".weight", Role::Kernel, torch::empty(shape).normal_(0.0, deviation, m_generator).contiguous(order));
    if (operation.bias)
        add(".bias", Role::Bias, torch::zeros({operation.out}));
}

torch::Tensor PlannedNetwork::kernelOf(std::size_t operation, const std::vector<torch::Tensor> &kernels, std::size_t &next) const
{
    const NamedTensor &own = m_tensors[m_firstTensor[operation]];
    return own.role == Role::FloatKernel ? own.tensor : kernels.at(next++);
}

torch::Tensor PlannedNetwork::randomState() const { return m_generator.get_state(); }

void PlannedNetwork::setRandomState(const torch::Tensor &state) { m_generator.set_state(state); }

torch::Tensor PlannedNetwork::normRelu(const torch::Tensor &x, std::size_t firstTensor, Mode mode)
{
    const NormTensors norm{m_tensors[firstTensor].tensor, m_tensors[firstTensor + 1].tensor, m_tensors[firstTensor + 2].tensor,
                           m_tensors[firstTensor + 3].tensor};
    const double momentum = mode == Mode::Reestimate ? 1.0 / (m_reestimated + 1) : 0.1;
    if (mode != Mode::Evaluate && canFuseNormRelu(x))
        return batchNormRelu(x, norm, momentum, kNormEpsilon);
    return torch::batch_norm(x, norm.scale, norm.shift, norm.runningMean, norm.runningVariance, mode != Mode::Evaluate, momentum,
                             kNormEpsilon, false)
        .relu_();
}

torch::Tensor PlannedNetwork::dropout(const torch::Tensor &x, double rate)
{
    return x * torch::empty_like(x).bernoulli_(1.0 - rate, m_generator).div_(1.0 - rate);
}

torch::Tensor PlannedNetwork::runThrough(torch::Tensor x, const std::vector<torch::Tensor> &kernels, Mode mode,
                                  const AfterOperation &after)
{
    if (m_plan.channelsLast)
        x = x.contiguous(at::MemoryFormat::ChannelsLast);
    std::size_t layer = 0;
    for (std::size_t i = 0; i < m_plan.operations.size(); ++i) {
        const Operation &operation = m_plan.operations[i];
        const auto bias = [&] { return operation.bias ? m_tensors[m_firstTensor[i] + 1].tensor : torch::Tensor{}; };
        switch (operation.kind) {
        case Kind::Convolution:
            x = torch::conv2d(x, kernelOf(i, kernels, layer), bias(), operation.stride, operation.padding);
            break;
        case Kind::Linear: x = applyLinear(x, kernelOf(i, kernels, layer), bias()); break;
        case Kind::BatchNormRelu: x = normRelu(x, m_firstTensor[i], mode); break;
        case Kind::Relu: x = x.relu_(); break;
        case Kind::MaxPool: x = torch::max_pool2d(x, operation.kernel, operation.stride, 0, 1, /*ceil_mode=*/true); break;
        case Kind::Flatten: x = x.flatten(1); break;
        case Kind::Dropout:
            if (mode == Mode::Train)
                x = dropout(x, operation.rate);
            break;
        }
        if (after && !after(operation, x))
            return x;
    }
    return x;
}

torch::Tensor PlannedNetwork::forward(torch::Tensor images, const std::vector<torch::Tensor> &kernels, Mode mode)
{
    torch::Tensor logits = runThrough(std::move(images), kernels, mode, {});
    if (mode == Mode::Reestimate)
        ++m_reestimated;
    return logits;
}

std::string PlannedNetwork::firstNonFinite(torch::Tensor images, const std::vector<torch::Tensor> &kernels)
{
    torch::NoGradGuard noGradient;
    std::string found;
    runThrough(std::move(images), kernels, Mode::Evaluate, [&](const Operation &operation, const torch::Tensor &x) {
        if (!torch::isfinite(x).all().item<bool>())
            found = operation.name;
        return found.empty();
    });
    return found;
}

} // namespace engine
