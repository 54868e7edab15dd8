// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/posttraining/posttrainingbench.h"
#include "engine/bench/networkbench_torch.h"
#include "engine/codebooks/scope.h"
#include "engine/core/guarded.h"
#include <torch/torch.h>
#include <utility>

namespace engine {
namespace {

constexpr auto kWhat = "Quantization";

std::vector<std::uint64_t> occupancyOf(const StoredNetwork::Layer &layer)
{
    std::vector<std::uint64_t> occupancy(layer.representatives.size());
    for (const CodeIndex code : layer.assignment)
        ++occupancy[code];
    return occupancy;
}

} // namespace

class PostTrainingBench::Impl {
public:
    Impl(SnapshotData source, NetworkBench bench, Images images)
        : m_source{std::move(source)}, m_bench{std::move(bench)},
          m_images{images == Images::Test ? NetworkBench::Images::Test : NetworkBench::Images::Validation}
    {
        m_source.network.arrays.clear(); // quantizing takes weights and settings alone
        m_source.network.module.clear();
        m_source.training.arrays.clear();
        m_source.run.history = History{};
        m_source.run.log = RunLog{};
    }

    Result<PostTrainingMeasurement> measure(const PostTrainingOptions &options)
    {
        const auto quantized = quantizedSnapshot(m_source, options);
        if (!quantized)
            return std::unexpected(quantized.error());
        const RunDescription &run = quantized->run.description;
        const NetworkBench::Kernels kernels = kernelsOf(*quantized);
        const auto accuracy = [&] { return m_bench.accuracy(kernels, m_images); };
        PostTrainingMeasurement result;
        result.accuracy = accuracy();
        result.reestimatedAccuracy = m_bench.hasStatistics() ? m_bench.reestimated(kernels, Step{0}, accuracy) : result.accuracy;
        result.size = floatSize(m_bench.state().description.floatParameters);
        const auto owners = codebookOwners(run.settings, run.layers);
        for (std::size_t l = 0; l < run.layers.size(); ++l) {
            const auto &layer = quantized->network.layers[l];
            result.size += layerSize(occupancyOf(layer), owners[l] == l);
            result.layers.push_back({.name = run.layers[l].name, .k = static_cast<int>(layer.representatives.size())});
        }
        return result;
    }

private:
    /// Ranges of channels are one layer again, so that each layer is a kernel.
    NetworkBench::Kernels kernelsOf(const SnapshotData &quantized) const
    {
        NetworkBench::Kernels kernels;
        for (std::size_t l = 0; l < quantized.training.layers.size(); ++l) {
            const auto &weights = quantized.training.layers[l].weights;
            const torch::Tensor latent = m_bench.state().model.kernels.at(l).kernel.detach();
            kernels.push_back(torch::empty_like(latent).copy_(torch::from_blob(const_cast<float *>(weights.data()), latent.sizes())));
        }
        return kernels;
    }

    SnapshotData m_source;
    NetworkBench m_bench;
    NetworkBench::Images m_images;
};

Result<PostTrainingBench> PostTrainingBench::open(SnapshotData source, Images images)
{
    return guarded(kWhat, [&]() -> Result<PostTrainingBench> {
        auto bench = NetworkBench::open(source);
        if (!bench)
            return std::unexpected(bench.error());
        return PostTrainingBench{std::make_unique<Impl>(std::move(source), *std::move(bench), images)};
    });
}

PostTrainingBench::PostTrainingBench(std::unique_ptr<Impl> impl) : m_impl{std::move(impl)} {}
PostTrainingBench::PostTrainingBench(PostTrainingBench &&other) noexcept = default;
PostTrainingBench &PostTrainingBench::operator=(PostTrainingBench &&other) noexcept = default;
PostTrainingBench::~PostTrainingBench() = default;

Result<PostTrainingMeasurement> PostTrainingBench::measure(const PostTrainingOptions &options)
{
    return guarded(kWhat, [&] { return m_impl->measure(options); });
}

} // namespace engine
