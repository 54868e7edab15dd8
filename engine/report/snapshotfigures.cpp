// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/report/snapshotfigures.h"
#include "engine/codebooks/scope.h"
#include <algorithm>
#include <cmath>
#include <ranges>

namespace engine {

LayerFigures figuresOf(const StoredNetwork::Layer &stored, const Checkpoint::Layer &layer, bool ownsCodebook)
{
    LayerFigures figures;
    figures.occupancy.resize(stored.representatives.size());
    double distance = 0;
    for (std::size_t i = 0; i < layer.weights.size(); ++i) {
        const auto code = stored.assignment[i];
        ++figures.occupancy[code];
        distance += std::abs(static_cast<double>(layer.weights[i]) - stored.representatives[code]);
    }
    figures.used = static_cast<std::size_t>(std::ranges::count_if(figures.occupancy, [](auto members) { return members > 0; }));
    figures.entropyBits = entropyBits(figures.occupancy);
    figures.meanDistance = distance / static_cast<double>(layer.weights.size());
    figures.size = layerSize(figures.occupancy, ownsCodebook);
    return figures;
}

SnapshotFigures figuresOf(const SnapshotData &data)
{
    SnapshotFigures figures;
    figures.size = floatSize(data.run.description.floatParameters);
    const auto owners = codebookOwners(data.run.description.settings, data.run.description.layers);
    for (std::size_t layer = 0; layer < data.network.layers.size(); ++layer) {
        const auto &added =
            figures.layers.emplace_back(figuresOf(data.network.layers[layer], data.training.layers[layer], owners[layer] == layer));
        const auto weights = static_cast<double>(added.size.weights);
        figures.size += added.size;
        figures.entropyBits += added.entropyBits * weights;
        figures.meanDistance += added.meanDistance * weights;
    }
    if (figures.size.weights > 0) {
        figures.entropyBits /= static_cast<double>(figures.size.weights);
        figures.meanDistance /= static_cast<double>(figures.size.weights);
    }
    for (const auto &sample : data.run.history.samples() | std::views::reverse) {
        if (std::isnan(sample.latentAccuracy) && std::isnan(sample.snappedAccuracy))
            continue;
        figures.validation = sample;
        break;
    }
    return figures;
}

} // namespace engine
