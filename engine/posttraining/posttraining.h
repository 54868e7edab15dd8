// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/posttraining/quantizedsnapshot.h"
#include <functional>

namespace engine {

/// What became of a network that was quantized after its training. Accuracies 0…1 over the whole test set.
struct PostTrainingResult {
    double accuracy = kNotMeasured;           ///< with the batch-norm statistics that training left
    double reestimatedAccuracy = kNotMeasured; ///< with those of the quantized network, estimated as at the end of a run
    double fineTunedAccuracy = kNotMeasured;   ///< behind fine-tuning, if there was any; again with statistics estimated anew
    SizeEstimate size;
    SnapshotData snapshot; ///< of the finished network: re-estimated statistics, fine-tuned if that was asked for
};

/// Who watches the fine-tuning; called on the thread that does it. Either may be missing.
struct FineTuningWatch {
    std::function<void(int epoch, double taskLoss)> epochEnded{}; ///< epoch 1…; mean cross-entropy over it
    std::function<bool()> isInterrupted{};                        ///< asked before every step
};

/// Quantizes the latent weights in `source`, loads its data and measures; then, if asked for, lets
/// representatives, biases and batch-norm train on with frozen codes: the commit stage of a run. Blocks for
/// as long as that takes; sets the number of threads that the settings ask for.
/// Errors: those of quantizedSnapshot and of the snapshot's data and network; NotFinite from the fine-tuning;
/// Internal when it was interrupted.
Result<PostTrainingResult> quantizeAfterTraining(const SnapshotData &source, const PostTrainingOptions &options,
                                                 const FineTuningWatch &watch = {});

} // namespace engine
