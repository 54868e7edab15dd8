// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/layerrules.h"
#include "engine/data/dataset.h"
#include "engine/data/minibatches.h"
#include "engine/frame/frame.h"
#include "engine/nets/network_torch.h"
#include "engine/quantization/layerquantizer_torch.h"
#include "engine/storage/snapshot.h"
#include "engine/training/evaluator_torch.h"
#include "engine/training/kernellayers_torch.h"
#include "engine/training/optimizer_torch.h"
#include "engine/schedule/schedule.h"
#include <memory>
#include <optional>
#include <vector>

namespace engine {

/// Everything a run consists of while it trains; owned by the training thread and shared by the parts that step
/// (Trainer), watch (Watcher) and store (trainingstore).
struct TrainingState {
    Settings settings;
    RunDescription description;
    StageLengths stages;
    Dataset dataset;
    Split split;
    Normalisation normalisation;
    std::unique_ptr<Network> network;
    LayerQuantizers layers;
    std::vector<KernelLayers> kernels;                         ///< by place among the network's
    std::vector<LayerSettings> layerSettings;                  ///< by LayerId; as the settings ask, rules for single layers included
    std::vector<std::size_t> codebookOwners;                   ///< by LayerId: the first layer with the same codebook
    std::vector<std::vector<std::size_t>> codebooks;           ///< the layers of each, the first of which owns it
    std::vector<std::optional<double>> lambdaOverride;         ///< by LayerId; nothing: the global λ
    std::unique_ptr<Optimizer> optimizer;
    std::unique_ptr<Evaluator> evaluator;
    std::vector<HistogramRange> histogramRanges;               ///< by LayerId
    Step step{};
    Stage stage = Stage::Preparing;                            ///< the stage entered last
    bool codebooksAreLive = false;                             ///< false: representatives are a preview
    std::vector<NamedArray>
        snappedStatistics; ///< of batch-norm, once a run has finished: those of the snapped network where the network has others
    std::vector<std::string> notes;                            ///< what happened while all this was prepared; each a sentence

    void adoptSettings(const Settings &changed);               ///< and all that follows from them, but for the weights and codebooks
    bool quantizes() const { return settings.text(ParameterId::Forward) != "float"; }
    ForwardMode forwardMode() const;                           ///< of the stage entered last
    double lambdaTarget(std::size_t layer) const;
    RegularizerStrength strength(std::size_t layer) const;     ///< after the layer's ramp, which all terms share, at `step`
    CodebookShape codebookShape() const;                       ///< as the settings ask
    std::vector<torch::Tensor> latentKernels() const;          ///< as the network takes them, detached
    std::vector<torch::Tensor> snappedKernels() const;         ///< as the network takes them
    bool ownsCodebook(std::size_t layer) const { return codebookOwners[layer] == layer; }
    /// Recomputes the representatives from the weights as the initialiser would; a preview unless live.
    void initialiseCodebooks();
    void initialiseCodebook(std::span<const std::size_t> sharers);
    bool learnsMixing(std::size_t layer) const;                ///< as the settings ask
    /// Starts π at the shares of weights where the settings ask for it and it is uniform, and makes it
    /// uniform where they do not.
    void adoptMixing();
    void adoptMixing(std::span<const std::size_t> sharers);
    /// After a commit the latent weights follow their representatives.
    void synchroniseCommitted();
};

/// Has LibTorch compute on as many threads as the settings ask for.
void setThreads(const Settings &settings);

enum class StartFrom {
    Weights, ///< those the network comes with, or the file that the settings name
    Snapshot ///< which brings all weights and statistics
};

/// `kept`: see makeNetwork.
/// Loads the data, splits it, plans and allocates the network, all from the settings. The optimizer has no history yet.
/// Errors: those of loadDataset, makeNetwork, loadStartWeights and Settings::checkTogether; BadValue when the
/// minibatch is larger than the training set.
Result<std::unique_ptr<TrainingState>> prepareTraining(const Settings &settings, StartFrom from = StartFrom::Weights,
                                                       const KeptModule &kept = {});

} // namespace engine
