// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sensitivity/sensitivity.h"
#include "engine/training/store_torch.h"
#include "engine/training/trainer_torch.h"
#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <ranges>
#include <torch/torch.h>

namespace engine {
namespace {

constexpr int kMostRepresentatives = 256;

using Kernels = std::vector<torch::Tensor>;

/// Measures one combination after the other on a state of its own.
class Measurement {
public:
    Measurement(TrainingState &state, const SensitivityOptions &options)
        : m_state{state}, m_options{options}, m_latent{state.latentKernels()}, m_snapped{state.snappedKernels()}
    {
        for (const auto &entry : state.network->tensors()) {
            if (!entry.isTrained())
                m_statistics.emplace_back(entry.tensor, entry.tensor.clone());
        }
    }

    Scores latent() { return score(m_latent, false); }
    Scores snapped() { return score(m_snapped, true); }
    LayerSensitivity layer(std::size_t kernel, std::size_t layer)
    {
        const LayerQuantizer &quantizer = *m_state.layers[layer];
        const NearestSums sums = quantizer.measure();
        const auto weights = static_cast<double>(quantizer.info().weightCount);
        return {.layer = quantizer.info().name,
                .weights = quantizer.info().weightCount,
                .k = static_cast<int>(quantizer.codebook().size()),
                .meanSquaredError = sums.squaredDistance / weights,
                .entropyBits = entropyBits(sums.occupancy),
                .alone = score(exchanged(m_latent, m_snapped, kernel, layer), true),
                .others = score(exchanged(m_snapped, m_latent, kernel, layer), true)};
    }

private:
    /// `all`, with the channels of one layer taken from `from`.
    Kernels exchanged(const Kernels &all, const Kernels &from, std::size_t kernel, std::size_t layer) const
    {
        Kernels result = all;
        const KernelLayers &of = m_state.kernels[kernel];
        std::int64_t channel = 0;
        for (std::size_t before = of.first; before < layer; ++before)
            channel += m_state.layers[before]->kernel().size(0);
        const std::int64_t channels = m_state.layers[layer]->kernel().size(0);
        result[kernel] = all[kernel].clone();
        result[kernel].narrow(0, channel, channels).copy_(from[kernel].narrow(0, channel, channels));
        return result;
    }

    Scores score(const Kernels &kernels, bool isQuantized)
    {
        torch::NoGradGuard noGradient;
        if (isQuantized && m_options.reestimatesNorms) {
            const auto stream = trainingStream(m_state, m_state.step); // the same images each time
            m_state.evaluator->reestimateNorms(*m_state.network, kernels, *stream);
        }
        const auto found = m_state.evaluator->score(*m_state.network, kernels, m_options.images);
        for (auto &[tensor, kept] : m_statistics)
            tensor.copy_(kept);
        return {.accuracy = found.accuracy, .loss = found.loss};
    }

    TrainingState &m_state;
    const SensitivityOptions &m_options;
    Kernels m_latent, m_snapped;
    std::vector<std::pair<torch::Tensor, torch::Tensor>> m_statistics; // of batch-norm, and what they were
};

void useKMeans(TrainingState &state, int k)
{
    for (auto &settings : state.layerSettings) {
        settings.k = k;
        settings.initialiser = "kmeans";
    }
    state.initialiseCodebooks();
}

Result<std::unique_ptr<TrainingState>> stateOf(const SnapshotData &data, const SensitivityOptions &options)
{
    if (options.images == 0)
        return fail(ErrorCode::BadValue, "Sensitivity: expected at least one image, found 0.");
    if (options.k && (*options.k < 1 || *options.k > kMostRepresentatives))
        return fail(ErrorCode::BadValue, fmt::format("Sensitivity: expected k from 1 to {}, found {}.", kMostRepresentatives, *options.k));
    auto state = fromSnapshot(data);
    if (!state)
        return state;
    if ((*state)->split.validation.empty())
        return fail(ErrorCode::BadValue, "Sensitivity: expected a run with validation images, found a validation share of 0.");
    if ((*state)->layers.front()->isCommitted())
        return fail(ErrorCode::BadValue, fmt::format("Sensitivity: expected a snapshot with latent weights, found one of the {} stage, where they lie on their "
                                                     "representatives; take one of its warm-up or cluster stage.", name(data.stage)));
    if (options.k)
        useKMeans(**state, *options.k);
    return state;
}

} // namespace

std::vector<std::size_t> Sensitivity::byLoss() const
{
    std::vector<std::size_t> places(layers.size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    std::ranges::stable_sort(places, std::ranges::greater{}, [this](std::size_t place) { return layers[place].alone.loss; });
    return places;
}

Result<Sensitivity> measureSensitivity(const SnapshotData &data, const SensitivityOptions &options, const SensitivityProgress &progress)
try {
    const auto state = stateOf(data, options);
    if (!state)
        return std::unexpected(state.error());
    Measurement measurement{**state, options};
    Sensitivity result{.dataName = (*state)->dataset.name, .images = std::min(options.images, (*state)->split.validation.size()),
                       .latent = measurement.latent(), .snapped = measurement.snapped(), .layers = {}};
    const std::size_t all = 2 * (*state)->layers.size() + 2;
    bool goesOn = !progress || progress(2, all);
    const auto &kernels = (*state)->kernels;
    for (std::size_t kernel = 0; kernel < kernels.size() && goesOn; ++kernel) {
        for (std::size_t layer = kernels[kernel].first; layer < kernels[kernel].first + kernels[kernel].count && goesOn; ++layer) {
            result.layers.push_back(measurement.layer(kernel, layer));
            goesOn = !progress || progress(2 * result.layers.size() + 2, all);
        }
    }
    return result;
} catch (const std::exception &error) {
    return fail(ErrorCode::Internal, fmt::format("Sensitivity: {}", error.what()));
}

} // namespace engine
