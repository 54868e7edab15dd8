// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/frame/frame.h"
#include "engine/frame/history.h"
#include <cstdint>
#include <memory>
#include <vector>

namespace support {

/// What `condense` shall make. The layers are those of lenet5.
struct SampleRunOptions {
    int k = 4;                 ///< representatives per layer
    int frames = 120;          ///< over the whole run, evenly spaced
    double share = 1.0;        ///< of the run that is done, 0…1; stages keep their places
    int bins = 512;            ///< of each layer's histogram
    std::uint64_t seed = 1;
};

/// A run as the window sees it: what `engine::Run` would have sent.
struct SampleRun {
    std::shared_ptr<const engine::RunDescription> description;
    std::vector<std::shared_ptr<const engine::Frame>> frames; ///< oldest first
    std::shared_ptr<engine::History> history;                 ///< one sample for each frame
    const std::shared_ptr<const engine::Frame> &last() const { return frames.back(); }
};

/// Condenses Gaussian weights in one dimension: they wander (warm-up), are drawn to k-means representatives that follow
/// the mean of their members (cluster), then sit on them (commit). Weights, histograms, occupancies, distances and
/// sizes are computed, not drawn by lot; losses and accuracies are plausible functions of them. Same options, same run.
SampleRun condense(const SampleRunOptions &options = {});

} // namespace support
