// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "tests/support/samplesnapshot.h"

/// What tests/golden/snapshot-1.0/run.h5 holds. All by formula, so that neither a library's random numbers
/// nor a new default of a parameter can move it.
namespace support {

inline engine::LayerState goldenLayer(std::uint16_t id, std::string name, std::vector<std::int64_t> shape, std::size_t k)
{
    engine::LayerState layer;
    layer.info = {engine::LayerId{id}, std::move(name), shape.size() == 4 ? "conv" : "linear", shape, 1};
    for (const auto extent : shape)
        layer.info.weightCount *= static_cast<std::uint64_t>(extent);
    for (std::uint64_t i = 0; i < layer.info.weightCount; ++i) {
        layer.weights.push_back((static_cast<float>(i * 37 % 101) - 50.0f) / 64.0f);
        layer.assignment.push_back(static_cast<std::uint8_t>(i * 37 % 101 * k / 101));
    }
    for (std::size_t j = 0; j < k; ++j) {
        layer.representatives.push_back((static_cast<float>(j) + 0.5f) / static_cast<float>(k) - 0.5f);
        layer.identity.push_back(static_cast<std::uint16_t>(k - 1 - j));
    }
    layer.trajectories = k;
    layer.histogram = {.low = -1, .high = 1, .counts = {1, 2, layer.info.weightCount, 4}, .underflow = 5, .overflow = 6, .notANumber = 7,
                       .infinite = 8, .rangeRevision = 9};
    return layer;
}

inline engine::Sample goldenSample(std::uint64_t i, const std::vector<engine::LayerState> &layers)
{
    const auto x = static_cast<double>(i);
    engine::Sample sample;
    sample.step = engine::Step{10 * i};
    sample.epoch = x / 4;
    sample.stage = i < 3 ? engine::Stage::Warmup : engine::Stage::Commit;
    sample.taskLoss = 2 - x / 8;
    sample.regularizerLoss = x / 16;
    sample.trainAccuracy = x / 32;
    if (i % 2) {
        sample.latentAccuracy = 0.5 + x / 64;
        sample.snappedAccuracy = 0.25 + x / 64;
        sample.wholeValidation = true;
    }
    sample.fixedRatio = 15;
    sample.entropyRatio = 16;
    sample.learningRate = 0.125;
    sample.imagesPerSecond = 1000 + x;
    for (const auto &state : layers) {
        engine::LayerSample layer;
        layer.representatives = state.representatives;
        layer.lambda = 0.5f;
        layer.meanDistance = 0.25f;
        layer.regularizerLoss = 0.125f;
        layer.gradientRatio = static_cast<float>(i);
        layer.changedShare = 0.0625f;
        layer.densityLow = -1;
        layer.densityHigh = 1;
        for (std::uint32_t bin = 0; bin < engine::kDensityBins; ++bin)
            layer.density.push_back(bin * static_cast<std::uint32_t>(i));
        sample.layers.push_back(std::move(layer));
    }
    return sample;
}

inline engine::SnapshotData goldenSnapshot()
{
    engine::SnapshotData data;
    auto &description = data.description;
    (void)description.settings.set(engine::ParameterId::CodebookSize, std::int64_t{16});
    (void)description.settings.set(engine::ParameterId::Lambda, 0.3);
    (void)description.settings.set(engine::ParameterId::Data, std::string{"fashion-mnist:/daten/Mode"});
    (void)description.settings.set(engine::ParameterId::Seed, std::int64_t{12345678901234});
    description.dataName = "Fashion-MNIST";
    description.modelName = "lenet5";
    description.classNames = {"T-shirt/top", "Trouser", "Größe"};
    description.trainImages = 54000;
    description.validationImages = 6000;
    description.testImages = 10000;
    description.floatParameters = 13;
    description.stepsPerEpoch = 40;
    description.warmupSteps = 30;
    description.clusterSteps = 20;
    description.commitSteps = 10;
    description.threads = 2;
    description.blasName = "OpenBLAS";
    data.history = engine::History{2048};
    data.step = engine::Step{59};
    data.stage = engine::Stage::Commit;
    data.codebooksAreLive = true;
    data.layers = {goldenLayer(0, "features.0", {4, 1, 3, 3}, 4), goldenLayer(1, "classifier/0", {40, 50}, 16)};
    data.layers[1].lambdaOverride = 0.75;
    for (const auto &layer : data.layers) {
        description.layers.push_back(layer.info);
        data.state.push_back(floatArray("optimizer/momentum/" + layer.info.name + ".weight", layer.info.shape, layer.weights));
    }
    data.state.push_back({"random/cpu", engine::NamedArray::Type::UInt8, {3}, {std::byte{1}, std::byte{0}, std::byte{255}}});
    data.state.push_back({"optimizer/steps", engine::NamedArray::Type::Int64, {}, std::vector<std::byte>(8, std::byte{2})});
    for (std::uint64_t i = 0; i < 6; ++i)
        data.history.add(goldenSample(i, data.layers));
    data.latentTestAccuracy = 0.875;
    data.snappedTestAccuracy = engine::kNotMeasured;
    return data;
}

} // namespace support
