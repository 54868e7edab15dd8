// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/nets/keptstatistics_torch.h"
#include "engine/training/state_torch.h"
#include <span>
#include <string>
#include <torch/types.h>
#include <vector>

namespace engine {

/// How far a step goes; see learningRate and relativeRate.
struct StepRates {
    double weights, decay, representatives;
};

/// Lets a step happen whole or not at all: keeps what it changes before it is known to be finite, tells whether what
/// it would move stays finite, and puts back what was kept. Training thread only.
class StepGuard {
public:
    explicit StepGuard(TrainingState &state) : m_state{state}, m_statistics{*state.model.network} {}

    /// From now on `putBack` undoes all but moved weights and representatives: stages entered, codebooks made, dropped
    /// or revived, passes, and what a forward pass changes in the network.
    void keep();
    void putBack(); ///< how it was at the last `keep`; no gradient is left
    /// The part of it that is the network's: running statistics, other buffers, what dropout draws from.
    void keepNetwork();
    void putBackNetwork();

    /// What the last backward pass left, or a step at these rates would leave, that is not finite, in words; empty:
    /// nothing, the step may come. Touches nothing.
    std::string firstNotFinite(const StepRates &rates) const;
    void stepRepresentatives(double rate) const; ///< of all codebooks

private:
    std::vector<LayerQuantizer *> layersOf(std::span<const std::size_t> sharers) const;

    TrainingState &m_state;
    Stage m_stage{};
    bool m_codebooksAreLive = false;
    KeptStatistics m_statistics;
    torch::Tensor m_randomState;
};

} // namespace engine
