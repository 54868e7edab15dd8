// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/schedule.h"
#include <algorithm>
#include <cmath>
#include <numbers>

namespace engine {

Stage StageLengths::stageOf(std::uint64_t step) const noexcept
{
    if (step < warmup)
        return Stage::Warmup;
    if (step < warmup + cluster)
        return Stage::Cluster;
    return step < total() ? Stage::Commit : Stage::Finished;
}

StageLengths StageLengths::of(const Settings &settings, std::uint64_t stepsPerEpoch)
{
    const auto all = static_cast<std::uint64_t>(settings.whole(ParameterId::Epochs)) * stepsPerEpoch;
    auto share = [&](ParameterId id) {
        return static_cast<std::uint64_t>(std::llround(settings.real(id) * static_cast<double>(all)));
    };
    StageLengths stages;
    stages.warmup = std::min(all, share(ParameterId::WarmupShare));
    stages.commit = std::min(all - stages.warmup, share(ParameterId::CommitShare));
    stages.cluster = all - stages.warmup - stages.commit;
    return stages;
}

namespace {

/// The schedule's value at a stage's progress 0…1.
double scheduled(RateSchedule schedule, double progress)
{
    switch (schedule) {
    case RateSchedule::Cosine: return 0.5 * (1.0 + std::cos(std::numbers::pi * progress));
    case RateSchedule::Step: return progress < 0.5 ? 1.0 : progress < 0.75 ? 0.1 : 0.01;
    case RateSchedule::Constant: break;
    }
    return 1.0;
}

} // namespace

double relativeRate(const Settings &settings, const StageLengths &stages, std::uint64_t step)
{
    const Stage stage = stages.stageOf(step);
    if (stage == Stage::Finished)
        return 0.0;
    const auto schedule = settings.choice<RateSchedule>();
    if (stage == Stage::Commit)
        return 0.1 * scheduled(schedule, static_cast<double>(step - stages.warmup - stages.cluster) / static_cast<double>(stages.commit));
    const bool warmup = stage == Stage::Warmup;
    const std::uint64_t done = warmup ? step : step - stages.warmup;
    const auto length = static_cast<double>(warmup ? stages.warmup : stages.cluster);
    const double rise = settings.real(ParameterId::RateRise) * length;
    const double risen = rise > 0 ? std::min(1.0, static_cast<double>(done + 1) / rise) : 1.0;
    return risen * scheduled(schedule, static_cast<double>(done) / length);
}

double learningRate(const Settings &settings, const StageLengths &stages, std::uint64_t step)
{
    const bool warmup = stages.stageOf(step) == Stage::Warmup;
    return relativeRate(settings, stages, step) * settings.real(warmup ? ParameterId::LearningRate : ParameterId::ClusterRate);
}

namespace {

/// Progress of the ramp, 0…1: 0 before the cluster stage, 1 after it.
double progressOf(const Ramp &ramp, const StageLengths &stages, std::uint64_t step)
{
    const Stage stage = stages.stageOf(step);
    if (stage != Stage::Cluster)
        return stage == Stage::Warmup ? 0.0 : 1.0;
    const double length = ramp.share * static_cast<double>(stages.cluster);
    return length > 0 ? std::min(1.0, static_cast<double>(step - stages.warmup + 1) / length) : 1.0;
}

} // namespace

Ramp rampOf(const Settings &settings, const LayerSettings &layer)
{
    return {.isExponential = layer.ramp.value_or(settings.choice<RampShape>()) == RampShape::Exponential,
            .start = layer.rampStart.value_or(settings.real(ParameterId::RampStart)),
            .share = layer.rampShare.value_or(settings.real(ParameterId::RampShare))};
}

double lambdaFactor(const Ramp &ramp, const StageLengths &stages, std::uint64_t step)
{
    if (stages.stageOf(step) == Stage::Warmup)
        return 0.0;
    const double progress = progressOf(ramp, stages, step);
    return ramp.isExponential ? std::pow(ramp.start, 1.0 - progress) : ramp.start + (1.0 - ramp.start) * progress;
}

double temperature(const Settings &settings, const Ramp &ramp, const StageLengths &stages, std::uint64_t step)
{
    const double progress = progressOf(ramp, stages, step);
    return std::pow(settings.real(ParameterId::TemperatureStart), 1.0 - progress) *
           std::pow(settings.real(ParameterId::TemperatureEnd), progress);
}

} // namespace engine
