// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/training/optimizer_torch.h"
#include "engine/core/parallel_torch.h"
#include "engine/training/updates.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/torch.h>

namespace engine {
namespace {

constexpr std::int64_t kPart = 1 << 12; // weights; what belongs to a part stays in the caches until it is reported
constexpr std::int64_t kGrain = 8;      // parts; below this a second thread costs more than it saves
constexpr float kEpsilon = 1e-8f;       // Adam's
constexpr double kFar = 1e30;           // so much below the largest float that no step on the way there can overflow

std::span<float> part(const torch::Tensor &tensor, std::int64_t from, std::int64_t to)
{
    return {tensor.data_ptr<float>() + from, static_cast<std::size_t>(to - from)};
}

/// Calls work(from, to) for all parts of n values, on all processors.
template <typename Work>
void inParts(std::int64_t n, const Work &work)
{
    at::parallel_for(0, (n + kPart - 1) / kPart, kGrain, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t from = first * kPart; from < std::min(last * kPart, n); from += kPart)
            work(from, std::min(from + kPart, n));
    });
}

torch::Tensor inOrderOf(const torch::Tensor &value, const torch::Tensor &gradient)
{
    return gradient.contiguous(value.suggest_memory_format());
}

/// Of a tensor without gaps: largestMagnitude, on all processors.
double largest(const torch::Tensor &tensor)
{
    const std::int64_t n = tensor.numel();
    std::vector<float> ofParts(static_cast<std::size_t>((n + kPart - 1) / kPart));
    inParts(n, [&](std::int64_t from, std::int64_t to) {
        ofParts[static_cast<std::size_t>(from / kPart)] = largestMagnitude(part(tensor, from, to));
    });
    return static_cast<double>(largestMagnitude(ofParts));
}

NamedArray::Type typeOf(const torch::Tensor &tensor)
{
    switch (tensor.scalar_type()) {
    case torch::kInt64: return NamedArray::Type::Int64;
    case torch::kUInt8: return NamedArray::Type::UInt8;
    default: return NamedArray::Type::Float32;
    }
}

} // namespace

NamedArray toNamedArray(std::string name, const torch::Tensor &tensor)
{
    const torch::Tensor plain = tensor.detach().contiguous();
    NamedArray array{.name = std::move(name), .type = typeOf(plain), .shape = plain.sizes().vec(), .bytes = {}};
    array.bytes.resize(plain.nbytes());
    if (!array.bytes.empty())
        std::memcpy(array.bytes.data(), plain.data_ptr(), array.bytes.size());
    return array;
}

Result<void> copyNamedArray(const std::vector<NamedArray> &state, const std::string &name, torch::Tensor target)
{
    const auto found = std::ranges::find(state, name, &NamedArray::name);
    if (found == state.end())
        return fail(ErrorCode::BadFormat, fmt::format("Snapshot: expected the state array \"{}\", found none.", name));
    if (found->type != typeOf(target) || found->shape != target.sizes().vec() || found->bytes.size() != target.nbytes())
        return fail(ErrorCode::BadFormat, fmt::format("Snapshot: expected shape [{}] of state array \"{}\", found [{}].",
                                                      fmt::join(target.sizes().vec(), ", "), name, fmt::join(found->shape, ", ")));
    torch::NoGradGuard noGradient;
    if (!found->bytes.empty())
        target.copy_(torch::from_blob(const_cast<std::byte *>(found->bytes.data()), target.sizes(), target.scalar_type()));
    return {};
}

Optimizer::Optimizer(Network &network, const Settings &settings)
    : m_adam{settings.choice<OptimizerKind>() == OptimizerKind::Adam}, m_momentum{static_cast<float>(settings.real(ParameterId::Momentum))}
{
    std::size_t layers = 0;
    for (const auto &entry : network.tensors()) {
        if (!entry.tensor.requires_grad())
            continue;
        const bool isKernel = entry.role == Network::Role::Kernel;
        Slot slot{.name = entry.name,
                  .shownName = entry.isKernel() ? entry.layer() : entry.name,
                  .decays = isKernel || entry.role == Network::Role::FloatKernel,
                  .layer = {},
                  .value = entry.tensor,
                  .first = torch::zeros_like(entry.tensor.detach()),
                  .second = {},
                  .reach = {}};
        if (isKernel)
            slot.layer = layers++;
        if (m_adam)
            slot.second = torch::zeros_like(slot.first);
        m_slots.push_back(std::move(slot));
    }
}

void Optimizer::stepPart(Slot &slot, const torch::Tensor &gradient, std::int64_t from, std::int64_t to, const Rates &rates) const
{
    const auto decay = slot.decays ? static_cast<float>(rates.weightDecay) : 0.0f;
    if (m_adam)
        adamStep(part(slot.value, from, to), part(gradient, from, to), part(slot.first, from, to), part(slot.second, from, to),
                 {.rate = static_cast<float>(rates.rate), .beta1 = m_momentum, .beta2 = 0.999f, .epsilon = kEpsilon, .decay = decay,
                  .step = static_cast<std::uint64_t>(rates.step)});
    else
        sgdStep(part(slot.value, from, to), part(gradient, from, to), part(slot.first, from, to),
                {.rate = static_cast<float>(rates.rate), .momentum = m_momentum, .decay = decay});
}

Optimizer::Reach Optimizer::reachAfter(const Slot &slot, double gradient, const Rates &rates) const
{
    const Reach &before = *slot.reach;
    const double decay = slot.decays ? rates.weightDecay : 0.0, momentum = static_cast<double>(m_momentum);
    if (m_adam) {
        const double first = std::max(before.first, gradient), most = first / static_cast<double>(kEpsilon);
        const double scale = rates.rate / (1.0 - std::pow(momentum, static_cast<double>(rates.step)));
        return {.value = before.value * std::max(1.0, rates.rate * decay) + scale * most,
                .first = first,
                .second = std::max(before.second, gradient * gradient)};
    }
    const double slope = gradient + decay * before.value, speed = momentum * before.first + slope;
    return {.value = before.value + rates.rate * (slope + momentum * speed), .first = speed, .second = 0};
}

bool Optimizer::staysFinite(Slot &slot, double gradient, const Rates &rates) const
{
    const auto measured = [](const Slot &of) {
        return Reach{.value = largest(of.value), .first = largest(of.first), .second = of.second.defined() ? largest(of.second) : 0.0};
    };
    const auto isNear = [](const Reach &reach) { return reach.value < kFar && reach.first < kFar && reach.second < kFar; };
    for (const bool anew : {false, true}) {
        if (anew || !slot.reach)
            slot.reach = measured(slot);
        if (const Reach after = reachAfter(slot, gradient, rates); isNear(after)) {
            slot.reach = after;
            return true;
        }
    }
    torch::NoGradGuard noGradient; // it may or may not: the step itself tells, taken by a copy
    Slot copy = slot;
    for (auto *tensor : {&copy.value, &copy.first, &copy.second})
        *tensor = tensor->defined() ? tensor->detach().clone() : *tensor;
    const torch::Tensor gradients = inOrderOf(slot.value, slot.value.grad());
    stepPart(copy, gradients, 0, slot.value.numel(), rates);
    slot.reach = measured(copy);
    return std::isfinite(slot.reach->value) && std::isfinite(slot.reach->first) && std::isfinite(slot.reach->second);
}

std::optional<Optimizer::Fault> Optimizer::firstFault(double rate, double weightDecay, std::span<const double> kernelGradients)
{
    for (auto &slot : m_slots) {
        if (!slot.value.grad().defined())
            continue;
        const bool isKnown = slot.layer && *slot.layer < kernelGradients.size() && std::isfinite(kernelGradients[*slot.layer]);
        const double gradient = isKnown ? kernelGradients[*slot.layer] : largest(inOrderOf(slot.value, slot.value.grad()));
        if (!std::isfinite(gradient))
            return Fault{slot.shownName, true};
        if (!staysFinite(slot, gradient, {.rate = rate, .weightDecay = weightDecay, .step = m_steps + 1}))
            return Fault{slot.shownName, false};
    }
    return std::nullopt;
}

void Optimizer::step(double rate, double weightDecay, const PartStepped &stepped)
{
    const Rates rates{.rate = rate, .weightDecay = weightDecay, .step = ++m_steps};
    for (auto &slot : m_slots) {
        if (!slot.value.grad().defined())
            continue;
        const torch::Tensor gradient = inOrderOf(slot.value, slot.value.grad());
        inParts(slot.value.numel(), [&](std::int64_t from, std::int64_t to) {
            stepPart(slot, gradient, from, to, rates);
            if (slot.layer && stepped)
                stepped(*slot.layer, static_cast<std::size_t>(from), static_cast<std::size_t>(to));
        });
    }
    dropGradients();
}

void Optimizer::dropGradients()
{
    for (auto &slot : m_slots)
        slot.value.mutable_grad().reset();
}

void Optimizer::store(std::vector<NamedArray> &state) const
{
    for (const auto &slot : m_slots) {
        state.push_back(toNamedArray("optimizer/first/" + slot.name, slot.first));
        if (m_adam)
            state.push_back(toNamedArray("optimizer/second/" + slot.name, slot.second));
    }
    state.push_back(toNamedArray("optimizer/steps", torch::tensor(m_steps, torch::kInt64)));
}

Result<void> Optimizer::restore(const std::vector<NamedArray> &state)
{
    for (auto &slot : m_slots) {
        slot.reach.reset();
        if (auto copied = copyNamedArray(state, "optimizer/first/" + slot.name, slot.first); !copied)
            return copied;
        if (!m_adam)
            continue;
        if (auto copied = copyNamedArray(state, "optimizer/second/" + slot.name, slot.second); !copied)
            return copied;
    }
    torch::Tensor steps = torch::zeros({}, torch::kInt64);
    if (auto copied = copyNamedArray(state, "optimizer/steps", steps); !copied)
        return copied;
    m_steps = steps.item<std::int64_t>();
    return {};
}

} // namespace engine
