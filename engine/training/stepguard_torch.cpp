// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/training/stepguard_torch.h"
#include <fmt/format.h>
#include <torch/torch.h>

namespace engine {

void StepGuard::keep()
{
    m_stage = m_state.progress.stage;
    m_codebooksAreLive = m_state.progress.codebooksAreLive;
    for (const auto &layer : m_state.model.layers)
        layer->keep();
    keepNetwork();
}

void StepGuard::putBack()
{
    m_state.progress.stage = m_stage;
    m_state.progress.codebooksAreLive = m_codebooksAreLive;
    m_state.model.optimizer->dropGradients();
    for (const auto &layer : m_state.model.layers)
        layer->putBack();
    putBackNetwork();
}

void StepGuard::keepNetwork()
{
    m_statistics.renew();
    m_randomState = m_state.model.network->randomState();
}

void StepGuard::putBackNetwork()
{
    m_statistics.putBack();
    m_state.model.network->setRandomState(m_randomState);
}

std::string StepGuard::firstNotFinite(const StepRates &rates) const
{
    const ForwardMode mode = m_state.forwardMode();
    std::vector<double> bounds; // by kernel, where passes have summed its gradient
    if (mode != ForwardMode::Float) {
        for (const auto &of : m_state.model.kernels) {
            double bound = 0;
            for (std::size_t layer = of.first; layer < of.first + of.count; ++layer)
                bound += m_state.model.layers[layer]->gradientBound();
            bounds.push_back(bound);
        }
    }
    if (const auto fault = m_state.model.optimizer->firstFault(rates.weights, rates.decay, bounds))
        return fmt::format("{} of {}", fault->isGradient ? "the gradient" : "what this step makes", fault->name);
    if (!m_state.progress.codebooksAreLive)
        return {};
    for (const auto &sharers : m_state.model.codebooks) {
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
    for (const auto &sharers : m_state.model.codebooks) {
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
        layers.push_back(m_state.model.layers[sharer].get());
    return layers;
}

} // namespace engine
