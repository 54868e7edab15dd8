// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/training/evaluator_torch.h"
#include <algorithm>
#include <numeric>
#include <torch/torch.h>

namespace engine {
namespace {

constexpr std::int64_t kBatch = 250;
constexpr std::size_t kReestimationImages = 5000;

std::int64_t countRight(Network &network, const std::vector<torch::Tensor> &kernels, const torch::Tensor &images,
                        const torch::Tensor &labels)
{
    std::int64_t right = 0;
    for (std::int64_t from = 0; from < images.size(0); from += kBatch) {
        const std::int64_t length = std::min(kBatch, images.size(0) - from);
        const auto logits = network.forward(images.narrow(0, from, length), kernels, Network::Mode::Evaluate);
        right += logits.argmax(1).eq(labels.narrow(0, from, length)).sum().item<std::int64_t>();
    }
    return right;
}

} // namespace

torch::Tensor imagesOf(Minibatch &batch, const ImageSet &images)
{
    const auto count = static_cast<std::int64_t>(batch.labels.size());
    return torch::from_blob(batch.pixels.data(), {count, images.channels, images.height, images.width});
}

torch::Tensor labelsOf(Minibatch &batch)
{
    return torch::from_blob(batch.labels.data(), {static_cast<std::int64_t>(batch.labels.size())}, torch::kInt64);
}

Evaluator::Evaluator(const ImageSet &images, std::vector<std::uint32_t> validation, Normalisation normalisation)
    : m_images{images}, m_validation{std::move(validation)}, m_normalisation{std::move(normalisation)}
{
    // A subset is the front of the list: a stride keeps it from being one stretch of the file.
    std::vector<std::uint32_t> mixed;
    const std::size_t stride = 7;
    for (std::size_t start = 0; start < stride; ++start) {
        for (std::size_t i = start; i < m_validation.size(); i += stride)
            mixed.push_back(m_validation[i]);
    }
    m_validation = std::move(mixed);
}

void Evaluator::normaliseValidation()
{
    if (m_normalised.labels.empty())
        fillPlain(m_images, m_validation, m_normalisation, m_normalised);
}

Scores Evaluator::score(Network &network, const std::vector<torch::Tensor> &kernels, std::size_t count)
{
    torch::NoGradGuard noGradient;
    normaliseValidation();
    const auto all = static_cast<std::int64_t>(std::min(count, m_validation.size()));
    const torch::Tensor images = imagesOf(m_normalised, m_images), labels = labelsOf(m_normalised);
    Scores sums;
    for (std::int64_t from = 0; from < all; from += kBatch) {
        const std::int64_t length = std::min(kBatch, all - from);
        const torch::Tensor truth = labels.narrow(0, from, length);
        const torch::Tensor logits = network.forward(images.narrow(0, from, length), kernels, Network::Mode::Evaluate);
        sums.accuracy += logits.argmax(1).eq(truth).sum().item<double>();
        sums.loss += torch::cross_entropy_loss(logits, truth).item<double>() * static_cast<double>(length);
    }
    return {.accuracy = sums.accuracy / static_cast<double>(all), .loss = sums.loss / static_cast<double>(all)};
}

double Evaluator::validate(Network &network, const std::vector<torch::Tensor> &kernels, std::size_t count)
{
    torch::NoGradGuard noGradient;
    normaliseValidation();
    const auto length = static_cast<std::int64_t>(std::min(count, m_validation.size()));
    const auto right = countRight(network, kernels, imagesOf(m_normalised, m_images).narrow(0, 0, length),
                                  labelsOf(m_normalised).narrow(0, 0, length));
    return static_cast<double>(right) / static_cast<double>(length);
}

double Evaluator::test(Network &network, const std::vector<torch::Tensor> &kernels, const ImageSet &test) const
{
    torch::NoGradGuard noGradient;
    std::vector<std::uint32_t> indices(test.count());
    std::iota(indices.begin(), indices.end(), 0u);
    std::int64_t right = 0;
    Minibatch batch;
    for (std::size_t from = 0; from < indices.size(); from += kBatch) {
        const auto length = std::min<std::size_t>(kBatch, indices.size() - from);
        fillPlain(test, std::span{indices}.subspan(from, length), m_normalisation, batch);
        right += countRight(network, kernels, imagesOf(batch, test), labelsOf(batch));
    }
    return static_cast<double>(right) / static_cast<double>(indices.size());
}

void Evaluator::reestimateNorms(Network &network, const std::vector<torch::Tensor> &kernels, MinibatchStream &training) const
{
    torch::NoGradGuard noGradient;
    network.beginReestimation();
    for (std::size_t seen = 0; seen < kReestimationImages;) {
        Minibatch batch = training.next();
        network.forward(imagesOf(batch, m_images), kernels, Network::Mode::Reestimate);
        seen += batch.labels.size();
        training.recycle(std::move(batch));
    }
}

} // namespace engine
