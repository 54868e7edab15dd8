// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/posttraining/posttraining.h"
#include "engine/training/store_torch.h"
#include "engine/training/trainer_torch.h"
#include <chrono>

namespace engine {
namespace {

SnapshotData finishedSnapshot(TrainingState &state, const Summary &summary, double seconds)
{
    SnapshotData data = toSnapshot(state, History{}, seconds);
    data.latentTestAccuracy = summary.latentTestAccuracy;
    data.snappedTestAccuracy = summary.snappedTestAccuracy;
    return data;
}

/// The network as it is.
Result<void> measure(const SnapshotData &quantized, PostTrainingResult &result)
{
    auto state = fromSnapshot(quantized);
    if (!state)
        return std::unexpected(state.error());
    Trainer trainer{*std::move(state)};
    const Summary summary = trainer.finish();
    result.accuracy = summary.snappedAsTrainedTestAccuracy;
    result.reestimatedAccuracy = summary.snappedTestAccuracy;
    result.size = summary.size;
    result.snapshot = finishedSnapshot(trainer.state(), summary, quantized.seconds);
    return {};
}

Result<void> fineTune(const SnapshotData &quantized, const FineTuningWatch &watch, PostTrainingResult &result)
{
    const auto begin = std::chrono::steady_clock::now();
    auto state = fromSnapshot(quantized);
    if (!state)
        return std::unexpected(state.error());
    Trainer trainer{*std::move(state)};
    const auto stepsPerEpoch = trainer.state().description.stepsPerEpoch;
    while (!trainer.atEnd()) {
        if (watch.isInterrupted && watch.isInterrupted())
            return fail(ErrorCode::Internal, "Fine-tuning was interrupted.");
        if (auto done = trainer.runStep(); !done)
            return done;
        const auto step = count(trainer.state().step);
        if (step % stepsPerEpoch == 0 && watch.epochEnded) {
            const auto tally = trainer.takeTally();
            watch.epochEnded(static_cast<int>(step / stepsPerEpoch), tally.taskLoss / static_cast<double>(tally.steps));
        }
    }
    const Summary summary = trainer.finish();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    result.fineTunedAccuracy = summary.snappedTestAccuracy;
    result.size = summary.size;
    result.snapshot = finishedSnapshot(trainer.state(), summary, quantized.seconds + took.count());
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
    try {
        return quantizeOrThrow(source, options, watch);
    } catch (const std::bad_alloc &) {
        return fail(ErrorCode::Internal, "Quantization: not enough memory for this network.");
    } catch (const std::exception &error) { // LibTorch's texts go on with a trace
        const std::string text = error.what();
        return fail(ErrorCode::Internal, "Quantization: " + text.substr(0, text.find('\n')));
    }
}

} // namespace engine
