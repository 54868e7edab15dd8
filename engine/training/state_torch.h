// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/data/datasetshelf.h"
#include "engine/frame/frame.h"
#include "engine/nets/network_torch.h"
#include "engine/quantization/layerquantizer_torch.h"
#include "engine/schedule/schedule.h"
#include "engine/storage/snapshot.h"
#include "engine/training/evaluator_torch.h"
#include "engine/training/kernellayers_torch.h"
#include "engine/training/optimizer_torch.h"
#include <memory>
#include <optional>
#include <vector>

namespace engine {

/// What a run learns from. Never changes, so that runs may share it.
struct TrainingData {
    std::shared_ptr<const Dataset> dataset;
    Split split;
    Normalisation normalisation;
};

/// What a run trains, and the settings that each part is trained with.
struct TrainedModel {
    std::unique_ptr<Network> network;
    LayerQuantizers layers;
    std::vector<KernelLayers> kernels;                ///< by place among the network's
    std::vector<LayerSettings> layerSettings;         ///< by LayerId; as the settings ask, rules for single layers included
    std::vector<std::size_t> codebookOwners;          ///< by LayerId: the first layer with the same codebook
    std::vector<std::vector<std::size_t>> codebooks;  ///< the layers of each, the first of which owns it
    std::unique_ptr<Optimizer> optimizer;
    std::vector<HistogramRange> histogramRanges;      ///< by LayerId

    std::vector<torch::Tensor> latentKernels() const;  ///< as the network takes them, detached
    std::vector<torch::Tensor> snappedKernels() const; ///< as the network takes them
    bool ownsCodebook(std::size_t layer) const { return codebookOwners[layer] == layer; }
    /// After a commit the latent weights follow their representatives.
    void synchroniseCommitted();
};

/// How far a run has come.
struct TrainingProgress {
    Step step{};
    Stage stage = Stage::Preparing;             ///< the stage entered last
    bool codebooksAreLive = false;              ///< false: representatives are a preview
    std::vector<NamedArray> snappedStatistics; ///< of batch-norm, once a run has finished: those of the snapped network where it has others
};

/// Everything a run consists of while it trains; owned by the training thread and shared by the parts that step
/// (Trainer), watch (Watcher) and store (store_torch).
struct TrainingState {
    RunDescription description; ///< owns settings and lengths of stages
    std::shared_ptr<const TrainingData> data;
    TrainedModel model;
    TrainingProgress progress;
    std::unique_ptr<Evaluator> evaluator;
    std::vector<std::string> notes; ///< what happened while all this was prepared; each a sentence

    const Settings &settings() const noexcept { return description.settings; }
    void adoptSettings(const Settings &changed); ///< and all that follows from them, but for the weights and codebooks
    StageLengths stages() const noexcept { return {description.warmupSteps, description.clusterSteps, description.commitSteps}; }
    void setStages(const StageLengths &stages) noexcept;
    ForwardMode forwardMode() const;                       ///< of the stage entered last
    std::vector<std::string> ruledNames() const;           ///< names that rules for layers may fit: layers, and ranges of their channels
    double lambdaTarget(std::size_t layer) const;
    RegularizerStrength strength(std::size_t layer) const; ///< after the layer's ramp, which all terms share, at `step`
    CodebookShape codebookShape() const;                   ///< as the settings ask
    /// Recomputes the representatives from the weights as the initialiser would; a preview unless live.
    void initialiseCodebooks();
    void initialiseCodebook(std::span<const std::size_t> sharers);
    bool learnsMixing(std::size_t layer) const;            ///< as the settings ask
    /// Starts π at the shares of weights where the settings ask for it and it is uniform, and makes it
    /// uniform where they do not.
    void adoptMixing();
    void adoptMixing(std::span<const std::size_t> sharers);
};

/// Has LibTorch compute on as many threads as the settings ask for.
void setThreads(const Settings &settings);
void setThreads(int threads);
/// Of LibTorch, such as "1.13.1".
std::string torchVersion();

enum class StartFrom {
    Weights, ///< those the network comes with, or the file that the settings name
    Snapshot ///< which brings all weights and statistics
};

/// Loads the data, splits it, plans and allocates the network, all from the settings. The optimizer has no history yet.
/// `kept`: see makeNetwork. Errors: those of DatasetShelf::load, makeNetwork, loadStartWeights and
/// Settings::checkTogether; BadValue when the minibatch is larger than the training set.
Result<std::unique_ptr<TrainingState>> prepareTraining(const Settings &settings, DatasetShelf &shelf, StartFrom from = StartFrom::Weights,
                                                       const KeptModule &kept = {});

} // namespace engine
