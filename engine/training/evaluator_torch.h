// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/data/minibatches.h"
#include "engine/frame/scores.h"
#include "engine/nets/network_torch.h"
#include <torch/types.h>
#include <vector>

namespace engine {

/// Measures accuracy on plain (not augmented) images. Training thread only; leaves parameters, batch-norm
/// statistics and random state as they are, except where a function says otherwise.
class Evaluator {
public:
    /// `images` must outlive it; `validation` picks the held-back ones.
    Evaluator(const ImageSet &images, std::vector<std::uint32_t> validation, Normalisation normalisation);

    /// Share (0…1) of the first `count` validation images (all if larger) that the network labels right. They
    /// are normalised once.
    double validate(Network &network, const std::vector<torch::Tensor> &kernels, std::size_t count);
    /// The mean cross-entropy over them beside it.
    Scores score(Network &network, const std::vector<torch::Tensor> &kernels, std::size_t count);
    /// The same over all images of `test`.
    double test(Network &network, const std::vector<torch::Tensor> &kernels, const ImageSet &test) const;
    /// Renews the running statistics of batch-norm as the mean over the next minibatches of the training
    /// stream, seen with `kernels`. Their augmentation belongs to it: a network knows the statistics of what
    /// it was trained on.
    void reestimateNorms(Network &network, const std::vector<torch::Tensor> &kernels, MinibatchStream &training) const;

private:
    void normaliseValidation();

    const ImageSet &m_images;
    std::vector<std::uint32_t> m_validation;
    Normalisation m_normalisation;
    Minibatch m_normalised; // all of m_validation, made at first use
};

/// A view of a minibatch as tensor (count, channels, height, width); valid while the minibatch lives.
torch::Tensor imagesOf(Minibatch &batch, const ImageSet &images);
torch::Tensor labelsOf(Minibatch &batch);

} // namespace engine
