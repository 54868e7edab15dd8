// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/layerrules.h"
#include "engine/core/parameters.h"
#include "engine/frame/frame.h"
#include <cstdint>

namespace engine {

/// How many steps each stage takes; any may be 0.
struct StageLengths {
    std::uint64_t warmup = 0, cluster = 0, commit = 0;

    std::uint64_t total() const noexcept { return warmup + cluster + commit; }
    Stage stageOf(std::uint64_t step) const noexcept; ///< of the step with this number; Finished at total() and beyond
    /// Steps of epochs × stepsPerEpoch, divided by the shares in the settings; rounding goes to the cluster stage.
    static StageLengths of(const Settings &settings, std::uint64_t stepsPerEpoch);
};

/// Learning rate of the weights at a step, relative to the peak of its stage. cosine: ½ (1 + cos π p) over
/// the stage's progress p; step: 1, then 0.1 from ½, 0.01 from ¾; constant: 1. Over the first rate-rise of
/// the stage that is multiplied by a line which ends at 1. The commit stage follows the schedule from 0.1 on,
/// without a rise.
double relativeRate(const Settings &settings, const StageLengths &stages, std::uint64_t step);
/// Learning rate of the weights: relativeRate × lr (warm-up) or × cluster-lr (cluster, commit).
double learningRate(const Settings &settings, const StageLengths &stages, std::uint64_t step);

/// How λ grows to its target in the cluster stage.
struct Ramp {
    bool isExponential = true;
    double start = 1; ///< of λ(t) ÷ λ, 0…1
    double share = 1; ///< of the stage, 0…1
};
/// That of a layer: each part its own or, where the layer has none, the network's.
Ramp rampOf(const Settings &settings, const LayerSettings &layer = {});
/// λ(t) ÷ λ: 0 in warm-up; in the cluster stage from ramp-start to 1 over ramp-share of it, by equal factors
/// (exponential) or equal differences (linear); 1 afterwards.
double lambdaFactor(const Ramp &ramp, const StageLengths &stages, std::uint64_t step);
/// τ(t) of soft-min in units of σ²: from tau-start to tau-end by equal factors over the ramp's share of the
/// cluster stage.
double temperature(const Settings &settings, const Ramp &ramp, const StageLengths &stages, std::uint64_t step);

} // namespace engine
