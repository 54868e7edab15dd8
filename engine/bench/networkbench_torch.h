// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/frame/scores.h"
#include "engine/nets/keptstatistics_torch.h"
#include "engine/training/state_torch.h"
#include <memory>
#include <torch/types.h>
#include <vector>

namespace engine {

/// A stored network brought back to be measured, with other kernels than its own lent to it. Loads the data
/// and builds the network once. Owns a state that no run ever sees; measuring leaves it as it was.
class NetworkBench {
public:
    using Kernels = std::vector<torch::Tensor>; ///< as Network::forward takes them

    /// Sets the number of threads that the snapshot's settings ask for. Errors: those of fromSnapshot.
    static Result<NetworkBench> open(const SnapshotData &data);

    TrainingState &state() noexcept { return *m_state; }
    const TrainingState &state() const noexcept { return *m_state; }
    bool hasStatistics() const noexcept { return !m_statistics.isEmpty(); } ///< of batch-norm: else re-estimating changes nothing

    /// On which images.
    enum class Images : std::uint8_t {
        Test,
        Validation ///< all that the run holds back: what its validation accuracies at the ends of epochs are of
    };
    double accuracy(const Kernels &kernels, Images images);
    /// Over the first `images` of the validation set, all if larger.
    Scores score(const Kernels &kernels, std::size_t images);

    /// Calls `measure` while batch-norm has the statistics of these kernels, estimated as at the end of a run from the
    /// minibatches behind step `from`: the same images each time.
    template <typename Measure>
    auto reestimated(const Kernels &kernels, Step from, const Measure &measure)
    {
        reestimate(kernels, from);
        auto found = measure();
        m_statistics.putBack();
        return found;
    }

private:
    explicit NetworkBench(std::unique_ptr<TrainingState> state);
    void reestimate(const Kernels &kernels, Step from);

    std::unique_ptr<TrainingState> m_state;
    KeptStatistics m_statistics;
};

} // namespace engine
