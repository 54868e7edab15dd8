// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/bench/networkbench_torch.h"
#include "engine/sensitivity/sensitivity.h"
#include <map>
#include <memory>
#include <ranges>
#include <utility>
#include <vector>

namespace engine {

/// A stored network whose layers are snapped one by one, to measure what that does. A layer has one codebook;
/// several divide a kernel where each is a range of its output channels.
class LayerBench {
public:
    /// `what` begins its errors. Errors: those of fromSnapshot; BadValue for a snapshot whose weights a
    /// commit has snapped, for one without validation images, and for no images.
    static Result<LayerBench> open(const SnapshotData &data, const std::string &what, std::size_t images, bool reestimatesNorms);

    std::size_t layers() const noexcept { return state().model.layers.size(); }
    const LayerQuantizer &layer(std::size_t layer) const { return *state().model.layers[layer]; }
    const RunDescription &description() const noexcept { return state().description; }
    std::size_t kernels() const noexcept { return state().model.kernels.size(); }
    auto layersOf(std::size_t kernel) const
    {
        const auto &of = state().model.kernels[kernel];
        return std::views::iota(of.first, of.first + of.count);
    }
    bool sharesCodebooks() const noexcept { return state().model.codebooks.size() < state().model.layers.size(); }
    std::uint64_t images() const noexcept; ///< that are measured on

    /// The k-means codebook of so many representatives for a layer, and for all that share its codebook. 1 … 256.
    void useKMeans(std::size_t layer, int k);

    Scores latent();                      ///< no layer snapped
    Scores snapped();                     ///< all
    Scores alone(std::size_t layer);      ///< this one
    Scores allBut(std::size_t layer);
    Scores kernelAlone(std::size_t kernel); ///< all layers of this kernel

private:
    using Kernels = NetworkBench::Kernels;

    LayerBench(NetworkBench bench, std::size_t images, bool reestimatesNorms);
    TrainingState &state() noexcept { return m_bench.state(); }
    const TrainingState &state() const noexcept { return m_bench.state(); }
    std::size_t kernelOf(std::size_t layer) const;
    Kernels exchanged(Kernels all, std::size_t layer, const torch::Tensor &channels) const;
    Scores score(const Kernels &kernels, bool isQuantized);

    NetworkBench m_bench;
    std::size_t m_images;
    bool m_reestimatesNorms;
    Kernels m_latent;
    std::map<std::pair<std::size_t, int>, std::vector<float>> m_codebooks; // of k-means, by the layer that owns it and k
};

} // namespace engine
