// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/training/trainer_torch.h"
#include <memory>
#include <stdexcept>
#include <string>

namespace benchmarks {

inline constexpr int kBatch = 128;

struct Case {
    std::string model, forward;
    int k;
    std::string name() const { return model + "/" + forward + "/k" + std::to_string(k); }
};

template <typename Value>
Value need(engine::Result<Value> result)
{
    if (!result)
        throw std::runtime_error(result.error().text);
    if constexpr (!std::is_void_v<Value>)
        return *std::move(result);
}

/// A run that stays in its first stage: warm-up, where the network is plain, or cluster, at full λ from the first step.
inline std::unique_ptr<engine::Trainer> makeTrainer(const Case &which, bool regularized)
{
    using engine::ParameterId;
    engine::Settings settings;
    auto set = [&](ParameterId id, const std::string &text) { need(settings.setText(id, text)); };
    set(ParameterId::Data, "generated:3x32x32");
    set(ParameterId::Model, which.model);
    set(ParameterId::Forward, which.forward);
    set(ParameterId::CodebookSize, std::to_string(which.k));
    set(ParameterId::BatchSize, std::to_string(kBatch));
    set(ParameterId::Epochs, "100000");
    set(ParameterId::WarmupShare, regularized ? "0" : "1");
    set(ParameterId::CommitShare, "0");
    set(ParameterId::RampShare, "0");
    // Small and constant: weights stay near their start, so every step of a benchmark is like the others.
    set(ParameterId::Schedule, "constant");
    set(ParameterId::LearningRate, "0.001");
    set(ParameterId::ClusterRate, "0.001");
    engine::DatasetShelf shelf;
    return std::make_unique<engine::Trainer>(need(engine::prepareTraining(settings, shelf)));
}

} // namespace benchmarks
