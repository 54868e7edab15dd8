// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/quantizers/quantizer.h"
#include "engine/storage/snapshot.h"

namespace engine {

/// How the latent weights of a snapshot are quantized.
struct PostTrainingOptions {
    const QuantizerSpec *method = nullptr; ///< one of quantizers()
    QuantizerOptions quantizer;
    bool isUnified = false;  ///< one codebook for all convolutions and one for all linear layers, instead of one a layer
    int fineTuningEpochs = 0; ///< of a commit stage behind it
};

/// The network of `source` with quantized weights, at the beginning of a commit stage of so many epochs (or
/// none): codebooks, codes, weights on their representatives, an optimizer without history, and the settings
/// that go with it; layers that stay float stay so. Ranges of channels that had codebooks of their own are
/// one layer again. What the settings held a codebook to is dropped, but for the 0 of pruned weights. No test
/// accuracies, no series.
/// Errors: those of `quantize`, naming the layer, or the layers that share a codebook.
Result<SnapshotData> quantizedSnapshot(SnapshotData source, const PostTrainingOptions &options);

} // namespace engine
