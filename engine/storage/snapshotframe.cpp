// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/snapshotframe.h"
#include "engine/codebooks/scope.h"
#include <cmath>

namespace engine {
namespace {

LayerFrame layerFrameOf(const LayerState &layer, const SnapshotData &data, bool ownsCodebook)
{
    LayerFrame frame;
    frame.id = layer.info.id;
    frame.representatives = layer.representatives;
    frame.identity = layer.identity;
    frame.trajectories = layer.trajectories;
    frame.mixing = layer.mixing;
    frame.occupancy.assign(layer.representatives.size(), 0);
    double distance = 0, energy = 0;
    for (std::size_t i = 0; i < layer.weights.size(); ++i) {
        const double d = static_cast<double>(layer.weights[i]) - layer.representatives[layer.assignment[i]];
        ++frame.occupancy[layer.assignment[i]];
        distance += std::abs(d);
        energy += d * d;
    }
    frame.histogram = layer.histogram;
    frame.lambdaTarget = layer.lambdaOverride.value_or(data.description.settings.real(ParameterId::Lambda));
    frame.meanDistance = layer.weights.empty() ? 0 : distance / static_cast<double>(layer.weights.size());
    const auto &samples = data.history.samples();
    if (!samples.empty() && samples.back().layers.size() == data.layers.size())
        frame.lambda = samples.back().layers[index(layer.info.id)].lambda;
    frame.regularizerLoss = 0.5 * frame.lambda * energy;
    frame.size = layerSize(frame.occupancy, ownsCodebook);
    return frame;
}

} // namespace

Frame frameOf(const SnapshotData &data)
{
    Frame frame;
    frame.step = data.step;
    frame.stage = data.stage;
    frame.codebooksAreLive = data.codebooksAreLive;
    frame.size = floatSize(data.description.floatParameters);
    const auto owners = codebookOwners(data.description.settings, data.description.layers);
    for (std::size_t layer = 0; layer < data.layers.size(); ++layer) {
        frame.layers.push_back(layerFrameOf(data.layers[layer], data, owners[layer] == layer));
        frame.regularizerLoss += frame.layers.back().regularizerLoss;
        frame.size += frame.layers.back().size;
    }
    for (const auto &sample : data.history.samples()) {
        frame.epoch = sample.epoch;
        frame.taskLoss = sample.taskLoss;
        frame.trainAccuracy = sample.trainAccuracy;
        frame.learningRate = sample.learningRate;
        if (!std::isnan(sample.latentAccuracy))
            frame.latentAccuracy = sample.latentAccuracy;
        if (!std::isnan(sample.snappedAccuracy))
            frame.snappedAccuracy = sample.snappedAccuracy;
    }
    return frame;
}

} // namespace engine
