// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/training/watcher_torch.h"
#include "engine/core/parallel_torch.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace engine {
namespace {

struct Cells {
    std::span<const CodeIndex> codes;
    std::span<const std::uint16_t> identity; // of codes
};

/// Share of weights that are in another representative's cell; NaN unless both are of one length. Codes count
/// places, which others take where representatives have passed each other or some were dropped.
double differingShare(Cells cellsBefore, Cells cellsNow)
{
    const auto before = cellsBefore.codes, now = cellsNow.codes;
    if (before.size() != now.size() || now.empty())
        return kNotMeasured;
    const bool samePlaces = std::ranges::equal(cellsBefore.identity, cellsNow.identity);
    std::size_t changed = 0;
    for (std::size_t i = 0; i < now.size(); ++i)
        changed += samePlaces ? before[i] != now[i] : cellsBefore.identity[before[i]] != cellsNow.identity[now[i]];
    return static_cast<double>(changed) / static_cast<double>(now.size());
}

double gradientRatio(const LayerQuantizer &layer, double lambda)
{
    const auto &pass = layer.lastPass();
    if (!pass || pass->nearest.squaredGradient <= 0)
        return kNotMeasured;
    return lambda * std::sqrt(pass->squaredPull / pass->nearest.squaredGradient);
}

} // namespace

void Watcher::measure(std::size_t images)
{
    if (!m_state.progress.codebooksAreLive)
        m_state.initialiseCodebooks();
    m_state.model.synchroniseCommitted();
    m_latentAccuracy = m_state.evaluator->validate(*m_state.model.network, m_state.model.latentKernels(), images);
    m_snappedAccuracy = m_state.evaluator->validate(*m_state.model.network, m_state.model.snappedKernels(), images);
}

void Watcher::measureSubset() { measure(static_cast<std::size_t>(m_state.settings().whole(ParameterId::SnappedSubset))); }

void Watcher::measureWhole() { measure(m_state.data->split.validation.size()); }

LayerFrame Watcher::layerFrame(std::size_t layer)
{
    const LayerQuantizer &quantizer = *m_state.model.layers[layer];
    const RegularizerStrength strength = m_state.strength(layer);
    const RegularizerSums regularizer = quantizer.measureRegularizer(strength.temperature);
    const NearestSums &sums = regularizer.nearest;
    const auto weights = static_cast<double>(quantizer.info().weightCount);
    LayerFrame frame;
    frame.id = quantizer.info().id;
    frame.representatives.assign(quantizer.codebook().begin(), quantizer.codebook().end());
    frame.identity = quantizer.identity();
    frame.trajectories = quantizer.trajectories();
    frame.occupancy = sums.occupancy;
    frame.mixing = quantizer.mixing();
    frame.histogram = m_state.model.histogramRanges[layer].count(quantizer.weights(), kHistogramBins);
    frame.lambda = strength.lambda;
    frame.lambdaTarget = m_state.lambdaTarget(layer);
    frame.regularizerLoss = quantizer.loss(regularizer, strength);
    frame.meanDistance = sums.absoluteDistance / weights;
    frame.gradientRatio = m_state.progress.codebooksAreLive ? gradientRatio(quantizer, frame.lambda) : kNotMeasured;
    auto codes = quantizer.codes();
    if (layer < m_lastLayers.size())
        frame.changedShare = differingShare({m_lastCodes[layer], m_lastLayers[layer].identity}, {codes, frame.identity});
    m_lastCodes[layer] = std::move(codes);
    frame.size = layerSize(sums.occupancy, m_state.model.ownsCodebook(layer));
    return frame;
}

Frame Watcher::frame(const Trainer::Tally &tally)
{
    if (!m_state.progress.codebooksAreLive)
        m_state.initialiseCodebooks();
    m_state.model.synchroniseCommitted();
    Frame frame;
    frame.step = m_state.progress.step;
    frame.epoch = static_cast<double>(count(m_state.progress.step)) / static_cast<double>(m_state.description.stepsPerEpoch);
    frame.stage = m_state.progress.stage;
    frame.codebooksAreLive = m_state.progress.codebooksAreLive;
    if (tally.steps > 0) {
        m_taskLoss = tally.taskLoss / static_cast<double>(tally.steps);
        m_trainAccuracy = tally.accuracy / static_cast<double>(tally.steps);
    }
    frame.taskLoss = m_taskLoss;
    frame.trainAccuracy = m_trainAccuracy;
    frame.latentAccuracy = m_latentAccuracy;
    frame.snappedAccuracy = m_snappedAccuracy;
    frame.learningRate = learningRate(m_state.settings(), m_state.stages(), count(m_state.progress.step));
    frame.size = floatSize(m_state.description.floatParameters);

    m_lastCodes.resize(m_state.model.layers.size());
    frame.layers.resize(m_state.model.layers.size());
    at::parallel_for(0, static_cast<std::int64_t>(frame.layers.size()), 1, [&](std::int64_t from, std::int64_t to) {
        for (auto layer = static_cast<std::size_t>(from); layer < static_cast<std::size_t>(to); ++layer)
            frame.layers[layer] = layerFrame(layer);
    });
    for (std::size_t layer = 0; layer < frame.layers.size(); ++layer) {
        frame.regularizerLoss += frame.layers[layer].regularizerLoss;
        frame.size += frame.layers[layer].size;
        if (!m_lastLayers.empty())
            note(m_lastLayers[layer], frame.layers[layer], m_state.model.layers[layer]->info().name);
    }
    m_lastLayers = frame.layers;
    return frame;
}

void Watcher::note(const LayerFrame &before, const LayerFrame &now, const std::string &layerName)
{
    if (now.histogram.rangeRevision != before.histogram.rangeRevision)
        m_notes.push_back(
            fmt::format("{}: the histogram's range grew to [{:.4g}, {:.4g}].", layerName, now.histogram.low, now.histogram.high));
    if (m_state.progress.codebooksAreLive && now.deadCount() > before.deadCount())
        m_notes.push_back(fmt::format("{}: {} of {} representatives are dead.", layerName, now.deadCount(), now.k()));
}

} // namespace engine
