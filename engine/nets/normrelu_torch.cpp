// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/nets/normrelu_torch.h"
#include <limits>
#include <oneapi/dnnl/dnnl.hpp>
#include <string_view>
#include <torch/torch.h>
#include <unordered_map>

namespace engine {
namespace {

using Forward = dnnl::batch_normalization_forward;
using Backward = dnnl::batch_normalization_backward;

dnnl::memory::desc channelsLast(const torch::Tensor &x)
{
    return {x.sizes().vec(), dnnl::memory::data_type::f32, dnnl::memory::format_tag::nhwc};
}

dnnl::normalization_flags flags()
{
    using Flags = dnnl::normalization_flags;
    return Flags::use_scale | Flags::use_shift | Flags::fuse_norm_relu;
}

// oneDNN 2 (Debian 12) keeps operation and engine apart, oneDNN 3 (Debian 13) does not, and wants a layout
// for the result, too.
Forward::primitive_desc forwardOf(const torch::Tensor &x, double epsilon, const dnnl::engine &cpu)
{
    const auto layout = channelsLast(x);
#if DNNL_VERSION_MAJOR < 3
    return {{dnnl::prop_kind::forward_training, layout, static_cast<float>(epsilon), flags()}, cpu};
#else
    return {cpu, dnnl::prop_kind::forward_training, layout, layout, static_cast<float>(epsilon), flags()};
#endif
}

Backward::primitive_desc backwardOf(const torch::Tensor &x, double epsilon, const Forward::primitive_desc &forward, const dnnl::engine &cpu)
{
    const auto layout = channelsLast(x);
#if DNNL_VERSION_MAJOR < 3
    return {{dnnl::prop_kind::backward, layout, layout, static_cast<float>(epsilon), flags()}, cpu, forward};
#else
    return {cpu, dnnl::prop_kind::backward, layout, layout, layout, static_cast<float>(epsilon), flags(), forward};
#endif
}

/// A tensor's memory, as oneDNN takes it.
dnnl::memory lent(const torch::Tensor &tensor, const dnnl::memory::desc &as, const dnnl::engine &cpu)
{
    return {as, cpu, tensor.data_ptr()};
}

dnnl::memory lentChannels(const torch::Tensor &tensor, const dnnl::engine &cpu)
{
    return lent(tensor, {{tensor.numel()}, dnnl::memory::data_type::f32, dnnl::memory::format_tag::a}, cpu);
}

/// What both ways work with.
struct Shared {
    torch::Tensor x, scale, shift, mean, variance;
    torch::Tensor positive; ///< a bit for each value: whether the rectifier let it through

    std::unordered_map<int, dnnl::memory> arguments(const Forward::primitive_desc &forward, const dnnl::engine &cpu) const
    {
        return {{DNNL_ARG_SRC, lent(x, channelsLast(x), cpu)},     {DNNL_ARG_SCALE, lentChannels(scale, cpu)},
                {DNNL_ARG_SHIFT, lentChannels(shift, cpu)},        {DNNL_ARG_MEAN, lentChannels(mean, cpu)},
                {DNNL_ARG_VARIANCE, lentChannels(variance, cpu)}, {DNNL_ARG_WORKSPACE, lent(positive, forward.workspace_desc(), cpu)}};
    }
};

class NormRelu : public torch::autograd::Function<NormRelu> {
public:
    static torch::Tensor forward(torch::autograd::AutogradContext *context, const torch::Tensor &x, const torch::Tensor &scale,
                                 const torch::Tensor &shift, const torch::Tensor &mean, const torch::Tensor &variance, double epsilon)
    {
        const dnnl::engine cpu{dnnl::engine::kind::cpu, 0};
        const auto description = forwardOf(x, epsilon, cpu);
        const Shared shared{x,        scale,
                            shift,    mean,
                            variance, torch::empty({static_cast<std::int64_t>(description.workspace_desc().get_size())}, torch::kUInt8)};
        const torch::Tensor y = torch::empty_like(x);
        auto arguments = shared.arguments(description, cpu);
        arguments.emplace(DNNL_ARG_DST, lent(y, channelsLast(x), cpu));
        execute(Forward{description}, arguments, cpu);
        context->save_for_backward({x, scale, shift, mean, variance, shared.positive});
        context->saved_data["epsilon"] = epsilon;
        return y;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context, torch::autograd::variable_list gradients)
    {
        const auto saved = context->get_saved_variables();
        const Shared shared{saved[0], saved[1], saved[2], saved[3], saved[4], saved[5]};
        const double epsilon = context->saved_data["epsilon"].toDouble();
        const torch::Tensor toY = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
        const torch::Tensor toX = torch::empty_like(shared.x), toScale = torch::empty_like(shared.scale),
                            toShift = torch::empty_like(shared.shift);
        const dnnl::engine cpu{dnnl::engine::kind::cpu, 0};
        const auto before = forwardOf(shared.x, epsilon, cpu);
        auto arguments = shared.arguments(before, cpu);
        if constexpr (DNNL_VERSION_MAJOR >= 3)
            arguments.erase(DNNL_ARG_SHIFT); // no slope depends on it: oneDNN 2 wants it all the same, oneDNN 3 refuses it
        arguments.emplace(DNNL_ARG_DIFF_DST, lent(toY, channelsLast(shared.x), cpu));
        arguments.emplace(DNNL_ARG_DIFF_SRC, lent(toX, channelsLast(shared.x), cpu));
        arguments.emplace(DNNL_ARG_DIFF_SCALE, lentChannels(toScale, cpu));
        arguments.emplace(DNNL_ARG_DIFF_SHIFT, lentChannels(toShift, cpu));
        execute(Backward{backwardOf(shared.x, epsilon, before, cpu)}, arguments, cpu);
        return {toX, toScale, toShift, {}, {}, {}};
    }

private:
    static void execute(const dnnl::primitive &routine, const std::unordered_map<int, dnnl::memory> &arguments, const dnnl::engine &cpu)
    {
        dnnl::stream stream{cpu};
        routine.execute(stream, arguments);
        stream.wait();
    }
};

} // namespace

bool canFuseNormRelu(const torch::Tensor &x)
{
    if (x.dim() != 4 || x.numel() <= x.size(1) /* no variance */ || x.scalar_type() != torch::kFloat32 || !x.is_cpu() ||
        !x.is_contiguous(at::MemoryFormat::ChannelsLast))
        return false;
    const dnnl::engine cpu{dnnl::engine::kind::cpu, 0};
    return !std::string_view{forwardOf(x, 1e-5, cpu).impl_info_str()}.starts_with(
        "ref"); // where oneDNN has only its reference, LibTorch is faster
}

torch::Tensor batchNormRelu(const torch::Tensor &x, const NormTensors &norm, double momentum, double epsilon)
{
    const torch::Tensor mean = torch::empty_like(norm.runningMean), variance = torch::empty_like(norm.runningVariance);
    torch::Tensor y = NormRelu::apply(x, norm.scale, norm.shift, mean, variance, epsilon);
    torch::NoGradGuard noGradient;
    const auto values = static_cast<double>(x.numel() / x.size(1)); // of a channel
    torch::Tensor runningMean = norm.runningMean, runningVariance = norm.runningVariance;
    runningMean.mul_(1.0 - momentum).add_(mean, momentum);
    runningVariance.mul_(1.0 - momentum).add_(variance, momentum * values / (values - 1.0));
    if (!torch::isfinite(variance).all().item<bool>()) // the routine's maximum of NaN and 0 is 0
        y.detach().fill_(std::numeric_limits<float>::quiet_NaN());
    return y;
}

} // namespace engine
