// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/frame/histogram.h"
#include "engine/storage/snapshot.h"
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

inline engine::LayerState sampleLayer(const SampleLayer &wanted, std::uint16_t id, std::mt19937_64 &random)
{
    engine::LayerState layer;
    layer.info = {engine::LayerId{id}, wanted.name, wanted.kind, wanted.shape, 1};
    for (const auto extent : wanted.shape)
        layer.info.weightCount *= static_cast<std::uint64_t>(extent);
    std::normal_distribution<float> weight{0.0f, 0.1f};
    layer.weights.resize(layer.info.weightCount);
    std::ranges::generate(layer.weights, [&] { return weight(random); });
    for (int j = 0; j < wanted.k; ++j)
        layer.representatives.push_back(-0.2f + 0.4f * (static_cast<float>(j) + 0.5f) / static_cast<float>(wanted.k));
    layer.identity.resize(static_cast<std::size_t>(wanted.k));
    std::iota(layer.identity.begin(), layer.identity.end(), std::uint16_t{0});
    std::ranges::shuffle(layer.identity, random);
    layer.trajectories = layer.identity.size();
    layer.sigma = 0.1 + id;
    for (const float w : layer.weights) {
        const auto above = std::ranges::upper_bound(layer.representatives, w) - layer.representatives.begin();
        layer.assignment.push_back(static_cast<std::uint8_t>(std::min<std::ptrdiff_t>(above, wanted.k - 1)));
    }
    layer.histogram = engine::countHistogram(layer.weights, -0.3, 0.3, 512);
    layer.histogram.rangeRevision = id;
    return layer;
}

inline engine::Sample sample(std::uint64_t step, const std::vector<engine::LayerState> &layers, std::mt19937_64 &random)
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
    for (const auto &state : layers) {
        engine::LayerSample layer;
        layer.representatives = state.representatives;
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

/// A run in its cluster stage with the given layers and so many samples.
inline engine::SnapshotData sampleSnapshot(const std::vector<SampleLayer> &layers, int samples, std::uint64_t seed = 1)
{
    std::mt19937_64 random{seed};
    engine::SnapshotData data;
    auto &description = data.description;
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
    data.step = engine::Step{2500};
    data.seconds = 12.5;
    data.stage = engine::Stage::Cluster;
    data.codebooksAreLive = true;
    for (std::size_t l = 0; l < layers.size(); ++l) {
        data.layers.push_back(sampleLayer(layers[l], static_cast<std::uint16_t>(l), random));
        description.layers.push_back(data.layers.back().info);
        const auto &weights = data.layers.back().weights;
        data.state.push_back(floatArray("optimizer/momentum/" + layers[l].name + ".weight", layers[l].shape, weights));
    }
    const std::vector<float> bias{0.5f, -0.25f, 0.125f};
    data.state.push_back(floatArray("network/classifier.1.bias", {3}, bias));
    for (int i = 0; i < samples; ++i)
        data.history.add(sample(10 * static_cast<std::uint64_t>(i), data.layers, random));
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

template <typename T>
bool sameBits(const T &a, const T &b)
{
    if constexpr (std::ranges::range<T>)
        return std::ranges::equal(a, b, [](const auto &x, const auto &y) { return sameBits(x, y); });
    else if constexpr (std::is_floating_point_v<T>)
        return std::memcmp(&a, &b, sizeof a) == 0;
    else
        return a == b;
}

inline bool sameBits(const std::optional<double> &a, const std::optional<double> &b)
{
    return a.has_value() == b.has_value() && (!a || sameBits(*a, *b));
}

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

/// The first part in which two snapshots differ; empty if none. The program's version is not compared: the
/// file knows its own.
inline std::string difference(const engine::SnapshotData &a, const engine::SnapshotData &b)
{
    const auto &x = a.description;
    const auto &y = b.description;
    if (!(x.settings == y.settings))
        return "settings";
    if (x.dataName != y.dataName || x.modelName != y.modelName || x.blasName != y.blasName || x.classNames != y.classNames)
        return "names";
    if (x.trainImages != y.trainImages || x.validationImages != y.validationImages || x.testImages != y.testImages
        || x.floatParameters != y.floatParameters || x.stepsPerEpoch != y.stepsPerEpoch || x.warmupSteps != y.warmupSteps
        || x.clusterSteps != y.clusterSteps || x.commitSteps != y.commitSteps || x.threads != y.threads || x.slowBlas != y.slowBlas)
        return "counts";
    if (!std::ranges::equal(x.layers, y.layers, sameInfo))
        return "layer descriptions";
    if (!std::ranges::equal(x.floatLayers, y.floatLayers, sameFloatLayer))
        return "float layers";
    if (a.module != b.module)
        return "module";
    if (a.step != b.step || a.stage != b.stage || a.codebooksAreLive != b.codebooksAreLive)
        return "step or stage";
    if (!sameBits(a.latentTestAccuracy, b.latentTestAccuracy) || !sameBits(a.snappedTestAccuracy, b.snappedTestAccuracy))
        return "test accuracies";
    if (!std::ranges::equal(a.layers, b.layers, [](const engine::LayerState &p, const engine::LayerState &q) {
            return sameInfo(p.info, q.info) && sameBits(p.weights, q.weights) && sameBits(p.representatives, q.representatives) &&
                   p.identity == q.identity && p.trajectories == q.trajectories && p.assignment == q.assignment &&
                   sameBits(p.lambdaOverride, q.lambdaOverride) && sameBits(p.sigma, q.sigma) && p.histogram == q.histogram &&
                   sameBits(p.mixing, q.mixing);
        }))
        return "layers";
    if (a.state.size() != b.state.size())
        return "state";
    for (std::size_t i = 0; i < a.state.size(); ++i) {
        const auto &p = a.state[i], &q = b.state[i];
        if (p.name != q.name || p.type != q.type || p.shape != q.shape || p.bytes != q.bytes)
            return "state " + p.name;
    }
    if (a.history.capacity() != b.history.capacity() || !std::ranges::equal(a.history.samples(), b.history.samples(), sameSample))
        return "history";
    if (!sameBits(a.seconds, b.seconds))
        return "seconds";
    return {};
}

} // namespace support
