// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sensitivity/layerbench_torch.h"
#include <algorithm>
#include <fmt/format.h>
#include <torch/torch.h>

namespace engine {

Result<LayerBench> LayerBench::open(const SnapshotData &data, const std::string &what, std::size_t images, bool reestimatesNorms)
{
    if (images == 0)
        return fail(ErrorCode::BadValue, fmt::format("{}: expected at least one image, found 0.", what));
    if (isCommitted(data.run.description, data.run.stage))
        return fail(ErrorCode::BadValue,
                    fmt::format("{}: expected a snapshot with latent weights, found one of the {} stage, where they lie "
                                "on their representatives; take one of its warm-up or cluster stage.",
                                what, name(data.run.stage)));
    auto bench = NetworkBench::open(data);
    if (!bench)
        return std::unexpected(bench.error());
    if (bench->state().data->split.validation.empty())
        return fail(ErrorCode::BadValue, fmt::format("{}: expected a run with validation images, found a validation share of 0.", what));
    return LayerBench{*std::move(bench), images, reestimatesNorms};
}

LayerBench::LayerBench(NetworkBench bench, std::size_t images, bool reestimatesNorms)
    : m_bench{std::move(bench)}, m_images{images}, m_reestimatesNorms{reestimatesNorms}, m_latent{state().model.latentKernels()}
{
}

std::uint64_t LayerBench::images() const noexcept { return std::min(m_images, state().data->split.validation.size()); }

void LayerBench::useKMeans(std::size_t layer, int k)
{
    const std::size_t owner = state().model.codebookOwners[layer];
    const auto sharers = std::ranges::find_if(state().model.codebooks, [owner](const auto &each) { return each.front() == owner; });
    if (const auto known = m_codebooks.find({owner, k}); known != m_codebooks.end()) {
        for (const std::size_t sharer : *sharers)
            state().model.layers[sharer]->setRepresentatives(known->second);
        return;
    }
    state().model.layerSettings[owner].k = k;
    state().model.layerSettings[owner].initialiser = Initialiser::KMeans;
    state().initialiseCodebook(*sharers);
    const auto made = state().model.layers[owner]->codebook();
    m_codebooks.emplace(std::pair{owner, k}, std::vector<float>(made.begin(), made.end()));
}

std::size_t LayerBench::kernelOf(std::size_t layer) const
{
    const auto after = std::ranges::find_if(state().model.kernels, [layer](const KernelLayers &of) { return layer < of.first + of.count; });
    return static_cast<std::size_t>(after - state().model.kernels.begin());
}

/// `all` with the channels of one layer replaced.
LayerBench::Kernels LayerBench::exchanged(Kernels all, std::size_t layer, const torch::Tensor &channels) const
{
    const std::size_t kernel = kernelOf(layer);
    std::int64_t first = 0;
    for (std::size_t before = state().model.kernels[kernel].first; before < layer; ++before)
        first += state().model.layers[before]->kernel().size(0);
    all[kernel] = all[kernel].clone();
    all[kernel].narrow(0, first, channels.size(0)).copy_(channels);
    return all;
}

Scores LayerBench::latent() { return score(m_latent, false); }
Scores LayerBench::snapped() { return score(state().model.snappedKernels(), true); }
Scores LayerBench::alone(std::size_t layer) { return score(exchanged(m_latent, layer, state().model.layers[layer]->snapped()), true); }
Scores LayerBench::allBut(std::size_t layer)
{
    return score(exchanged(state().model.snappedKernels(), layer, state().model.layers[layer]->kernel().detach()), true);
}

Scores LayerBench::kernelAlone(std::size_t kernel)
{
    Kernels all = m_latent;
    all[kernel] = state().model.kernels[kernel].snapped(state().model.layers);
    return score(all, true);
}

Scores LayerBench::score(const Kernels &kernels, bool isQuantized)
{
    const auto score = [&] { return m_bench.score(kernels, m_images); };
    return isQuantized && m_reestimatesNorms ? m_bench.reestimated(kernels, state().progress.step, score) : score();
}

} // namespace engine
