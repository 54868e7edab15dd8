// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/bench/networkbench_torch.h"
#include "engine/training/store_torch.h"
#include "engine/training/trainer_torch.h"
#include <torch/torch.h>

namespace engine {

Result<NetworkBench> NetworkBench::open(const SnapshotData &data)
{
    DatasetShelf shelf;
    auto state = fromSnapshot(data, shelf);
    if (!state)
        return std::unexpected(state.error());
    return NetworkBench{*std::move(state)};
}

NetworkBench::NetworkBench(std::unique_ptr<TrainingState> state) : m_state{std::move(state)}, m_statistics{*m_state->model.network} {}

double NetworkBench::accuracy(const Kernels &kernels, Images images)
{
    torch::NoGradGuard noGradient;
    Network &network = *m_state->model.network;
    return images == Images::Test ? m_state->evaluator->test(network, kernels, m_state->data->dataset->test)
                                  : m_state->evaluator->validate(network, kernels, m_state->data->split.validation.size());
}

Scores NetworkBench::score(const Kernels &kernels, std::size_t images)
{
    torch::NoGradGuard noGradient;
    return m_state->evaluator->score(*m_state->model.network, kernels, images);
}

void NetworkBench::reestimate(const Kernels &kernels, Step from)
{
    torch::NoGradGuard noGradient;
    const auto stream = trainingStream(*m_state, from);
    m_state->evaluator->reestimateNorms(*m_state->model.network, kernels, *stream);
}

} // namespace engine
