// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sensitivity/layerbench_torch.h"
#include "engine/training/store_torch.h"
#include "engine/training/trainer_torch.h"
#include <algorithm>
#include <fmt/format.h>
#include <torch/torch.h>

namespace engine {

Result<LayerBench> LayerBench::open(const SnapshotData &data, const std::string &what, std::size_t images, bool reestimatesNorms)
{
    if (images == 0)
        return fail(ErrorCode::BadValue, fmt::format("{}: expected at least one image, found 0.", what));
    auto state = fromSnapshot(data);
    if (!state)
        return std::unexpected(state.error());
    if ((*state)->split.validation.empty())
        return fail(ErrorCode::BadValue, fmt::format("{}: expected a run with validation images, found a validation share of 0.", what));
    if ((*state)->layers.front()->isCommitted())
        return fail(ErrorCode::BadValue,
                    fmt::format("{}: expected a snapshot with latent weights, found one of the {} stage, where they lie on their "
                                "representatives; take one of its warm-up or cluster stage.",
                                what, name(data.stage)));
    return LayerBench{*std::move(state), images, reestimatesNorms};
}

LayerBench::LayerBench(std::unique_ptr<TrainingState> state, std::size_t images, bool reestimatesNorms)
    : m_state{std::move(state)}, m_images{images}, m_reestimatesNorms{reestimatesNorms}, m_latent{m_state->latentKernels()}
{
    for (const auto &entry : m_state->network->tensors()) {
        if (!entry.isTrained())
            m_statistics.emplace_back(entry.tensor, entry.tensor.clone());
    }
}

std::uint64_t LayerBench::images() const noexcept { return std::min(m_images, m_state->split.validation.size()); }

void LayerBench::useKMeans(std::size_t layer, int k)
{
    const std::size_t owner = m_state->codebookOwners[layer];
    const auto sharers = std::ranges::find_if(m_state->codebooks, [owner](const auto &each) { return each.front() == owner; });
    if (const auto known = m_codebooks.find({owner, k}); known != m_codebooks.end()) {
        for (const std::size_t sharer : *sharers)
            m_state->layers[sharer]->setRepresentatives(known->second);
        return;
    }
    m_state->layerSettings[owner].k = k;
    m_state->layerSettings[owner].initialiser = "kmeans";
    m_state->initialiseCodebook(*sharers);
    const auto made = m_state->layers[owner]->codebook();
    m_codebooks.emplace(std::pair{owner, k}, std::vector<float>(made.begin(), made.end()));
}

std::size_t LayerBench::kernelOf(std::size_t layer) const
{
    const auto after = std::ranges::find_if(m_state->kernels, [layer](const KernelLayers &of) { return layer < of.first + of.count; });
    return static_cast<std::size_t>(after - m_state->kernels.begin());
}

/// `all` with the channels of one layer replaced.
LayerBench::Kernels LayerBench::exchanged(Kernels all, std::size_t layer, const torch::Tensor &channels) const
{
    const std::size_t kernel = kernelOf(layer);
    std::int64_t first = 0;
    for (std::size_t before = m_state->kernels[kernel].first; before < layer; ++before)
        first += m_state->layers[before]->kernel().size(0);
    all[kernel] = all[kernel].clone();
    all[kernel].narrow(0, first, channels.size(0)).copy_(channels);
    return all;
}

Scores LayerBench::latent() { return score(m_latent, false); }
Scores LayerBench::snapped() { return score(m_state->snappedKernels(), true); }
Scores LayerBench::alone(std::size_t layer) { return score(exchanged(m_latent, layer, m_state->layers[layer]->snapped()), true); }
Scores LayerBench::allBut(std::size_t layer)
{
    return score(exchanged(m_state->snappedKernels(), layer, m_state->layers[layer]->kernel().detach()), true);
}

Scores LayerBench::kernelAlone(std::size_t kernel)
{
    Kernels all = m_latent;
    all[kernel] = m_state->kernels[kernel].snapped(m_state->layers);
    return score(all, true);
}

Scores LayerBench::score(const Kernels &kernels, bool isQuantized)
{
    torch::NoGradGuard noGradient;
    if (isQuantized && m_reestimatesNorms) {
        const auto stream = trainingStream(*m_state, m_state->step); // the same images each time
        m_state->evaluator->reestimateNorms(*m_state->network, kernels, *stream);
    }
    const auto found = m_state->evaluator->score(*m_state->network, kernels, m_images);
    for (auto &[tensor, kept] : m_statistics)
        tensor.copy_(kept);
    return {.accuracy = found.accuracy, .loss = found.loss};
}

} // namespace engine
