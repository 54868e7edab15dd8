// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/guarded.h"
#include "engine/core/ids.h"
#include "engine/sensitivity/layerbench_torch.h"
#include "engine/sensitivity/sensitivity.h"
#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <numeric>

namespace engine {
namespace {

constexpr auto kWhat = "Sensitivity";

LayerSensitivity measureLayer(LayerBench &bench, std::size_t layer)
{
    const LayerQuantizer &quantizer = bench.layer(layer);
    const NearestSums sums = quantizer.measure();
    return {.layer = quantizer.info().name,
            .weights = quantizer.info().weightCount,
            .k = static_cast<int>(quantizer.codebook().size()),
            .meanSquaredError = sums.squaredDistance / static_cast<double>(quantizer.info().weightCount),
            .entropyBits = entropyBits(sums.occupancy),
            .alone = bench.alone(layer),
            .others = bench.allBut(layer)};
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
{
    if (options.k && (*options.k < 1 || *options.k > kMaxRepresentatives))
        return fail(ErrorCode::BadValue, fmt::format("Sensitivity: expected k from 1 to {}, found {}.", kMaxRepresentatives, *options.k));
    return guarded(kWhat, [&]() -> Result<Sensitivity> {
        auto bench = LayerBench::open(data, kWhat, options.images, options.reestimatesNorms);
        if (!bench)
            return std::unexpected(bench.error());
        for (std::size_t layer = 0; layer < bench->layers() && options.k; ++layer)
            bench->useKMeans(layer, *options.k);
        Sensitivity result{.dataName = bench->description().dataName,
                           .images = bench->images(),
                           .step = data.run.step,
                           .latent = bench->latent(),
                           .snapped = bench->snapped(),
                           .layers = {}};
        const auto goesOn = [&] { return !progress || progress(2 * result.layers.size() + 2, 2 * bench->layers() + 2); };
        while (goesOn() && result.layers.size() < bench->layers())
            result.layers.push_back(measureLayer(*bench, result.layers.size()));
        return result;
    });
}

} // namespace engine
