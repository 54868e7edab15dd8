// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/sampleframes.h"
#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace support {
namespace {

constexpr int kStepsPerEpoch = 390;
constexpr int kWarmupEpochs = 3, kClusterEpochs = 5, kCommitEpochs = 1;

/// The weights of one layer and the codebook that draws them.
class CondensingLayer {
public:
    CondensingLayer(engine::LayerInfo layer, int k, std::mt19937_64 &random) : m_info{std::move(layer)}, m_k{k}
    {
        const auto fanIn = static_cast<double>(m_info.weightCount) / static_cast<double>(m_info.shape.front());
        m_spread = std::sqrt(1.0 / fanIn);
        std::normal_distribution<double> gauss{0.02 * m_spread, m_spread};
        m_weights.resize(m_info.weightCount);
        std::ranges::generate(m_weights, [&] { return static_cast<float>(gauss(random)); });
        m_cells.resize(m_weights.size());
        initialise();
    }

    /// Warm-up: every weight wanders, the codebook is re-made.
    void wander(double noise, std::mt19937_64 &random)
    {
        std::normal_distribution<float> gauss{0, static_cast<float>(noise * m_spread)};
        for (auto &weight : m_weights)
            weight = 1.004F * weight + gauss(random);
        initialise();
    }
    /// Cluster: pull is 0…1, the share of its distance that a weight loses.
    void pull(double strength, double noise, std::mt19937_64 &random)
    {
        std::normal_distribution<float> gauss{0, static_cast<float>(noise * m_spread)};
        for (std::size_t i = 0; i < m_weights.size(); ++i)
            m_weights[i] += static_cast<float>(strength) * (m_representatives[m_cells[i]] - m_weights[i]) + gauss(random);
        follow(0.15);
        assign();
    }
    /// Commit: weights sit on their representatives, which go on moving a little.
    void snap(std::mt19937_64 &random)
    {
        std::normal_distribution<float> gauss{0, static_cast<float>(0.004 * m_spread)};
        for (auto &representative : m_representatives)
            representative += gauss(random);
        std::ranges::sort(m_representatives);
        for (std::size_t i = 0; i < m_weights.size(); ++i)
            m_weights[i] = m_representatives[m_cells[i]];
        assign();
    }

    engine::LayerFrame picture(int bins, double lambda, double target)
    {
        engine::LayerFrame frame;
        frame.id = m_info.id;
        frame.representatives = m_representatives;
        frame.identity.resize(m_representatives.size());
        std::iota(frame.identity.begin(), frame.identity.end(), std::uint16_t{0});
        frame.trajectories = frame.identity.size();
        frame.occupancy.assign(m_representatives.size(), 0);
        double distance = 0, energy = 0;
        for (std::size_t i = 0; i < m_weights.size(); ++i) {
            const double d = std::abs(m_weights[i] - m_representatives[m_cells[i]]);
            ++frame.occupancy[m_cells[i]];
            distance += d;
            energy += 0.5 * d * d;
        }
        frame.histogram = m_range.count(m_weights, bins);
        frame.lambda = lambda;
        frame.lambdaTarget = target;
        frame.regularizerLoss = lambda * energy;
        frame.meanDistance = distance / static_cast<double>(m_weights.size());
        frame.gradientRatio = lambda * std::sqrt(energy);
        frame.changedShare = static_cast<double>(m_changed) / static_cast<double>(m_weights.size());
        frame.size = engine::layerSize(frame.occupancy);
        m_changed = 0;
        return frame;
    }
    double relativeDistance(const engine::LayerFrame &frame) const { return frame.meanDistance / m_spread; }

private:
    /// Lloyd's iteration from equal mass, on the sorted weights.
    void initialise()
    {
        auto sorted = m_weights;
        std::ranges::sort(sorted);
        m_representatives.resize(static_cast<std::size_t>(m_k));
        for (int j = 0; j < m_k; ++j)
            m_representatives[j] = sorted[static_cast<std::size_t>((j + 0.5) * static_cast<double>(sorted.size()) / m_k)];
        assign();
        for (int round = 0; round < 8; ++round) {
            follow(1.0);
            assign();
        }
    }
    void follow(double rate)
    {
        std::vector<double> sums(m_representatives.size()), counts(m_representatives.size());
        for (std::size_t i = 0; i < m_weights.size(); ++i) {
            sums[m_cells[i]] += m_weights[i];
            ++counts[m_cells[i]];
        }
        for (std::size_t j = 0; j < sums.size(); ++j)
            if (counts[j] > 0)
                m_representatives[j] += static_cast<float>(rate * (sums[j] / counts[j] - m_representatives[j]));
        std::ranges::sort(m_representatives);
    }
    void assign()
    {
        std::vector<float> borders;
        for (std::size_t j = 1; j < m_representatives.size(); ++j)
            borders.push_back(0.5F * (m_representatives[j - 1] + m_representatives[j]));
        for (std::size_t i = 0; i < m_weights.size(); ++i) {
            const auto cell = static_cast<std::uint16_t>(std::ranges::lower_bound(borders, m_weights[i]) - borders.begin());
            m_changed += cell != m_cells[i];
            m_cells[i] = cell;
        }
    }

    engine::LayerInfo m_info;
    int m_k;
    double m_spread = 1;
    std::vector<float> m_weights;         // (n)
    std::vector<std::uint16_t> m_cells;   // (n) a(i)
    std::vector<float> m_representatives; // (k) ascending
    std::uint64_t m_changed = 0;          // since the last picture
    engine::HistogramRange m_range;
};

std::shared_ptr<const engine::RunDescription> describe(const SampleRunOptions &options)
{
    auto run = std::make_shared<engine::RunDescription>();
    (void)run->settings.set(engine::ParameterId::CodebookSize, std::int64_t{options.k});
    run->dataName = "Fashion-MNIST";
    run->modelName = "lenet5";
    run->classNames = {"T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Boot"};
    run->trainImages = 50000;
    run->validationImages = 10000;
    run->testImages = 10000;
    const auto add = [&](const char *name, const char *kind, std::vector<std::int64_t> shape) {
        const auto weights = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies{});
        run->layers.push_back({engine::LayerId{static_cast<std::uint16_t>(run->layers.size())}, name, kind,
                               std::move(shape), static_cast<std::uint64_t>(weights)});
    };
    add("features.0", "conv", {6, 1, 5, 5});
    add("features.3", "conv", {16, 6, 5, 5});
    add("classifier.0", "linear", {120, 400});
    add("classifier.2", "linear", {84, 120});
    add("classifier.4", "linear", {10, 84});
    run->floatParameters = 6 + 16 + 120 + 84 + 10;
    run->stepsPerEpoch = kStepsPerEpoch;
    run->warmupSteps = kWarmupEpochs * kStepsPerEpoch;
    run->clusterSteps = kClusterEpochs * kStepsPerEpoch;
    run->commitSteps = kCommitEpochs * kStepsPerEpoch;
    run->threads = 2;
    run->blasName = "OpenBLAS";
    return run;
}

/// Losses and accuracies that go with the weights: learning saturates, quantization error costs accuracy.
void judge(engine::Frame &frame, double relativeDistance, double progress, std::mt19937_64 &random)
{
    std::normal_distribution<double> gauss{0, 1};
    const double learned = 1 - std::exp(-7 * progress);
    frame.latentAccuracy = 0.10 + 0.805 * learned + 0.003 * gauss(random);
    frame.snappedAccuracy = frame.latentAccuracy * (1 - 0.55 * std::pow(relativeDistance / 0.4, 1.5)) + 0.003 * gauss(random);
    frame.trainAccuracy = std::clamp(0.10 + 0.83 * learned + 0.018 * gauss(random), 0.0, 1.0);
    frame.taskLoss = 0.22 + 2.05 * std::exp(-9 * progress) + 0.03 * std::abs(gauss(random));
}

} // namespace

SampleRun condense(const SampleRunOptions &options)
{
    std::mt19937_64 random{options.seed};
    SampleRun run;
    run.description = describe(options);
    run.history = std::make_shared<engine::History>();
    std::vector<CondensingLayer> layers;
    for (const auto &info : run.description->layers)
        layers.emplace_back(info, options.k, random);

    const auto total = run.description->totalSteps();
    const int frames = std::max(1, static_cast<int>(std::lround(options.share * options.frames)));
    for (int i = 1; i <= frames; ++i) {
        const auto step = total * static_cast<std::uint64_t>(i) / static_cast<std::uint64_t>(options.frames);
        const double progress = static_cast<double>(step) / static_cast<double>(total);
        const double clustered = (static_cast<double>(step) - static_cast<double>(run.description->warmupSteps))
                                 / static_cast<double>(run.description->clusterSteps);
        const double perFrame = 120.0 / options.frames;
        engine::Frame frame;
        frame.step = engine::Step{step};
        frame.epoch = static_cast<double>(step) / kStepsPerEpoch;
        frame.stage = clustered <= 0 ? engine::Stage::Warmup : clustered <= 1 ? engine::Stage::Cluster : engine::Stage::Commit;
        frame.codebooksAreLive = frame.stage != engine::Stage::Warmup;
        frame.learningRate = 0.02 * (1 + std::cos(progress * 3.14159));
        frame.imagesPerSecond = 5200;
        frame.etaSeconds = 60 * (1 - progress);
        const double lambda = frame.codebooksAreLive ? 0.02 * std::pow(100.0, std::min(clustered, 1.0)) : 0;
        double relative = 0, weights = 0;
        for (std::size_t l = 0; l < layers.size(); ++l) {
            if (frame.stage == engine::Stage::Warmup)
                layers[l].wander(0.03, random);
            else if (frame.stage == engine::Stage::Cluster)
                layers[l].pull(std::min(1.0, 0.35 * perFrame * clustered * clustered), 0.012 * (1 - clustered), random);
            else
                layers[l].snap(random);
            frame.layers.push_back(layers[l].picture(options.bins, lambda, 2.0));
            const auto n = static_cast<double>(run.description->layers[l].weightCount);
            relative += n * layers[l].relativeDistance(frame.layers.back());
            weights += n;
            frame.regularizerLoss += frame.layers.back().regularizerLoss;
            frame.size += frame.layers.back().size;
        }
        frame.size += engine::floatSize(run.description->floatParameters);
        judge(frame, relative / weights, progress, random);
        const bool measured = i % 4 == 0 || i == options.frames;
        auto sample = engine::sampleOf(frame, measured);
        sample.wholeValidation = measured && i % 12 == 0;
        run.history->add(std::move(sample));
        run.frames.push_back(std::make_shared<const engine::Frame>(std::move(frame)));
    }
    return run;
}

} // namespace support
