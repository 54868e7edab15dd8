// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/training/fork.h"
#include "engine/storage/statenames.h"
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <span>

namespace engine {
namespace {

using enum ParameterId;

constexpr std::array kShapeTraining = {Model, StartWeights, Scope, ChannelGroups, Optimizer, BatchSize, ValidationShare, Seed};
constexpr std::array kShapeCodebooks = {CodebookSize, Initialiser, PinZero, Symmetric, WarmupShare};
constexpr std::array kShapeClustering = {Forward, Regularizer, CommitShare};

/// How far the run in a snapshot has come, which decides what can still change.
enum class Phase { WarmedUp, Clustered, Committed };

Phase phaseOf(const RunRecord &run)
{
    if (!run.codebooksAreLive)
        return Phase::WarmedUp;
    return isCommitted(run.description, run.stage) ? Phase::Committed : Phase::Clustered;
}

std::string_view whyFixed(ParameterId id, Phase phase)
{
    const auto isOneOf = [id](std::span<const ParameterId> ids) { return std::ranges::find(ids, id) != ids.end(); };
    if (isOneOf(kShapeTraining))
        return "with which it was trained so far";
    if (phase != Phase::WarmedUp && isOneOf(kShapeCodebooks))
        return "with which its codebooks were made; to change that, branch from the end of its warm-up (warmup.h5)";
    if (phase == Phase::Committed && isOneOf(kShapeClustering))
        return "for its assignments are frozen and it can only commit longer; to cluster on, branch from the end of its cluster stage "
               "(cluster.h5)";
    return {};
}

/// Of a layer, what can still change once its codebook is made.
bool sameCodebook(LayerSettings a, const LayerSettings &b, Phase phase)
{
    a.lambda = b.lambda;
    a.ramp = b.ramp;
    a.rampStart = b.rampStart;
    a.rampShare = b.rampShare;
    if (phase == Phase::Clustered)
        a.regularizer = b.regularizer;
    return a == b;
}

Result<void> checkLayers(const SnapshotData &data, const Settings &before, const Settings &now)
{
    const Phase phase = phaseOf(data.run);
    for (const LayerInfo &layer : data.run.description.layers) {
        const LayerSettings was = before.layer(layer.name), is = now.layer(layer.name);
        if (is.isFloat)
            return fail(ErrorCode::BadValue,
                        fmt::format("layers: expected {} to be quantized, as it was so far, found float.", layer.name));
        if (phase != Phase::WarmedUp && !sameCodebook(was, is, phase))
            return fail(ErrorCode::BadValue, fmt::format("layers: expected {} to keep the codebook that is made; to change it, branch from "
                                                         "the end of its warm-up (warmup.h5).",
                                                         layer.name));
    }
    for (const FloatLayer &layer : data.run.description.floatLayers) {
        if (!now.layer(layer.info.name).isFloat)
            return fail(ErrorCode::BadValue,
                        fmt::format("layers: expected {} to stay float, as it was so far, found it quantized.", layer.info.name));
    }
    return {};
}

StageLengths stagesOf(const RunDescription &run) { return {run.warmupSteps, run.clusterSteps, run.commitSteps}; }

std::uint64_t commitSteps(const Settings &settings, std::uint64_t total)
{
    return static_cast<std::uint64_t>(settings.real(CommitShare) * static_cast<double>(total) + 0.5);
}

/// Everything so far was warm-up, for nothing was quantized; what is left is divided as the settings ask.
StageLengths warmedUp(const Settings &settings, std::uint64_t done, std::uint64_t total)
{
    StageLengths stages{.warmup = done};
    stages.commit = std::min(total - done, commitSteps(settings, total));
    stages.cluster = total - done - stages.commit;
    return stages;
}

Result<StageLengths> planWarmUp(const RunRecord &run, const Settings &settings)
{
    const auto planned = StageLengths::of(settings, run.description.stepsPerEpoch);
    if (count(run.step) > planned.warmup)
        return fail(ErrorCode::BadValue,
                    fmt::format("Branch: expected a warm-up of at least {} steps, which the snapshot has done, found {}.", count(run.step),
                                planned.warmup));
    return planned;
}

/// Where `epochs` or the shares changed, what the stages become.
Result<StageLengths> planStages(const RunRecord &run, const Settings &settings)
{
    const Settings &before = run.description.settings;
    const StageLengths stages = stagesOf(run.description);
    const auto done = count(run.step);
    const auto asked = static_cast<std::uint64_t>(settings.whole(Epochs)) * run.description.stepsPerEpoch;
    const auto total = settings.whole(Epochs) == before.whole(Epochs) ? stages.total() : asked;
    if (phaseOf(run) == Phase::WarmedUp && run.stage == Stage::Warmup)
        return planWarmUp(run, settings);
    if (total < stages.total())
        return fail(ErrorCode::BadValue, fmt::format("{}: expected at least {}, of which the snapshot is a part, found {}.",
                                                     spec(Epochs).key, before.whole(Epochs), settings.whole(Epochs)));
    if (total == done)
        return fail(ErrorCode::BadValue,
                    fmt::format("Branch: expected steps that are left to do, found none: all {} epochs are done. More of "
                                "them ({}) lengthen the {} stage.",
                                before.whole(Epochs), spec(Epochs).key, name(lastStage(stages))));
    const bool wasFloat = !run.description.quantizes();
    if (wasFloat && settings.choice<ForwardPass>() != ForwardPass::Float)
        return warmedUp(settings, done, total);
    StageLengths longer = lengthened(stages, run.stage, total);
    if (settings.real(CommitShare) != before.real(CommitShare)) {
        longer.commit = std::min(total - std::max(done, stages.warmup), commitSteps(settings, total));
        longer.cluster = total - longer.warmup - longer.commit;
    }
    return longer;
}

/// A run that had ended is in its last stage again, and a float one that is quantized from here on in its warm-up.
void goBack(SnapshotData &data, const StageLengths &stages)
{
    if (!data.run.codebooksAreLive && count(data.run.step) <= stages.warmup)
        data.run.stage = Stage::Warmup;
    else if (data.run.stage == Stage::Finished)
        data.run.stage = lastStage(stagesOf(data.run.description));
    for (auto *figure : {&data.run.latentTestAccuracy, &data.run.snappedTestAccuracy, &data.run.snappedAsTrainedTestAccuracy,
                         &data.run.waitingShare, &data.run.measuringShare})
        figure->reset();
    std::erase_if(data.network.arrays, [](const NamedArray &array) { return array.name.starts_with(statenames::kSnapped); });
}

} // namespace

Stage lastStage(const StageLengths &stages) noexcept
{
    return stages.commit > 0 ? Stage::Commit : stages.cluster > 0 ? Stage::Cluster : Stage::Warmup;
}

StageLengths lengthened(StageLengths stages, Stage stage, std::uint64_t total) noexcept
{
    const auto more = total - stages.total();
    switch (stage == Stage::Finished ? lastStage(stages) : stage) {
    case Stage::Commit: stages.commit += more; break;
    case Stage::Cluster: stages.cluster += more; break;
    default: stages.warmup += more; break;
    }
    return stages;
}

Result<void> forkRun(SnapshotData &data, const std::vector<SetParameter> &changes)
{
    RunDescription &description = data.run.description;
    const Phase phase = phaseOf(data.run);
    Settings settings = description.settings;
    for (const auto &change : changes) {
        if (change.value == settings.value(change.id))
            continue;
        if (const auto why = whyFixed(change.id, phase); !why.empty())
            return fail(ErrorCode::BadValue, fmt::format("{}: expected {}, {}, found {}.", spec(change.id).key,
                                                         toText(settings.value(change.id)), why, toText(change.value)));
        if (auto valid = settings.set(change.id, change.value); !valid)
            return valid;
    }
    if (auto valid = settings.checkTogether(); !valid)
        return valid;
    if (phase != Phase::WarmedUp && settings.choice<ForwardPass>() == ForwardPass::Float)
        return fail(ErrorCode::BadValue,
                    fmt::format("{}: expected snapped or latent, for its weights are tied to codebooks already, found float; "
                                "for a float network branch from the end of its warm-up (warmup.h5).",
                                spec(Forward).key));
    if (auto good = checkLayers(data, description.settings, settings); !good)
        return good;
    const auto stages = planStages(data.run, settings);
    if (!stages)
        return std::unexpected(stages.error());
    const bool otherCodebooks = settings.whole(CodebookSize) != description.settings.whole(CodebookSize) ||
                                settings.text(Layers) != description.settings.text(Layers);
    if (phase == Phase::WarmedUp && otherCodebooks)
        data.run.history = History{data.run.history.capacity()};
    goBack(data, *stages);
    description.settings = std::move(settings);
    description.warmupSteps = stages->warmup;
    description.clusterSteps = stages->cluster;
    description.commitSteps = stages->commit;
    return {};
}

} // namespace engine
