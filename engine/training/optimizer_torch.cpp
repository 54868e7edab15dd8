// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/training/optimizer_torch.h"
#include "engine/core/parallel_torch.h"
#include "engine/training/updates.h"
#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/torch.h>

namespace engine {
namespace {

constexpr std::int64_t kPart = 1 << 12; // weights; what belongs to a part stays in the caches until it is reported
constexpr std::int64_t kGrain = 8;      // parts; below this a second thread costs more than it saves

std::span<float> part(const torch::Tensor &tensor, std::int64_t from, std::int64_t to)
{
    return {tensor.data_ptr<float>() + from, static_cast<std::size_t>(to - from)};
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
                  .decays = isKernel || entry.role == Network::Role::FloatKernel,
                  .layer = {},
                  .value = entry.tensor,
                  .first = torch::zeros_like(entry.tensor.detach()),
                  .second = {}};
        if (isKernel)
            slot.layer = layers++;
        if (m_adam)
            slot.second = torch::zeros_like(slot.first);
        m_slots.push_back(std::move(slot));
    }
}

void Optimizer::stepPart(Slot &slot, const torch::Tensor &gradient, std::int64_t from, std::int64_t to, double rate, double weightDecay)
{
    const auto decay = slot.decays ? static_cast<float>(weightDecay) : 0.0f;
    if (m_adam)
        adamStep(part(slot.value, from, to), part(gradient, from, to), part(slot.first, from, to), part(slot.second, from, to),
                 {.rate = static_cast<float>(rate), .beta1 = m_momentum, .beta2 = 0.999f, .epsilon = 1e-8f, .decay = decay,
                  .step = static_cast<std::uint64_t>(m_steps)});
    else
        sgdStep(part(slot.value, from, to), part(gradient, from, to), part(slot.first, from, to),
                {.rate = static_cast<float>(rate), .momentum = m_momentum, .decay = decay});
}

void Optimizer::step(double rate, double weightDecay, const PartStepped &stepped)
{
    ++m_steps;
    for (auto &slot : m_slots) {
        if (!slot.value.grad().defined())
            continue;
        const torch::Tensor gradient = slot.value.grad().contiguous(slot.value.suggest_memory_format());
        const std::int64_t n = slot.value.numel();
        at::parallel_for(0, (n + kPart - 1) / kPart, kGrain, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t from = first * kPart; from < std::min(last * kPart, n); from += kPart) {
                const std::int64_t to = std::min(from + kPart, n);
                stepPart(slot, gradient, from, to, rate, weightDecay);
                if (slot.layer && stepped)
                    stepped(*slot.layer, static_cast<std::size_t>(from), static_cast<std::size_t>(to));
            }
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
