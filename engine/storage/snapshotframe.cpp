// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/snapshotframe.h"
#include "engine/codebooks/scope.h"
#include <cmath>

namespace engine {
namespace {

LayerFrame layerFrameOf(const SnapshotData &data, std::size_t place, bool ownsCodebook)
{
    const RunDescription &run = data.run.description;
    const StoredNetwork::Layer &stored = data.network.layers[place];
    const Checkpoint::Layer &layer = data.training.layers[place];
    LayerFrame frame;
    frame.id = run.layers[place].id;
    frame.representatives = stored.representatives;
    frame.identity = layer.identity;
    frame.trajectories = layer.trajectories;
    frame.mixing = layer.mixing;
    frame.occupancy.assign(stored.representatives.size(), 0);
    double distance = 0, energy = 0;
    for (std::size_t i = 0; i < layer.weights.size(); ++i) {
        const double d = static_cast<double>(layer.weights[i]) - stored.representatives[stored.assignment[i]];
        ++frame.occupancy[stored.assignment[i]];
        distance += std::abs(d);
        energy += d * d;
    }
    frame.histogram = layer.histogram;
    frame.lambdaTarget = run.settings.layer(run.layers[place].name).lambda.value_or(run.settings.real(ParameterId::Lambda));
    frame.meanDistance = layer.weights.empty() ? 0 : distance / static_cast<double>(layer.weights.size());
    const auto &samples = data.run.history.samples();
    if (!samples.empty() && samples.back().layers.size() == run.layers.size())
        frame.lambda = samples.back().layers[place].lambda;
    frame.regularizerLoss = 0.5 * frame.lambda * energy;
    frame.size = layerSize(frame.occupancy, ownsCodebook);
    return frame;
}

} // namespace

Frame frameOf(const SnapshotData &data)
{
    Frame frame;
    frame.step = data.run.step;
    frame.stage = data.run.stage;
    frame.codebooksAreLive = data.run.codebooksAreLive;
    frame.size = floatSize(data.run.description.floatParameters);
    const auto owners = codebookOwners(data.run.description.settings, data.run.description.layers);
    for (std::size_t layer = 0; layer < data.network.layers.size(); ++layer) {
        frame.layers.push_back(layerFrameOf(data, layer, owners[layer] == layer));
        frame.regularizerLoss += frame.layers.back().regularizerLoss;
        frame.size += frame.layers.back().size;
    }
    for (const auto &sample : data.run.history.samples()) {
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
