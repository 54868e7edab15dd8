// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/training/stepguard_torch.h"
#include <fmt/format.h>
#include <torch/torch.h>

namespace engine {

void StepGuard::keep()
{
    m_stage = m_state.stage;
    m_codebooksAreLive = m_state.codebooksAreLive;
    for (const auto &layer : m_state.layers)
        layer->keep();
    keepNetwork();
}

void StepGuard::putBack()
{
    m_state.stage = m_stage;
    m_state.codebooksAreLive = m_codebooksAreLive;
    m_state.optimizer->dropGradients();
    for (const auto &layer : m_state.layers)
        layer->putBack();
    putBackNetwork();
}

void StepGuard::keepNetwork()
{
    torch::NoGradGuard noGradient;
    std::size_t next = 0;
    for (const auto &entry : m_state.network->tensors()) {
        if (entry.isTrained())
            continue;
        if (next == m_statistics.size())
            m_statistics.push_back(torch::empty_like(entry.tensor));
        m_statistics[next++].copy_(entry.tensor);
    }
    m_randomState = m_state.network->randomState();
}

void StepGuard::putBackNetwork()
{
    torch::NoGradGuard noGradient;
    std::size_t next = 0;
    for (auto &entry : m_state.network->tensors()) {
        if (!entry.isTrained())
            entry.tensor.copy_(m_statistics[next++]);
    }
    m_state.network->setRandomState(m_randomState);
}

std::string StepGuard::firstNotFinite(const StepRates &rates) const
{
    const ForwardMode mode = m_state.forwardMode();
    std::vector<double> bounds; // by kernel, where passes have summed its gradient
    if (mode != ForwardMode::Float) {
        for (const auto &of : m_state.kernels) {
            double bound = 0;
            for (std::size_t layer = of.first; layer < of.first + of.count; ++layer)
                bound += m_state.layers[layer]->gradientBound();
            bounds.push_back(bound);
        }
    }
    if (const auto fault = m_state.optimizer->firstFault(rates.weights, rates.decay, bounds))
        return fmt::format("{} of {}", fault->isGradient ? "the gradient" : "what this step makes", fault->name);
    if (!m_state.codebooksAreLive)
        return {};
    for (const auto &sharers : m_state.codebooks) {
        const auto layers = layersOf(sharers);
        const LayerQuantizer &owner = *layers.front();
        const bool good = layers.size() == 1 ? owner.staysFinite(rates.representatives)
                                             : LayerQuantizer::sharedStaysFinite(layers, mode, m_state.strength(sharers.front()),
                                                                                 rates.representatives);
        if (!good)
            return "what this step makes of the representatives of " + owner.info().name;
    }
    return {};
}

void StepGuard::stepRepresentatives(double rate) const
{
    for (const auto &sharers : m_state.codebooks) {
        const auto layers = layersOf(sharers);
        if (layers.size() == 1)
            layers.front()->stepRepresentatives(rate);
        else
            LayerQuantizer::stepShared(layers, m_state.forwardMode(), m_state.strength(sharers.front()), rate);
    }
}

std::vector<LayerQuantizer *> StepGuard::layersOf(std::span<const std::size_t> sharers) const
{
    std::vector<LayerQuantizer *> layers;
    for (const auto sharer : sharers)
        layers.push_back(m_state.layers[sharer].get());
    return layers;
}

} // namespace engine
