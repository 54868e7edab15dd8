// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/ids.h"
#include "engine/core/parameters.h"
#include "engine/frame/histogram.h"
#include "engine/frame/size.h"
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

inline constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();

/// Where a run stands (method.md, "A run").
enum class Stage : std::uint8_t {
    Preparing, ///< loading data, building the network
    Warmup,    ///< λ = 0; the codebooks shown are a preview of what the initialiser would give now
    Cluster,   ///< the regularizer pulls, λ ramps up to its target
    Commit,    ///< assignments frozen; representatives, biases and batch-norm go on training
    Finished   ///< all steps done and the test set evaluated
};
std::string_view name(Stage stage) noexcept; ///< "preparing", "warm-up", "cluster", "commit", "finished"

/// A quantized layer; never changes while a run lives.
struct LayerInfo {
    LayerId id{};
    std::string name;                ///< dotted path in the network, e.g. "features.3"
    std::string kind;                ///< "conv" or "linear"
    std::vector<std::int64_t> shape; ///< (out, in, height, width) or (out, in)
    std::uint64_t weightCount = 0;   ///< n_l, product of the shape
};

/// A layer that a rule leaves as it is: its weights are trained and stay float32.
struct FloatLayer {
    LayerInfo info;                  ///< without an id: those count quantized layers
    std::uint64_t quantizedBefore =
        0; ///< quantized layers before it in the network, each range of channels counted: where it stands among them
};

/// What a run began with, told apart from all else by 32 hexadecimal digits each (Fingerprint). Empty: not known.
struct Fingerprints {
    std::string data;         ///< images, labels, names of classes
    std::string startWeights; ///< every tensor of the network before the first step
    std::string module;       ///< code of a network of a user's own
    bool operator==(const Fingerprints &) const = default;
};

/// What is known about a run once its data is loaded and its network is built. Settings and lengths of stages are those
/// in force, all else never changes.
struct RunDescription {
    Settings settings;
    std::string dataName;  ///< e.g. "Fashion-MNIST"
    std::string modelName; ///< e.g. "lenet5"
    std::vector<std::string> classNames;
    std::uint64_t trainImages = 0, validationImages = 0, testImages = 0;
    std::vector<LayerInfo> layers;
    std::vector<FloatLayer> floatLayers; ///< forward order; not in snapshots before version 1.4
    std::uint64_t floatParameters = 0; ///< values that stay float32: biases, batch-norm parameters and statistics, float layers
    std::uint64_t stepsPerEpoch = 0, warmupSteps = 0, clusterSteps = 0, commitSteps = 0;
    int threads = 1;
    std::string blasName;  ///< e.g. "OpenBLAS"; empty if unknown
    bool slowBlas = false; ///< true on reference BLAS, some 50 times slower: tell the user once
    Fingerprints fingerprints; ///< not in snapshots before version 1.6

    std::uint64_t totalSteps() const noexcept { return warmupSteps + clusterSteps + commitSteps; }
    bool quantizes() const { return settings.choice<ForwardPass>() != ForwardPass::Float; }
    bool commits() const { return quantizes() && commitSteps > 0; } ///< it has a stage that puts the weights onto their representatives
};

/// Whether the weights of a run that stands in this stage lie on their representatives, since a commit: there
/// is no latent network any more.
bool isCommitted(const RunDescription &run, Stage stage);

/// One layer at the moment of a Frame. During warm-up (and in float runs) the codebook is the initialiser's preview.
struct LayerFrame {
    LayerId id{};
    std::vector<float> representatives;   ///< (k) ascending
    std::vector<std::uint16_t>
        identity; ///< (k) identity[j]: which trajectory representative j continues; each below `trajectories`, none twice
    std::size_t trajectories = 0;         ///< representatives that the codebook began with; those that were dropped since have ended
    std::vector<std::uint64_t> occupancy; ///< (k) n_lj; 0 = dead
    std::vector<double> mixing;           ///< (k) π_j of soft-min, sum 1; empty unless they are learnt
    Histogram histogram;                  ///< of the latent weights W_l; representatives with occupancies are the snapped distribution
    double lambda = 0;                    ///< λ_l(t) in force at this step (after the ramp)
    double lambdaTarget = 0;              ///< λ_l the ramp leads to
    double regularizerLoss = 0;           ///< λ_l(t) · R(W_l, r_l)
    double meanDistance = 0;              ///< mean |w_i − r_a(i)|
    double gradientRatio = kNotMeasured;  ///< ‖λ ∂R/∂W_l‖ ÷ ‖∂(task)/∂W_l‖
    double changedShare = kNotMeasured;   ///< share of weights that changed cell since the last Frame, 0…1
    SizeEstimate size;                    ///< this layer alone

    int deadCount() const noexcept;       ///< representatives with occupancy 0
    int k() const noexcept { return static_cast<int>(representatives.size()); }
};

/// Immutable picture of a run for whoever watches; built by the training thread, newest wins.
struct Frame {
    Step step{};
    double epoch = 0; ///< fractional, 0 … epochs
    Stage stage = Stage::Preparing;
    bool codebooksAreLive = false;       ///< false: preview only
    double taskLoss = kNotMeasured;      ///< cross-entropy of the last minibatches, natural log
    double regularizerLoss = 0;          ///< Σ_l λ_l(t) R_l
    double trainAccuracy = kNotMeasured; ///< of the last minibatches, 0…1
    double latentAccuracy = kNotMeasured;  ///< newest validation figure, 0…1 (subset)
    double snappedAccuracy = kNotMeasured; ///< newest validation figure, 0…1 (subset)
    double learningRate = 0;
    double imagesPerSecond = 0;
    double etaSeconds = kNotMeasured;
    double measuringShare = 0; ///< of the wall time, 0…1: histograms, evaluations, frames
    double waitingShare = 0;   ///< of the wall time, 0…1: waiting for minibatches
    SizeEstimate size;         ///< whole network
    std::vector<LayerFrame> layers; ///< by LayerId
};

} // namespace engine
