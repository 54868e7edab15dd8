// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/frame/frame.h"
#include "engine/training/state_torch.h"
#include "engine/training/trainer_torch.h"
#include <memory>
#include <string>
#include <vector>

namespace engine {

inline constexpr int kHistogramBins = 512;

/// Builds the live picture of a run: histograms, occupancies, distances, accuracies. Changes nothing that trains.
/// Training thread only.
class Watcher {
public:
    explicit Watcher(TrainingState &state) : m_state{state} {}

    /// Latent and snapped accuracy on the validation subset, or on the whole validation set.
    void measureSubset();
    void measureWhole();
    double latentAccuracy() const noexcept { return m_latentAccuracy; }
    double snappedAccuracy() const noexcept { return m_snappedAccuracy; }

    /// A frame of this moment; `tally` covers the steps since the last one. Speed and shares are left to the caller.
    Frame frame(const Trainer::Tally &tally);
    /// Things worth a line in the journal that frames brought to light since the last call.
    std::vector<std::string> takeNotes() { return std::exchange(m_notes, {}); }

private:
    void measure(std::size_t images);
    LayerFrame layerFrame(std::size_t layer);
    void note(const LayerFrame &before, const LayerFrame &now, const std::string &layerName);

    TrainingState &m_state;
    double m_latentAccuracy = kNotMeasured, m_snappedAccuracy = kNotMeasured;
    double m_taskLoss = kNotMeasured, m_trainAccuracy = kNotMeasured;
    std::vector<std::vector<CodeIndex>> m_lastCodes; // by LayerId, of the last frame
    std::vector<LayerFrame> m_lastLayers;
    std::vector<std::string> m_notes;
};

} // namespace engine
