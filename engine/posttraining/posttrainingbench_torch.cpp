// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/posttraining/posttrainingbench.h"
#include "engine/codebooks/scope.h"
#include "engine/training/store_torch.h"
#include "engine/training/trainer_torch.h"
#include <torch/torch.h>
#include <utility>

namespace engine {
namespace {

/// Translates what LibTorch throws.
template <typename Work>
auto guarded(const Work &work) -> decltype(work())
try {
    return work();
} catch (const std::bad_alloc &) {
    return fail(ErrorCode::Internal, "Quantization: not enough memory for this network.");
} catch (const std::exception &error) { // LibTorch's texts go on with a trace
    const std::string text = error.what();
    return fail(ErrorCode::Internal, "Quantization: " + text.substr(0, text.find('\n')));
}

std::vector<std::uint64_t> occupancyOf(const LayerState &layer)
{
    std::vector<std::uint64_t> occupancy(layer.representatives.size());
    for (const CodeIndex code : layer.assignment)
        ++occupancy[code];
    return occupancy;
}

} // namespace

class PostTrainingBench::Impl {
public:
    Impl(SnapshotData source, std::unique_ptr<TrainingState> state, Images images)
        : m_source{std::move(source)}, m_state{std::move(state)}, m_images{images}
    {
        m_source.state.clear(); // quantizing takes weights and settings alone
        m_source.module.clear();
        m_source.history = History{};
        for (const auto &entry : m_state->network->tensors()) {
            if (!entry.isTrained())
                m_statistics.emplace_back(entry.tensor, entry.tensor.clone());
        }
    }

    Result<PostTrainingMeasurement> measure(const PostTrainingOptions &options)
    {
        const auto quantized = quantizedSnapshot(m_source, options);
        if (!quantized)
            return std::unexpected(quantized.error());
        torch::NoGradGuard noGradient;
        const Kernels kernels = kernelsOf(*quantized);
        PostTrainingMeasurement result;
        result.accuracy = accuracy(kernels);
        result.reestimatedAccuracy = m_statistics.empty() ? result.accuracy : reestimatedAccuracy(kernels);
        result.size = floatSize(m_state->description.floatParameters);
        const auto owners = codebookOwners(quantized->description.settings, quantized->description.layers);
        for (std::size_t l = 0; l < quantized->layers.size(); ++l) {
            const LayerState &layer = quantized->layers[l];
            result.size += layerSize(occupancyOf(layer), owners[l] == l);
            result.layers.push_back({.name = layer.info.name, .k = static_cast<int>(layer.representatives.size())});
        }
        return result;
    }

private:
    using Kernels = std::vector<torch::Tensor>;

    /// Ranges of channels are one layer again, so that each layer is a kernel.
    Kernels kernelsOf(const SnapshotData &quantized) const
    {
        Kernels kernels;
        for (std::size_t l = 0; l < quantized.layers.size(); ++l) {
            const auto &weights = quantized.layers[l].weights;
            const torch::Tensor latent = m_state->kernels.at(l).kernel.detach();
            kernels.push_back(torch::empty_like(latent).copy_(torch::from_blob(const_cast<float *>(weights.data()), latent.sizes())));
        }
        return kernels;
    }
    double accuracy(const Kernels &kernels)
    {
        Evaluator &evaluator = *m_state->evaluator;
        return m_images == Images::Test ? evaluator.test(*m_state->network, kernels, m_state->dataset.test)
                                        : evaluator.validate(*m_state->network, kernels, m_state->split.validation.size());
    }
    double reestimatedAccuracy(const Kernels &kernels)
    {
        const auto stream = trainingStream(*m_state, Step{0}); // the same images each time
        m_state->evaluator->reestimateNorms(*m_state->network, kernels, *stream);
        const double result = accuracy(kernels);
        for (auto &[tensor, kept] : m_statistics)
            tensor.copy_(kept);
        return result;
    }

    SnapshotData m_source;
    std::unique_ptr<TrainingState> m_state;
    Images m_images;
    std::vector<std::pair<torch::Tensor, torch::Tensor>> m_statistics; // of batch-norm, and what training left
};

Result<PostTrainingBench> PostTrainingBench::open(SnapshotData source, Images images)
{
    return guarded([&]() -> Result<PostTrainingBench> {
        auto state = fromSnapshot(source);
        if (!state)
            return std::unexpected(state.error());
        return PostTrainingBench{std::make_unique<Impl>(std::move(source), *std::move(state), images)};
    });
}

PostTrainingBench::PostTrainingBench(std::unique_ptr<Impl> impl) : m_impl{std::move(impl)} {}
PostTrainingBench::PostTrainingBench(PostTrainingBench &&other) noexcept = default;
PostTrainingBench &PostTrainingBench::operator=(PostTrainingBench &&other) noexcept = default;
PostTrainingBench::~PostTrainingBench() = default;

Result<PostTrainingMeasurement> PostTrainingBench::measure(const PostTrainingOptions &options)
{
    return guarded([&] { return m_impl->measure(options); });
}

} // namespace engine
