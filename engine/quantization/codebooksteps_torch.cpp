// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quantization/layerquantizer_torch.h"
#include "engine/codebooks/mixing.h"
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <torch/torch.h>

/// Steps of a codebook, and what undoes the rest of a training step.
namespace engine {
namespace {

std::span<float> valuesOf(const torch::Tensor &tensor)
{
    return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

template <typename Value>
void inOrder(std::span<const std::size_t> order, std::span<Value> values)
{
    const std::vector<Value> before(values.begin(), values.end());
    for (std::size_t j = 0; j < values.size(); ++j)
        values[j] = before[order[j]];
}

} // namespace

void LayerQuantizer::stepRepresentatives(double rate)
{
    if (m_representatives.grad().defined())
        take(movedAlone(rate));
}

bool LayerQuantizer::staysFinite(double rate) const { return !m_representatives.grad().defined() || movedAlone(rate).isFinite; }

LayerQuantizer::Move LayerQuantizer::movedAlone(double rate) const
{
    const auto gradient = valuesOf(m_representatives.grad());
    const std::vector<double> slopes(gradient.begin(), gradient.end());
    return moved(slopes, m_lastPass ? m_lastPass->mass : std::vector<double>(slopes.size()), rate);
}

LayerQuantizer::Move LayerQuantizer::moved(std::span<const double> slopes, std::span<const double> masses, double rate) const
{
    Move move{.values = {codebook().begin(), codebook().end()}, .mixing = m_mixing, .before = std::vector<std::size_t>(slopes.size())};
    const auto areFinite = [](const auto &values) { return std::ranges::all_of(values, [](auto value) { return std::isfinite(value); }); };
    for (std::size_t j = 0; j < slopes.size(); ++j) {
        if (!m_shape.hasZero || move.values[j] != 0.0f) // a pinned 0 rests, or another could come nearer to 0 and take its place
            move.values[j] -= static_cast<float>(rate) * static_cast<float>(slopes[j]);
    }
    if (!move.mixing.empty() && m_regularizer->mixes && !isCommitted())
        stepMixing(move.mixing, masses, rate);
    if (!areFinite(move.values) || !areFinite(move.mixing))
        return move;
    std::iota(move.before.begin(), move.before.end(), std::size_t{0});
    std::ranges::stable_sort(move.before, {}, [&](std::size_t j) { return move.values[j]; });
    inOrder(move.before, std::span{move.values});
    inOrder(move.before, std::span{move.mixing});
    std::vector<double> mass(masses.begin(), masses.end());
    inOrder(move.before, std::span{mass});
    project(shape(), move.values, mass);
    move.isFinite = areFinite(move.values);
    return move;
}

void LayerQuantizer::take(const Move &move)
{
    dropGradient();
    if (!move.isFinite)
        return;
    forgetSnapAhead();
    std::ranges::copy(move.values, valuesOf(m_representatives).begin());
    m_mixing = move.mixing;
    inOrder(move.before, std::span{m_identity});
    recode(move.before);
}

LayerQuantizer::Move LayerQuantizer::movedTogether(std::span<LayerQuantizer *const> layers, ForwardMode mode,
                                                   const RegularizerStrength &strength, double rate)
{
    const LayerQuantizer &first = *layers.front();
    RegularizerSums sums{first.codebook().size()};
    for (const LayerQuantizer *layer : layers) {
        if (layer->representatives().grad().defined()) // else its last pass was of an earlier step
            sums += *layer->lastPass();
    }
    return first.moved(first.slopes(sums, mode, strength), sums.mass, rate);
}

void LayerQuantizer::stepShared(std::span<LayerQuantizer *const> layers, ForwardMode mode, const RegularizerStrength &strength, double rate)
{
    const Move move = movedTogether(layers, mode, strength, rate);
    layers.front()->take(move);
    for (LayerQuantizer *layer : layers.subspan(1))
        layer->follow(*layers.front(), move.before);
}

bool LayerQuantizer::sharedStaysFinite(std::span<LayerQuantizer *const> layers, ForwardMode mode, const RegularizerStrength &strength,
                                       double rate)
{
    return movedTogether(layers, mode, strength, rate).isFinite;
}

void LayerQuantizer::keep()
{
    m_kept.emplace(Kept{.representatives = {codebook().begin(), codebook().end()},
                        .identity = m_identity,
                        .trajectories = m_trajectories,
                        .mixing = m_mixing,
                        .lastPass = m_lastPass,
                        .regularizer = m_regularizer,
                        .sigma = m_sigma,
                        .shape = m_shape,
                        .kernel = {}});
}

void LayerQuantizer::putBack()
{
    Kept kept = *std::exchange(m_kept, std::nullopt);
    if (kept.kernel.defined()) {
        torch::NoGradGuard noGradient;
        m_kernel.copy_(kept.kernel);
        m_frozen.clear();
    }
    const std::vector<CodeIndex> frozen = std::exchange(m_frozen, {});
    setRegularizer(*kept.regularizer, kept.sigma, kept.shape);
    setRepresentatives(kept.representatives);
    setIdentity(std::move(kept.identity), kept.trajectories);
    setMixing(std::move(kept.mixing));
    m_frozen = frozen;
    m_lastPass = std::move(kept.lastPass);
    dropGradient();
}

void LayerQuantizer::follow(const LayerQuantizer &other, std::span<const std::size_t> before)
{
    forgetSnapAhead();
    dropGradient();
    std::ranges::copy(other.codebook(), valuesOf(m_representatives).begin());
    m_identity = other.m_identity;
    m_mixing = other.m_mixing;
    recode(before);
}

std::vector<std::size_t> LayerQuantizer::sortRepresentatives()
{
    const auto values = valuesOf(m_representatives);
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (std::ranges::is_sorted(values))
        return order;
    std::ranges::stable_sort(order, {}, [&](std::size_t j) { return values[j]; });
    inOrder(order, values);
    inOrder(order, std::span{m_identity});
    inOrder(order, std::span{m_mixing}); // or nothing
    recode(order);
    return order;
}

void LayerQuantizer::recode(std::span<const std::size_t> before)
{
    if (std::ranges::is_sorted(before))
        return;
    std::vector<CodeIndex> newCode(before.size());
    for (std::size_t j = 0; j < before.size(); ++j)
        newCode[before[j]] = static_cast<CodeIndex>(j);
    for (CodeIndex &code : m_frozen)
        code = newCode[code];
}

} // namespace engine
