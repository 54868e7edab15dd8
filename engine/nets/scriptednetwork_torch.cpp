// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/nets/scriptednetwork_torch.h"
#include "engine/nets/scriptarchive_torch.h"
#include "engine/nets/scriptgraph_torch.h"
#include <ATen/CPUGeneratorImpl.h>
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <mutex>
#include <ranges>
#include <set>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/torch.h>

namespace engine {
namespace {

constexpr std::int64_t kChannelsThatFillVectors = 32;

std::unexpected<Error> unusable(std::string_view expected, std::string_view found)
{
    return fail(ErrorCode::Unsupported, fmt::format("TorchScript network: expected {}, found {}.", expected, found));
}

std::string_view lastPart(std::string_view name) { return name.substr(name.rfind('.') + 1); }

Network::Role roleOf(std::string_view name, const torch::Tensor &parameter)
{
    const auto part = lastPart(name);
    if (part == "bias")
        return Network::Role::Bias;
    return part == "weight" && parameter.dim() == 1 ? Network::Role::NormScale : Network::Role::OtherTrained;
}

Network::Role roleOfBuffer(std::string_view name)
{
    const auto part = lastPart(name);
    return part == "running_mean"  ? Network::Role::NormMean
           : part == "running_var" ? Network::Role::NormVariance
                                   : Network::Role::OtherBuffer;
}

/// To what it was before float32 took its last digits, whatever the weights of the trial.
double rounded(double momentum)
{
    constexpr double kSteps = 1e6;
    return std::round(momentum * kSteps) / kSteps;
}

/// Values that differ from each other, the same each time.
torch::Tensor sampleImages(const ImageShape &shape)
{
    return torch::linspace(-1, 1, 2 * shape.channels * shape.height * shape.width).view({2, shape.channels, shape.height, shape.width});
}

Result<void> checkModule(const torch::jit::Module &module)
{
    const auto method = module.find_method("forward");
    if (!method)
        return unusable("a module with a function forward", "none");
    const auto &arguments = method->function().getSchema().arguments();
    const auto needed = std::ranges::count_if(arguments, [](const c10::Argument &argument) { return !argument.default_value(); });
    if (needed != 2) // the module itself is the first
        return unusable("forward to take one tensor of images", fmt::format("{} arguments", needed - 1));
    std::set<const void *> seen;
    for (const auto &parameter : module.named_parameters()) {
        if (parameter.value.scalar_type() != torch::kFloat32)
            return unusable("float32 parameters",
                            fmt::format("{} of type {}", parameter.name, c10::toString(parameter.value.scalar_type())));
        if (parameter.value.numel() > 0 && !seen.insert(parameter.value.data_ptr()).second)
            return unusable("parameters of their own", parameter.name + ", which shares its values with another");
    }
    return {};
}

} // namespace

Result<std::unique_ptr<ScriptedNetwork>> ScriptedNetwork::load(const std::filesystem::path &file, std::uint64_t seed)
{
    auto module = loadModule(file);
    if (!module)
        return std::unexpected(module.error());
    return adopt(*std::move(module), seed);
}

Result<std::unique_ptr<ScriptedNetwork>> ScriptedNetwork::restore(const std::filesystem::path &file, const KeptModule &kept,
                                                                  std::uint64_t seed)
{
    auto fromFile = load(file, seed);
    if (fromFile && std::ranges::equal((*fromFile)->code(), kept.code))
        return fromFile;
    auto network = fromCode(kept, seed);
    if (!network && !fromFile)
        return fail(ErrorCode::BadFormat, fmt::format("{} is gone or cannot be used, nor can the code of it that the snapshot keeps: {}",
                                                      file.string(), network.error().text));
    if (!network) {
        (*fromFile)->m_remark =
            fmt::format("The code that the snapshot keeps of the network cannot be used; the network is that of {}.", file.string());
        return fromFile;
    }
    const std::string_view why = fromFile                        ? "holds another network by now"
                                 : std::filesystem::exists(file) ? "cannot be used any more"
                                                                 : "is gone";
    (*network)->m_remark = fmt::format("{} {}; the run goes on with the code that the snapshot keeps.", file.string(), why);
    return network;
}

Result<std::unique_ptr<ScriptedNetwork>> ScriptedNetwork::fromCode(const KeptModule &kept, std::uint64_t seed)
{
    auto module = readKept(kept);
    auto network = module ? adopt(*std::move(module), seed) : std::unexpected(module.error());
    if (network)
        (*network)->m_code.assign(kept.code.begin(), kept.code.end());
    return network;
}

Result<std::unique_ptr<ScriptedNetwork>> ScriptedNetwork::adopt(torch::jit::Module module, std::uint64_t seed)
{
    if (auto good = checkModule(module); !good)
        return std::unexpected(good.error());
    const ScriptGraph graph = readGraph(module);
    if (!graph.fixedOperation.empty())
        return unusable("batch-norm and dropout that follow train() and eval()",
                        graph.fixedOperation + " in the one state that tracing gave it; export the module with torch.jit.script");
    if (graph.kernels.empty())
        return unusable("at least one convolution or linear kernel that is a parameter",
                        "none; freezing, for one, makes constants of them");
    std::unique_ptr<ScriptedNetwork> network{new ScriptedNetwork{std::move(module)}};
    if (auto code = codeOf(network->m_module))
        network->m_code = *std::move(code);
    else
        network->m_remark = fmt::format(
            "Snapshots cannot keep the code of this network ({}); a run goes on from one only while the network's file is there.",
            code.error().text);
    network->m_randomState = at::make_generator<at::CPUGeneratorImpl>(seed).get_state();
    network->adoptParameters(graph.kernels);
    return network;
}

void ScriptedNetwork::adoptParameters(const std::vector<std::string> &kernels)
{
    m_tensors.clear();
    m_kernelSlots.clear();
    const auto adopt = [&](const std::string &name, Role role) {
        torch::Tensor value = slotOf(m_module, name).tensor().detach().contiguous().set_requires_grad(true);
        slotOf(m_module, name).set(value);
        m_tensors.push_back({name, role, std::move(value)});
    };
    for (const auto &name : kernels) {
        adopt(name, Role::Kernel);
        m_kernelSlots.push_back(slotOf(m_module, name));
    }
    for (const auto &parameter : m_module.named_parameters()) {
        if (std::ranges::find(kernels, parameter.name) == kernels.end())
            adopt(parameter.name, roleOf(parameter.name, parameter.value));
    }
    adoptBuffers();
}

void ScriptedNetwork::adoptBuffers()
{
    m_statistics.clear();
    std::map<std::string, torch::Tensor> buffers;
    for (const auto &buffer : m_module.named_buffers()) {
        const auto type = buffer.value.scalar_type();
        if (type != torch::kFloat32 && type != torch::kInt64 && type != torch::kUInt8)
            continue;
        m_tensors.push_back({buffer.name, roleOfBuffer(buffer.name), buffer.value});
        buffers.emplace(buffer.name, buffer.value);
    }
    for (const auto &[name, mean] : buffers) {
        const std::string owner = name.substr(0, name.size() - lastPart(name).size());
        const auto variance = buffers.find(owner + "running_var"), minibatches = buffers.find(owner + "num_batches_tracked");
        if (lastPart(name) == "running_mean" && variance != buffers.end())
            m_statistics.push_back({.mean = mean, .variance = variance->second,
                                    .minibatches = minibatches == buffers.end() ? torch::Tensor{} : minibatches->second, .momentum = 0});
    }
}

void ScriptedNetwork::layKernels(at::MemoryFormat order)
{
    m_order = order;
    for (std::size_t i = 0; i < m_kernelSlots.size(); ++i) {
        torch::Tensor &kernel = m_tensors[i].tensor;
        if (kernel.dim() == 4)
            kernel = kernel.detach().contiguous(order).set_requires_grad(true);
        m_kernelSlots[i].set(kernel);
    }
}

Result<void> ScriptedNetwork::tryOut(const ImageShape &shape, int classes)
{
    const torch::Tensor images = sampleImages(shape), randomState = m_randomState;
    std::vector<torch::Tensor> before; // a trial leaves no trace
    for (const auto &entry : m_tensors)
        before.push_back(entry.tensor.detach().clone());
    const bool wide = std::ranges::any_of(
        kernels(), [](const torch::Tensor &kernel) { return kernel.dim() == 4 && kernel.size(0) >= kChannelsThatFillVectors; });
    layKernels(wide ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous);
    auto tried = tryOnce(images, classes);
    if (!tried && wide) { // a view, perhaps, that the order of channels does not allow
        layKernels(at::MemoryFormat::Contiguous);
        tried = tryOnce(images, classes);
    }
    if (!tried)
        return tried;
    measureMomentum(images);
    torch::NoGradGuard noGradient;
    for (std::size_t i = 0; i < m_tensors.size(); ++i)
        m_tensors[i].tensor.copy_(before[i]);
    m_randomState = randomState;
    return leaveUnreachedFloat();
}

Result<void> ScriptedNetwork::tryOnce(const torch::Tensor &images, int classes)
{
    const torch::AutoGradMode withGradients{true}; // whatever the caller is about
    try {
        setMode(Mode::Train);
        const c10::IValue output = compute(images, kernels());
        if (!output.isTensor() || output.toTensor().dim() != 2 || output.toTensor().size(0) != images.size(0) ||
            output.toTensor().scalar_type() != torch::kFloat32)
            return unusable("logits of shape (images, classes) in float32",
                            output.isTensor() ? fmt::format("shape ({})", fmt::join(output.toTensor().sizes().vec(), ", "))
                                              : "a " + output.tagKind());
        const torch::Tensor logits = output.toTensor();
        if (logits.size(1) != classes)
            return unusable(fmt::format("{} logits, one for each class of the images", classes), std::to_string(logits.size(1)));
        logits.sum().backward();
        return {};
    } catch (const std::exception &thrown) {
        return unusable(fmt::format("a module that can train on images of {}×{}×{}", images.size(1), images.size(2), images.size(3)),
                        "an error: " + reasonOf(thrown));
    }
}

/// Where no gradient comes there is nothing to balance the regularizer with.
Result<void> ScriptedNetwork::leaveUnreachedFloat()
{
    std::vector<std::string> reached;
    for (std::size_t i = 0; i < m_kernelSlots.size(); ++i) {
        if (m_tensors[i].tensor.grad().defined())
            reached.push_back(m_tensors[i].name);
    }
    const bool all = reached.size() == m_kernelSlots.size();
    for (auto &entry : m_tensors)
        entry.tensor.mutable_grad().reset();
    if (reached.empty())
        return unusable("at least one convolution or linear kernel that a gradient reaches", "none, so that there is nothing to quantize");
    if (all)
        return {};
    const auto statistics = m_statistics;
    adoptParameters(reached);
    layKernels(m_order);
    m_statistics = statistics;
    return {};
}

/// From two minibatches that differ in the statistics before them alone.
void ScriptedNetwork::measureMomentum(const torch::Tensor &images)
{
    torch::NoGradGuard noGradient;
    setMode(Mode::Reestimate);
    std::vector<torch::Tensor> fromZero;
    for (const double start : {0.0, 1.0}) {
        for (auto &norm : m_statistics) {
            norm.mean.fill_(start);
            if (norm.minibatches.defined())
                norm.minibatches.zero_();
        }
        compute(images, kernels());
        for (std::size_t i = 0; i < m_statistics.size(); ++i) {
            auto &norm = m_statistics[i];
            if (start == 0.0)
                fromZero.push_back(norm.mean.clone());
            else // where least is rounded
                norm.momentum = rounded(1.0 - (norm.mean - fromZero[i])[fromZero[i].abs().argmin()].item<double>());
        }
    }
}

void ScriptedNetwork::setMode(Mode mode)
{
    for (auto part : m_module.modules()) {
        if (part.hasattr("training"))
            part.setattr("training", mode == Mode::Train || (mode == Mode::Reestimate && part.hasattr("running_mean")));
    }
}

c10::IValue ScriptedNetwork::compute(const torch::Tensor &images, const std::vector<torch::Tensor> &kernels)
{
    const std::shared_ptr<void> putBack{nullptr, [this](void *) {
        for (std::size_t i = 0; i < m_kernelSlots.size(); ++i)
            m_kernelSlots[i].set(m_tensors[i].tensor);
    }};
    std::size_t next = 0;
    for (std::size_t i = 0; i < m_kernelSlots.size(); ++i) {
        if (m_tensors[i].role == Role::Kernel)
            m_kernelSlots[i].set(kernels.at(next++));
    }
    const torch::jit::GraphOptimizerEnabledGuard asWritten{false};
    auto generator = at::detail::getDefaultCPUGenerator();
    const auto locked = [&] { return std::scoped_lock{generator.mutex()}; };
    {
        const auto lock = locked();
        generator.set_state(m_randomState);
    }
    c10::IValue output = m_module.forward({images.contiguous(m_order)});
    const auto lock = locked();
    m_randomState = generator.get_state();
    return output;
}

torch::jit::Module ScriptedNetwork::withKernels(const std::vector<torch::Tensor> &kernels) const
{
    torch::NoGradGuard noGradient; // else the copies would belong to a graph
    torch::jit::Module copy = m_module.deepcopy();
    std::size_t next = 0;
    for (const auto &entry : m_tensors) {
        if (entry.role == Role::Kernel)
            slotOf(copy, entry.name).set(kernels.at(next++).detach().clone());
    }
    copy.eval();
    return copy;
}

torch::Tensor ScriptedNetwork::forward(torch::Tensor images, const std::vector<torch::Tensor> &kernels, Mode mode)
{
    setMode(mode);
    return mode == Mode::Reestimate ? reestimate(images, kernels) : compute(images, kernels).toTensor();
}

torch::Tensor ScriptedNetwork::reestimate(const torch::Tensor &images, const std::vector<torch::Tensor> &kernels)
{
    torch::NoGradGuard noGradient;
    const auto before =
        m_statistics | std::views::transform([](const RunningStatistics &norm) {
            return RunningStatistics{norm.mean.clone(), norm.variance.clone(),
                                     norm.minibatches.defined() ? norm.minibatches.clone() : torch::Tensor{}, norm.momentum};
        });
    const std::vector<RunningStatistics> old(before.begin(), before.end());
    for (auto &norm : m_statistics) {
        norm.mean.zero_();
        norm.variance.zero_();
        if (norm.minibatches.defined())
            norm.minibatches.zero_();
    }
    torch::Tensor logits = compute(images, kernels).toTensor();
    const double share = 1.0 / (m_reestimated + 1);
    for (std::size_t i = 0; i < m_statistics.size(); ++i) {
        auto &norm = m_statistics[i];
        if (norm.momentum > 0) { // what it holds now is this share of the minibatch's
            norm.mean.mul_(share / norm.momentum).add_(old[i].mean, 1.0 - share);
            norm.variance.mul_(share / norm.momentum).add_(old[i].variance, 1.0 - share);
        } else {
            norm.mean.copy_(old[i].mean);
            norm.variance.copy_(old[i].variance);
        }
        if (norm.minibatches.defined())
            norm.minibatches.copy_(old[i].minibatches);
    }
    ++m_reestimated;
    return logits;
}

std::string ScriptedNetwork::firstNonFinite(torch::Tensor images, const std::vector<torch::Tensor> &kernels)
{
    torch::NoGradGuard noGradient;
    const auto finite = [](const torch::Tensor &tensor) { return torch::isfinite(tensor).all().item<bool>(); };
    std::size_t next = 0;
    for (const auto &entry : m_tensors) {
        if (!finite(entry.role == Role::Kernel ? kernels.at(next++) : entry.tensor))
            return entry.isKernel() ? entry.layer() : entry.name;
    }
    return finite(forward(std::move(images), kernels, Mode::Evaluate)) ? std::string{} : "the logits";
}

} // namespace engine
