// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/posttraining/posttraining.h"
#include "engine/bench/endedrun.h"
#include "engine/core/guarded.h"
#include "engine/training/store_torch.h"
#include "engine/training/trainer_torch.h"
#include <chrono>

namespace engine {
namespace {

constexpr auto kWhat = "Quantization";

/// The network as it is.
Result<void> measure(const SnapshotData &quantized, PostTrainingResult &result)
{
    auto ended = endedRun(quantized, kWhat);
    if (!ended)
        return std::unexpected(ended.error());
    result.accuracy = ended->summary.snappedAsTrainedTestAccuracy;
    result.reestimatedAccuracy = ended->summary.snappedTestAccuracy;
    result.size = ended->summary.size;
    result.snapshot = std::move(ended->snapshot);
    return {};
}

Result<void> fineTune(const SnapshotData &quantized, const FineTuningWatch &watch, PostTrainingResult &result)
{
    const auto begin = std::chrono::steady_clock::now();
    DatasetShelf shelf;
    auto state = fromSnapshot(quantized, shelf);
    if (!state)
        return std::unexpected(state.error());
    Trainer trainer{*std::move(state)};
    const auto stepsPerEpoch = trainer.state().description.stepsPerEpoch;
    while (!trainer.atEnd()) {
        if (watch.isInterrupted && watch.isInterrupted())
            return fail(ErrorCode::Internal, "Fine-tuning was interrupted.");
        if (auto done = trainer.runStep(); !done)
            return done;
        const auto step = count(trainer.state().progress.step);
        if (step % stepsPerEpoch == 0 && watch.epochEnded) {
            const auto tally = trainer.takeTally();
            watch.epochEnded(static_cast<int>(step / stepsPerEpoch), tally.taskLoss / static_cast<double>(tally.steps));
        }
    }
    const Summary summary = trainer.finish();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    result.fineTunedAccuracy = summary.snappedTestAccuracy;
    result.size = summary.size;
    result.snapshot =
        toSnapshot(trainer.state(), {quantized.run.log, quantized.run.history, quantized.run.seconds + took.count(), &summary});
    return {};
}

Result<PostTrainingResult> quantizeOrThrow(const SnapshotData &source, const PostTrainingOptions &options, const FineTuningWatch &watch)
{
    const auto quantized = quantizedSnapshot(source, options);
    if (!quantized)
        return std::unexpected(quantized.error());
    PostTrainingResult result;
    if (auto measured = measure(*quantized, result); !measured)
        return std::unexpected(measured.error());
    if (options.fineTuningEpochs > 0) {
        if (auto tuned = fineTune(*quantized, watch, result); !tuned)
            return std::unexpected(tuned.error());
    }
    return result;
}

} // namespace

Result<PostTrainingResult> quantizeAfterTraining(const SnapshotData &source, const PostTrainingOptions &options,
                                                 const FineTuningWatch &watch)
{
    return guarded(kWhat, [&] { return quantizeOrThrow(source, options, watch); });
}

} // namespace engine
