// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a run is asked while it goes on.
#include "engine/codebooks/scope.h"
#include "engine/training/fork.h"
#include "engine/training/trainer_torch.h"
#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace engine {
namespace {

constexpr std::array kShapesCodebook = {ParameterId::CodebookSize, ParameterId::Initialiser, ParameterId::Regularizer,
                                        ParameterId::PinZero, ParameterId::Symmetric, ParameterId::Layers};

/// But for what can change while a run goes on.
bool areAlike(LayerSettings a, const LayerSettings &b)
{
    a.lambda = b.lambda;
    a.ramp = b.ramp;
    a.rampStart = b.rampStart;
    a.rampShare = b.rampShare;
    return a == b;
}

Rejected rejected(std::string why) { return Rejected{{ErrorCode::BadValue, std::move(why)}}; }

} // namespace

Reply Trainer::apply(const SetParameter &command)
{
    const ParameterSpec &row = spec(command.id);
    const bool codebook = std::ranges::find(kShapesCodebook, command.id) != kShapesCodebook.end();
    const bool early = count(m_state->progress.step) == 0 && !m_state->progress.codebooksAreLive;
    if (row.change == Change::BeforeStart && !(codebook && early))
        return NeedsRestart{fmt::format("{} can only change before {}; start a new run with it.", row.label,
                                        codebook ? "the first step" : "a run begins")};
    Settings changed = m_state->settings();
    if (auto valid = changed.set(command.id, command.value); !valid)
        return Rejected{valid.error()};
    if (auto fits = changed.checkTogether(); !fits)
        return Rejected{fits.error()};
    if (command.id == ParameterId::Layers) {
        if (Reply reply = applyLayerRules(changed, early); !std::holds_alternative<Applied>(reply))
            return reply;
    }
    if (command.id == ParameterId::Epochs) {
        if (Reply reply = applyEpochs(changed); !std::holds_alternative<Applied>(reply))
            return reply;
    }
    m_state->adoptSettings(changed);
    if (codebook && early)
        m_state->initialiseCodebooks();
    m_state->adoptMixing();
    return Applied{m_state->progress.step};
}

Reply Trainer::applyLayerRules(const Settings &changed, bool early)
{
    const auto names = m_state->ruledNames();
    if (auto good = checkLayerRules(changed, names); !good)
        return Rejected{good.error()};
    if (auto good = checkSharedCodebooks(changed, m_state->description.layers); !good)
        return Rejected{good.error()};
    if (floatLayers(changed, names) != floatLayers(m_state->settings(), names))
        return NeedsRestart{"Which layers stay float can only change before a run begins; start a new run with it."};
    for (std::size_t layer = 0; layer < m_state->model.layers.size(); ++layer) {
        const LayerSettings &before = m_state->model.layerSettings[layer];
        if (!early && !areAlike(before, changed.layer(m_state->model.layers[layer]->info().name)))
            return NeedsRestart{fmt::format(
                "Of {} only λ and its ramp can change once a run has begun; start a new run for the rest.",
                m_state->model.layers[layer]->info().name)};
    }
    return Applied{m_state->progress.step};
}

/// Before the first step all stages are planned anew; later the new steps lengthen the stage that the run is in.
Reply Trainer::applyEpochs(const Settings &changed)
{
    TrainingProgress &progress = m_state->progress;
    const auto stepsPerEpoch = m_state->description.stepsPerEpoch;
    if (count(progress.step) == 0) {
        m_state->setStages(StageLengths::of(changed, stepsPerEpoch));
        return Applied{progress.step};
    }
    const auto total = static_cast<std::uint64_t>(changed.whole(ParameterId::Epochs)) * stepsPerEpoch;
    const StageLengths stages = m_state->stages();
    if (total < stages.total())
        return rejected(fmt::format("{}: expected at least {}, for a run that has begun can only be lengthened, found {}.",
                                    spec(ParameterId::Epochs).key, (stages.total() + stepsPerEpoch - 1) / stepsPerEpoch,
                                    changed.whole(ParameterId::Epochs)));
    if (total > stages.total() && progress.stage == Stage::Finished) {
        progress.stage = lastStage(stages);
        progress.snappedStatistics.clear();
    }
    m_state->setStages(lengthened(stages, progress.stage, total));
    return Applied{progress.step};
}

Reply Trainer::apply(const SetLayerLambda &command)
{
    const auto &layers = m_state->description.layers;
    if (std::ranges::find(layers, command.layer, &LayerInfo::name) == layers.end())
        return Rejected{{ErrorCode::NotFound, fmt::format("λ of a layer: expected a quantized layer of {}, found \"{}\".",
                                                          m_state->description.modelName, command.layer)}};
    if (command.lambda) {
        if (auto valid = validate(spec(ParameterId::Lambda), *command.lambda); !valid)
            return Rejected{valid.error()};
    }
    Settings changed = m_state->settings();
    auto rules = changed.layerRules();
    rules.setLambda(command.layer, command.lambda);
    changed.setLayerRules(std::move(rules));
    m_state->adoptSettings(changed);
    return Applied{m_state->progress.step};
}

Reply Trainer::apply(const NextStage &)
{
    StageLengths stages = m_state->stages();
    const auto step = count(m_state->progress.step);
    switch (stages.stageOf(step)) {
    case Stage::Warmup: stages.warmup = step; break;
    case Stage::Cluster: stages.cluster = step - stages.warmup; break;
    case Stage::Commit: stages.commit = step - stages.warmup - stages.cluster; break;
    default: return rejected("Next stage: expected a run that trains, found one at its end.");
    }
    m_state->setStages(stages);
    return Applied{m_state->progress.step};
}

} // namespace engine
