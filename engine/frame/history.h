// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/ids.h"
#include "engine/frame/frame.h"
#include <cstdint>
#include <vector>

namespace engine {

inline constexpr int kDensityBins = 128; ///< of one heat-map column

/// One layer in one Sample; what trajectories and the heat map are drawn from.
struct LayerSample {
    std::vector<float>
        representatives; ///< (trajectories) by identity, not by value: entry t is trajectory t throughout the run; NaN once it was dropped
    float lambda = 0, meanDistance = 0, regularizerLoss = 0, gradientRatio = 0, changedShare = 0;
    float densityLow = 0, densityHigh = 0;       ///< range of `density`
    std::vector<std::uint32_t> density;          ///< (kDensityBins) latent weights per bin
    bool operator==(const LayerSample &) const = default;
};

/// The numbers of a run at one step.
struct Sample {
    Step step{};
    double epoch = 0;
    Stage stage = Stage::Warmup;
    double taskLoss = 0, regularizerLoss = 0, trainAccuracy = 0;
    double latentAccuracy = kNotMeasured, snappedAccuracy = kNotMeasured; ///< validation; NaN where not measured at this step
    bool wholeValidation = false; ///< accuracies are over the whole validation set, not the subset
    double fixedRatio = 0, entropyRatio = 0; ///< theoretical compression ratios, see SizeEstimate
    double learningRate = 0, imagesPerSecond = 0;
    std::vector<LayerSample> layers; ///< by LayerId
};

/// Makes the Sample that stands for a Frame. `measuredNow`: the accuracies of the frame belong to its very step.
Sample sampleOf(const Frame &frame, bool measuredNow);

/// The series of a run in bounded memory: when `capacity` is reached every second sample is dropped, so long
/// runs stay evenly covered. Samples with a measured accuracy are spared as long as they fill less than half
/// of the room. Engine and window hold one each.
class History {
public:
    History() : History{2048} {}
    explicit History(std::size_t capacity) : m_capacity{capacity} {}
    void add(Sample sample); ///< requires: step not below that of the last one; the same step replaces it
    const std::vector<Sample> &samples() const noexcept { return m_samples; }
    bool empty() const noexcept { return m_samples.empty(); }
    std::size_t capacity() const noexcept { return m_capacity; }
    /// Counts how often older samples were thinned; a view that draws incrementally starts over when it changes.
    std::uint64_t revision() const noexcept { return m_revision; }

private:
    std::size_t m_capacity;
    std::vector<Sample> m_samples;
    std::uint64_t m_revision = 0;
};

} // namespace engine
