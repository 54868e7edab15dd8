// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/posttraining/quantizedsnapshot.h"
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace engine {

/// A network that was quantized after its training, as it is. Accuracies 0…1 over all images that were asked for.
struct PostTrainingMeasurement {
    struct Layer {
        std::string name;
        int k = 0; ///< representatives, at most those asked for
    };
    double accuracy = kNotMeasured;            ///< with the batch-norm statistics that training left, as a run's own validation accuracies
    double reestimatedAccuracy = kNotMeasured; ///< with those of the quantized network, estimated as at the end of a run
    SizeEstimate size;
    std::vector<Layer> layers;                 ///< forward order
};

/// Measures what post-training quantizers make of the latent weights in one snapshot. Loads the data and
/// builds the network once, so that a measurement costs the quantization and a pass over the images, where
/// there is batch-norm two, and its re-estimation. One thread at a time.
class PostTrainingBench {
public:
    enum class Images : std::uint8_t {
        Test,
        Validation ///< all that the run holds back: what its validation accuracies at the ends of epochs are of
    };

    /// Sets the number of threads that the snapshot's settings ask for.
    /// Errors: those of the snapshot's data and network; Internal where LibTorch fails.
    static Result<PostTrainingBench> open(SnapshotData source, Images images);
    PostTrainingBench(PostTrainingBench &&other) noexcept;
    PostTrainingBench &operator=(PostTrainingBench &&other) noexcept;
    ~PostTrainingBench();

    /// Pays no regard to fine-tuning. The same options give the same figures, which are those of
    /// quantizeAfterTraining on the test set.
    /// Errors: those of quantizedSnapshot; Internal where LibTorch fails.
    Result<PostTrainingMeasurement> measure(const PostTrainingOptions &options);

private:
    class Impl;
    explicit PostTrainingBench(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace engine
