// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/frame/histogram.h"
#include "engine/storage/snapshot.h"
#include "tests/support/samebits.h"
#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <random>
#include <ranges>
#include <span>
#include <string>
#include <vector>

/// Snapshots for tests: made-up weights, everything else computed from them. The same arguments give the same snapshot.
namespace support {

struct SampleLayer {
    std::string name, kind;
    std::vector<std::int64_t> shape;
    int k;
};

inline engine::NamedArray floatArray(std::string name, std::vector<std::int64_t> shape, std::span<const float> values)
{
    const auto bytes = std::as_bytes(values);
    return {std::move(name), engine::NamedArray::Type::Float32, std::move(shape), {bytes.begin(), bytes.end()}};
}

/// Adds a layer with weights of its own, and all that is known of it.
inline void addSampleLayer(engine::SnapshotData &data, const SampleLayer &wanted, std::mt19937_64 &random)
{
    const auto id = static_cast<std::uint16_t>(data.run.description.layers.size());
    engine::LayerInfo info{engine::LayerId{id}, wanted.name, wanted.kind, wanted.shape, 1};
    for (const auto extent : wanted.shape)
        info.weightCount *= static_cast<std::uint64_t>(extent);
    engine::Checkpoint::Layer trained;
    engine::StoredNetwork::Layer snapped;
    std::normal_distribution<float> weight{0.0f, 0.1f};
    trained.weights.resize(info.weightCount);
    std::ranges::generate(trained.weights, [&] { return weight(random); });
    for (int j = 0; j < wanted.k; ++j)
        snapped.representatives.push_back(-0.2f + 0.4f * (static_cast<float>(j) + 0.5f) / static_cast<float>(wanted.k));
    trained.identity.resize(static_cast<std::size_t>(wanted.k));
    std::iota(trained.identity.begin(), trained.identity.end(), std::uint16_t{0});
    std::ranges::shuffle(trained.identity, random);
    trained.trajectories = trained.identity.size();
    trained.sigma = 0.1 + id;
    for (const float w : trained.weights) {
        const auto above = std::ranges::upper_bound(snapped.representatives, w) - snapped.representatives.begin();
        snapped.assignment.push_back(static_cast<std::uint8_t>(std::min<std::ptrdiff_t>(above, wanted.k - 1)));
    }
    trained.histogram = engine::countHistogram(trained.weights, -0.3, 0.3, 512);
    trained.histogram.rangeRevision = id;
    data.run.description.layers.push_back(std::move(info));
    data.training.layers.push_back(std::move(trained));
    data.network.layers.push_back(std::move(snapped));
}

inline engine::Sample sample(std::uint64_t step, const engine::StoredNetwork &network, std::mt19937_64 &random)
{
    std::uniform_real_distribution<double> any{0.0, 1.0};
    engine::Sample result;
    result.step = engine::Step{step};
    result.epoch = static_cast<double>(step) / 100.0;
    result.stage = step < 40 ? engine::Stage::Warmup : engine::Stage::Cluster;
    result.taskLoss = any(random);
    result.regularizerLoss = any(random);
    result.trainAccuracy = any(random);
    if (step % 30 == 0) {
        result.latentAccuracy = any(random);
        result.snappedAccuracy = any(random);
        result.wholeValidation = step % 60 == 0;
    }
    result.fixedRatio = 15.9;
    result.entropyRatio = 16.0 + any(random);
    result.learningRate = 0.02;
    result.imagesPerSecond = 1234.5;
    for (const auto &snapped : network.layers) {
        engine::LayerSample layer;
        layer.representatives = snapped.representatives;
        layer.lambda = 0.1f;
        layer.meanDistance = static_cast<float>(any(random));
        layer.regularizerLoss = static_cast<float>(any(random));
        layer.gradientRatio = static_cast<float>(engine::kNotMeasured);
        layer.changedShare = 0.03f;
        layer.densityLow = -0.3f;
        layer.densityHigh = 0.3f;
        layer.density.resize(engine::kDensityBins);
        std::ranges::generate(layer.density, [&] { return static_cast<std::uint32_t>(random() % 1000); });
        result.layers.push_back(std::move(layer));
    }
    return result;
}

/// One of each thing that can be done in a run.
inline engine::RunLog sampleLog()
{
    using namespace engine;
    const Started begun{
        .threads = 2, .program = "0.2.0", .torch = "1.13.1", .processor = "a processor", .changes = {}, .hasCodebooks = false};
    Started branched = begun;
    branched.threads = 1;
    branched.hasCodebooks = true;
    branched.changes = {{ParameterId::CodebookSize, std::int64_t{4}}, {ParameterId::Forward, std::string{"latent"}}};
    RunLog log;
    log.entries = {{Step{0}, Author::Hand, 1'790'000'000, begun},
                   {Step{2110}, Author::Hand, 1'790'000'060, SetParameter{ParameterId::Lambda, 0.3}},
                   {Step{2200}, Author::File, 1'790'000'061, SetLayerLambda{"features.0", 0.1 + 0.2}},
                   {Step{2200}, Author::File, 1'790'000'061, SetLayerLambda{"features.0", std::nullopt}},
                   {Step{2250}, Author::Hand, 1'790'000'070, PauseAt{Step{2300}}},
                   {Step{2260}, Author::Hand, 1'790'000'071, Pause{}},
                   {Step{2260}, Author::Hand, 1'790'000'072, StepOnce{}},
                   {Step{2261}, Author::Hand, 1'790'000'073, Resume{}},
                   {Step{2300}, Author::Hand, 1'790'000'080, branched},
                   {Step{2400}, Author::Rule, 1'790'000'081, Ended{}}};
    log.ahead = {{Step{2600}, Author::File, 0, NextStage{}}};
    return log;
}

/// A run in its cluster stage with the given layers and so many samples.
inline engine::SnapshotData sampleSnapshot(const std::vector<SampleLayer> &layers, int samples, std::uint64_t seed = 1)
{
    std::mt19937_64 random{seed};
    engine::SnapshotData data;
    auto &description = data.run.description;
    description.dataName = "Fashion-MNIST";
    description.modelName = "lenet5";
    description.classNames = {"T-shirt/top", "Trouser", "Pullover", "Bag"};
    description.trainImages = 54000;
    description.validationImages = 6000;
    description.testImages = 10000;
    description.floatParameters = 236;
    description.stepsPerEpoch = 422;
    description.warmupSteps = 2110;
    description.clusterSteps = 1688;
    description.commitSteps = 422;
    description.threads = 2;
    description.blasName = "OpenBLAS";
    description.fingerprints = {.data = std::string(32, 'd'), .startWeights = std::string(32, 'a'), .module = {}};
    data.run.step = engine::Step{2500};
    data.run.seconds = 12.5;
    data.run.stage = engine::Stage::Cluster;
    data.run.codebooksAreLive = true;
    for (const auto &layer : layers) {
        addSampleLayer(data, layer, random);
        const auto &weights = data.training.layers.back().weights;
        data.training.arrays.push_back(floatArray("optimizer/momentum/" + layer.name + ".weight", layer.shape, weights));
    }
    const std::vector<float> bias{0.5f, -0.25f, 0.125f};
    data.network.arrays.push_back(floatArray("network/classifier.1.bias", {3}, bias));
    data.run.log = sampleLog();
    for (int i = 0; i < samples; ++i)
        data.run.history.add(sample(10 * static_cast<std::uint64_t>(i), data.network, random));
    return data;
}

/// As a rule makes it; `quantizedBefore` tells where it stands.
inline engine::FloatLayer floatLayer(std::string name, std::vector<std::int64_t> shape, std::uint64_t quantizedBefore)
{
    engine::FloatLayer layer{
        .info = {.name = std::move(name), .kind = shape.size() > 2 ? "conv" : "linear", .shape = std::move(shape), .weightCount = 1},
        .quantizedBefore = quantizedBefore};
    for (const auto extent : layer.info.shape)
        layer.info.weightCount *= static_cast<std::uint64_t>(extent);
    return layer;
}

/// The layers of lenet5 with k = 4.
inline std::vector<SampleLayer> lenetLayers()
{
    return {{"features.0", "conv", {6, 1, 5, 5}, 4},
            {"features.3", "conv", {16, 6, 5, 5}, 4},
            {"classifier.0", "linear", {120, 400}, 4},
            {"classifier.2", "linear", {84, 120}, 4},
            {"classifier.4", "linear", {10, 84}, 4}};
}

// ---- Equality down to the last bit: NaNs count as equal when their bits are. ----

inline bool sameInfo(const engine::LayerInfo &a, const engine::LayerInfo &b)
{
    return a.id == b.id && a.name == b.name && a.kind == b.kind && a.shape == b.shape && a.weightCount == b.weightCount;
}

inline bool sameFloatLayer(const engine::FloatLayer &a, const engine::FloatLayer &b)
{
    return sameInfo(a.info, b.info) && a.quantizedBefore == b.quantizedBefore;
}

inline bool sameSample(const engine::Sample &a, const engine::Sample &b)
{
    const auto values = [](const engine::Sample &s) {
        return std::vector{s.epoch,           s.taskLoss,   s.regularizerLoss, s.trainAccuracy, s.latentAccuracy,
                           s.snappedAccuracy, s.fixedRatio, s.entropyRatio,    s.learningRate,  s.imagesPerSecond};
    };
    const auto sameLayer = [](const engine::LayerSample &x, const engine::LayerSample &y) {
        const auto numbers = [](const engine::LayerSample &s) {
            return std::vector{s.lambda,       s.meanDistance, s.regularizerLoss, s.gradientRatio,
                               s.changedShare, s.densityLow,   s.densityHigh};
        };
        return sameBits(x.representatives, y.representatives) && sameBits(numbers(x), numbers(y)) && x.density == y.density;
    };
    return a.step == b.step && a.stage == b.stage && a.wholeValidation == b.wholeValidation && sameBits(values(a), values(b))
           && std::ranges::equal(a.layers, b.layers, sameLayer);
}

inline bool sameFigures(const engine::RunRecord &a, const engine::RunRecord &b)
{
    return sameBits(a.latentTestAccuracy, b.latentTestAccuracy) && sameBits(a.snappedTestAccuracy, b.snappedTestAccuracy) &&
           sameBits(a.snappedAsTrainedTestAccuracy, b.snappedAsTrainedTestAccuracy) && sameBits(a.waitingShare, b.waitingShare) &&
           sameBits(a.measuringShare, b.measuringShare) && sameBits(a.seconds, b.seconds);
}

/// The first part in which two snapshots differ; empty if none. The program's version is not compared: the
/// file knows its own.
inline std::string difference(const engine::SnapshotData &a, const engine::SnapshotData &b)
{
    const auto &x = a.run.description;
    const auto &y = b.run.description;
    if (!(x.settings == y.settings))
        return "settings";
    if (x.dataName != y.dataName || x.modelName != y.modelName || x.blasName != y.blasName || x.classNames != y.classNames)
        return "names";
    if (x.trainImages != y.trainImages || x.validationImages != y.validationImages || x.testImages != y.testImages
        || x.floatParameters != y.floatParameters || x.stepsPerEpoch != y.stepsPerEpoch || x.warmupSteps != y.warmupSteps
        || x.clusterSteps != y.clusterSteps || x.commitSteps != y.commitSteps || x.threads != y.threads || x.slowBlas != y.slowBlas)
        return "counts";
    if (!(x.fingerprints == y.fingerprints))
        return "fingerprints";
    if (!std::ranges::equal(x.layers, y.layers, sameInfo))
        return "layer descriptions";
    if (!std::ranges::equal(x.floatLayers, y.floatLayers, sameFloatLayer))
        return "float layers";
    if (a.network.module != b.network.module)
        return "module";
    if (!(a.run.log == b.run.log))
        return "log";
    if (!sameFigures(a.run, b.run))
        return "figures of the end";
    if (auto state = stateDifference(a, b); !state.empty())
        return state;
    if (!std::ranges::equal(a.training.layers, b.training.layers, {}, [](const auto &layer) { return layer.histogram; },
                            [](const auto &layer) { return layer.histogram; }))
        return "histograms";
    if (a.run.history.capacity() != b.run.history.capacity() ||
        !std::ranges::equal(a.run.history.samples(), b.run.history.samples(), sameSample))
        return "history";
    return {};
}

} // namespace support
