// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/frame/history.h"
#include <algorithm>
#include <cmath>
#include <utility>

namespace engine {
namespace {

/// Merges neighbouring bins so that at most kDensityBins remain.
std::vector<std::uint32_t> coarsen(const std::vector<std::uint64_t> &counts)
{
    std::vector<std::uint32_t> density(kDensityBins, 0);
    for (std::size_t bin = 0; bin < counts.size(); ++bin)
        density[bin * kDensityBins / counts.size()] += static_cast<std::uint32_t>(counts[bin]);
    return density;
}

LayerSample layerSampleOf(const LayerFrame &layer)
{
    LayerSample sample;
    sample.representatives.resize(layer.trajectories, static_cast<float>(kNotMeasured));
    for (std::size_t j = 0; j < layer.representatives.size(); ++j)
        sample.representatives.at(layer.identity.at(j)) = layer.representatives[j];
    sample.lambda = static_cast<float>(layer.lambda);
    sample.meanDistance = static_cast<float>(layer.meanDistance);
    sample.regularizerLoss = static_cast<float>(layer.regularizerLoss);
    sample.gradientRatio = static_cast<float>(layer.gradientRatio);
    sample.changedShare = static_cast<float>(layer.changedShare);
    sample.densityLow = static_cast<float>(layer.histogram.low);
    sample.densityHigh = static_cast<float>(layer.histogram.high);
    sample.density = coarsen(layer.histogram.counts);
    return sample;
}

bool isMeasured(const Sample &sample)
{
    return !std::isnan(sample.latentAccuracy) || !std::isnan(sample.snappedAccuracy);
}

} // namespace

Sample sampleOf(const Frame &frame, bool measuredNow)
{
    Sample sample;
    sample.step = frame.step;
    sample.epoch = frame.epoch;
    sample.stage = frame.stage;
    sample.taskLoss = frame.taskLoss;
    sample.regularizerLoss = frame.regularizerLoss;
    sample.trainAccuracy = frame.trainAccuracy;
    if (measuredNow) {
        sample.latentAccuracy = frame.latentAccuracy;
        sample.snappedAccuracy = frame.snappedAccuracy;
    }
    sample.fixedRatio = frame.size.fixedRatio();
    sample.entropyRatio = frame.size.entropyRatio();
    sample.learningRate = frame.learningRate;
    sample.imagesPerSecond = frame.imagesPerSecond;
    for (const auto &layer : frame.layers)
        sample.layers.push_back(layerSampleOf(layer));
    return sample;
}

void History::add(Sample sample)
{
    if (!m_samples.empty() && m_samples.back().step == sample.step) {
        m_samples.back() = std::move(sample);
        return;
    }
    if (m_samples.size() >= m_capacity) {
        const auto measured = static_cast<std::size_t>(std::ranges::count_if(m_samples, isMeasured));
        const bool keepMeasured = measured < m_capacity / 2;
        std::size_t position = 0;
        std::erase_if(m_samples, [&](const Sample &s) {
            if (keepMeasured && isMeasured(s))
                return false;
            return position++ % 2 == 1;
        });
        ++m_revision;
    }
    m_samples.push_back(std::move(sample));
}

} // namespace engine
