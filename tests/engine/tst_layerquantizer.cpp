// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/quantization/layerquantizer_torch.h"
#include <QtTest>
#include <cmath>
#include <limits>
#include <torch/torch.h>

using namespace engine;

namespace {

LayerInfo infoOf(const torch::Tensor &kernel)
{
    return {.id = LayerId{0},
            .name = "layer",
            .kind = "linear",
            .shape = kernel.sizes().vec(),
            .weightCount = static_cast<std::uint64_t>(kernel.numel())};
}

struct Fixture {
    torch::Tensor kernel;
    torch::Tensor slope; // of the task with respect to what the layer computes with
    LayerQuantizer quantizer;

    explicit Fixture(std::int64_t n, std::vector<float> representatives = {-1.0f, -0.2f, 0.3f, 1.1f})
        : kernel{(torch::manual_seed(5), torch::randn({n, 3}).set_requires_grad(true))}, slope{torch::randn({n, 3})}, quantizer{
                                                                                                                          infoOf(kernel),
                                                                                                                          kernel}
    {
        quantizer.setRepresentatives(representatives);
    }
    /// Backward of the task Σ slope ⊙ weights, whose gradient is `slope` whatever the weights are.
    torch::Tensor run(ForwardMode mode, double lambda)
    {
        torch::Tensor weights = quantizer.attach(mode, {.lambda = lambda});
        (weights * slope).sum().backward();
        return weights.detach();
    }
};

/// a(i) and its tensors by broadcasting n × k: slow, and plainly the definition.
struct Reference {
    torch::Tensor nearest, distance, code;
    Reference(const torch::Tensor &kernel, const torch::Tensor &representatives)
    {
        const auto w = kernel.detach().flatten().unsqueeze(1), r = representatives.detach().unsqueeze(0);
        code = (w - r).abs().argmin(1);
        nearest = representatives.detach().index_select(0, code).view_as(kernel);
        distance = kernel.detach() - nearest;
    }
};

} // namespace

class TstLayerQuantizer : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void computesWithWhatTheModeSays()
    {
        Fixture f{1000};
        const Reference reference{f.kernel, f.quantizer.representatives()};
        QVERIFY(torch::equal(f.run(ForwardMode::Latent, 0.5), f.kernel.detach()));
        QVERIFY(torch::equal(f.run(ForwardMode::Snapped, 0.5), reference.nearest));
        QVERIFY(torch::equal(f.quantizer.attach(ForwardMode::Float, {.lambda = 0.5}), f.kernel));
        QVERIFY(torch::equal(f.quantizer.snapped(), reference.nearest));
    }

    void gradients_data()
    {
        QTest::addColumn<bool>("snapped");
        QTest::addColumn<double>("lambda");
        QTest::addColumn<int>("rows");
        QTest::newRow("latent") << false << 0.7 << 1000;
        QTest::newRow("snapped") << true << 0.7 << 1000;
        QTest::newRow("latent without pull") << false << 0.0 << 1000;
        QTest::newRow("snapped without pull") << true << 0.0 << 1000;
        QTest::newRow("more than one part of memory") << true << 0.3 << 100000;
        QTest::newRow("one row") << true << 0.3 << 1;
    }
    void gradients()
    {
        QFETCH(bool, snapped);
        QFETCH(double, lambda);
        QFETCH(int, rows);
        Fixture f{rows};
        f.run(snapped ? ForwardMode::Snapped : ForwardMode::Latent, lambda);
        const Reference reference{f.kernel, f.quantizer.representatives()};
        QVERIFY(torch::allclose(f.kernel.grad(), f.slope + lambda * reference.distance, 1e-5, 1e-6));

        const auto code = reference.code, w = f.kernel.detach().flatten().to(torch::kFloat64), g = f.slope.flatten().to(torch::kFloat64);
        for (std::int64_t j = 0; j < 4; ++j) {
            const auto members = code.eq(j);
            const double n = members.sum().item<double>();
            double expected = 0;
            if (n > 0 && lambda > 0)
                expected += f.quantizer.codebook()[static_cast<std::size_t>(j)] - w.masked_select(members).mean().item<double>();
            if (n > 0 && snapped)
                expected += g.masked_select(members).sum().item<double>() / std::sqrt(n);
            QVERIFY(std::abs(f.quantizer.representatives().grad()[j].item<double>() - expected) < 1e-4);
            QCOMPARE(static_cast<double>(f.quantizer.lastPass()->nearest.occupancy[static_cast<std::size_t>(j)]), n);
        }
    }

    void regularizerSlopeAgreesWithDifferences()
    {
        // λ R by the broadcast definition in double precision, moved weight by weight.
        Fixture f{40};
        f.slope.zero_();
        f.run(ForwardMode::Latent, 2.0);
        const auto r = f.quantizer.representatives().detach().to(torch::kFloat64);
        const auto w = f.kernel.detach().to(torch::kFloat64).flatten();
        const auto energy = [&](const torch::Tensor &weights) {
            return (2.0 * 0.5 * std::get<0>((weights.unsqueeze(1) - r.unsqueeze(0)).square().min(1)).sum()).item<double>();
        };
        for (std::int64_t i = 0; i < w.numel(); ++i) {
            auto up = w.clone(), down = w.clone();
            up[i] += 1e-6;
            down[i] -= 1e-6;
            const double slope = (energy(up) - energy(down)) / 2e-6;
            QVERIFY(std::abs(slope - f.kernel.grad().flatten()[i].item<double>()) < 1e-4);
        }
    }

    void everyRegularizerPullsThroughTheGraph_data()
    {
        QTest::addColumn<QByteArray>("name");
        for (const auto &spec : regularizers())
            QTest::addRow("%s", spec.name.data()) << QByteArray{spec.name.data(), static_cast<qsizetype>(spec.name.size())};
    }
    void everyRegularizerPullsThroughTheGraph()
    {
        QFETCH(QByteArray, name);
        const RegularizerSpec &spec = *findRegularizer(name.constData());
        Fixture f{40000};
        f.quantizer.setRegularizer(spec, 0.8);
        const std::vector<float> before(f.quantizer.codebook().begin(), f.quantizer.codebook().end());
        torch::Tensor expected = f.slope.clone();
        RegularizerSums sums{4};
        spec.make(before, {.sigma = 0.8, .temperature = 0.1})
            ->pull(f.quantizer.weights(), 0.4f, {expected.data_ptr<float>(), static_cast<std::size_t>(expected.numel())}, sums);

        const torch::Tensor weights = f.quantizer.attach(ForwardMode::Latent, {.lambda = 0.4, .temperature = 0.1});
        (weights * f.slope).sum().backward();
        QVERIFY(torch::allclose(f.kernel.grad(), expected, 1e-5, 1e-6));
        QVERIFY(std::abs(f.quantizer.lastPass()->energy - sums.energy) < 1e-5 * sums.energy);
        QVERIFY(std::abs(f.quantizer.measureRegularizer(0.1).energy - sums.energy) < 1e-5 * sums.energy);
        for (std::size_t j = 0; j < before.size(); ++j) {
            const double ours = f.quantizer.representatives().grad()[static_cast<std::int64_t>(j)].item<double>();
            QVERIFY(std::abs(ours - sums.slope[j] / sums.mass[j]) < 1e-4);
        }
        f.quantizer.stepRepresentatives(0.1);
        const auto after = f.quantizer.codebook();
        QVERIFY(!std::ranges::equal(after, before));
        if (spec.isGrid)
            QVERIFY(std::abs((after[1] - after[0]) - (after[3] - after[2])) < 1e-6f);
    }

    void theResultDoesNotDependOnTheNumberOfThreads()
    {
        std::vector<torch::Tensor> kernelGradients, representativeGradients;
        for (const int threads : {1, 2}) {
            at::set_num_threads(threads);
            Fixture f{200000};
            f.run(ForwardMode::Snapped, 0.3);
            kernelGradients.push_back(f.kernel.grad());
            representativeGradients.push_back(f.quantizer.representatives().grad());
        }
        QVERIFY(torch::equal(kernelGradients[0], kernelGradients[1]));
        QVERIFY(torch::equal(representativeGradients[0], representativeGradients[1]));
    }

    void aGradientOfItsOwnIsUsedInPlace()
    {
        Fixture f{100};
        const torch::Tensor weights = f.quantizer.attach(ForwardMode::Snapped, {.lambda = 1.0});
        const void *arrived = nullptr;
        weights.register_hook([&](const torch::Tensor &gradient) { arrived = gradient.data_ptr(); });
        torch::linear(torch::randn({8, 3}), weights).sum().backward();
        QVERIFY(arrived);
        QCOMPARE(f.kernel.grad().data_ptr(), arrived); // no copy was made
    }

    /// Convolutions with their channels side by side hand over gradients that lie like that, too.
    void aConvolutionsGradientIsUsedInPlace()
    {
        const torch::Tensor kernel = torch::randn({16, 8, 3, 3}).contiguous(at::MemoryFormat::ChannelsLast).set_requires_grad(true);
        LayerQuantizer quantizer{infoOf(kernel), kernel};
        quantizer.setRepresentatives(std::vector{-1.0f, 0.0f, 1.0f});
        const torch::Tensor weights = quantizer.attach(ForwardMode::Snapped, {.lambda = 1.0});
        QVERIFY(torch::equal(weights, quantizer.snapped()));
        const void *arrived = nullptr;
        weights.register_hook([&](const torch::Tensor &gradient) { arrived = gradient.data_ptr(); });
        const auto images = torch::randn({4, 8, 9, 9}).contiguous(at::MemoryFormat::ChannelsLast);
        torch::conv2d(images, weights, {}, 1, 1).sum().backward();
        QVERIFY(arrived);
        QCOMPARE(kernel.grad().data_ptr(), arrived);
        QCOMPARE(kernel.grad().strides(), kernel.strides());
    }

    /// What lies in memory in another order is the same mathematics.
    void theOrderInMemoryChangesNothing()
    {
        const torch::Tensor plain = torch::randn({6, 5, 3, 3}), slope = torch::randn({6, 5, 3, 3});
        std::vector<torch::Tensor> gradients, snapped;
        for (const auto order : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
            const torch::Tensor kernel = plain.clone(order).set_requires_grad(true);
            LayerQuantizer quantizer{infoOf(kernel), kernel};
            quantizer.setRepresentatives(std::vector{-0.7f, 0.1f, 1.2f});
            (quantizer.attach(ForwardMode::Snapped, {.lambda = 0.8}) * slope).sum().backward();
            gradients.push_back(kernel.grad());
            snapped.push_back(quantizer.snapped());
            quantizer.commit();
            QVERIFY(torch::equal(quantizer.snapped(), snapped.front()));
        }
        QVERIFY(torch::equal(gradients[0], gradients[1]));
        QVERIFY(torch::equal(snapped[0], snapped[1]));
    }

    void aGradientThatOthersSeeIsNotOverwritten()
    {
        Fixture f{100};
        const torch::Tensor weights = f.quantizer.attach(ForwardMode::Latent, {.lambda = 1.0});
        const torch::Tensor other = torch::ones_like(weights).set_requires_grad(true);
        // Addition hands the very same gradient tensor to both sides.
        ((weights + other) * f.slope).sum().backward();
        QVERIFY(torch::allclose(other.grad(), f.slope));
        const Reference reference{f.kernel, f.quantizer.representatives()};
        QVERIFY(torch::allclose(f.kernel.grad(), f.slope + reference.distance, 1e-5, 1e-6));
    }

    void snappedAheadIsWhatTheNextPassComputesWith()
    {
        for (const std::int64_t rows : {1, 5000, 400000}) { // one part, several, more than fits the caches
            Fixture f{rows};
            f.quantizer.beginSnapAhead({});
            f.kernel.detach().neg_();
            const auto n = static_cast<std::size_t>(f.kernel.numel());
            for (std::size_t from = 0; from < n; from += 4096)
                f.quantizer.snapAhead(from, std::min(from + 4096, n));
            const Reference reference{f.kernel, f.quantizer.representatives()};
            QVERIFY(torch::equal(f.run(ForwardMode::Snapped, 0.5), reference.nearest));
        }
    }

    void snappedAheadMayTakeTheGradientsPlace()
    {
        Fixture f{5000};
        for (int step = 0; step < 3; ++step) {
            f.run(ForwardMode::Snapped, 0.5);
            f.quantizer.stepRepresentatives(0.1);
            const void *memory = f.kernel.grad().data_ptr();
            f.quantizer.beginSnapAhead(f.kernel.grad());
            f.kernel.detach().sub_(f.kernel.grad(), 0.1);
            f.kernel.mutable_grad().reset();
            f.quantizer.snapAhead(0, static_cast<std::size_t>(f.kernel.numel()));
            const Reference reference{f.kernel, f.quantizer.representatives()};
            const torch::Tensor attached = f.quantizer.attach(ForwardMode::Snapped, {.lambda = 0.5});
            QCOMPARE(attached.data_ptr(), memory);
            QVERIFY(torch::equal(attached, reference.nearest));
            (attached * f.slope).sum().backward();
            QVERIFY(torch::allclose(f.kernel.grad(), f.slope + 0.5 * reference.distance, 1e-5, 1e-6));
            f.kernel.mutable_grad().reset();
            f.quantizer.dropGradient();
        }
        const torch::Tensor otherOrder = torch::empty({f.kernel.size(1), f.kernel.size(0)}).t();
        f.quantizer.beginSnapAhead(otherOrder); // does not suit
        f.quantizer.snapAhead(0, static_cast<std::size_t>(f.kernel.numel()));
        QVERIFY(torch::equal(f.quantizer.attach(ForwardMode::Snapped, {}), f.quantizer.snapped()));
    }

    void snappedAheadServesOnceAndOnlyItsCodebook()
    {
        Fixture f{100};
        const auto snapAhead = [&] {
            f.quantizer.beginSnapAhead({});
            f.quantizer.snapAhead(0, static_cast<std::size_t>(f.kernel.numel()));
        };
        const auto computesWithTheNearest = [&] {
            const Reference reference{f.kernel, f.quantizer.representatives()};
            return torch::equal(f.run(ForwardMode::Snapped, 0.5), reference.nearest);
        };
        snapAhead();
        QVERIFY(computesWithTheNearest());
        f.kernel.detach().neg_();
        QVERIFY(computesWithTheNearest());
        snapAhead();
        f.quantizer.stepRepresentatives(0.5);
        QVERIFY(computesWithTheNearest());
        snapAhead();
        f.quantizer.setRepresentatives(std::vector{-0.5f, 0.5f});
        QVERIFY(computesWithTheNearest());
    }

    void aDroppedGradientLeavesNothingBehind()
    {
        Fixture f{100}, fresh{100};
        f.slope.fill_(std::numeric_limits<float>::infinity());
        f.run(ForwardMode::Snapped, 1.0);
        f.quantizer.dropGradient();
        f.kernel.mutable_grad().reset();
        f.slope.copy_(fresh.slope);
        f.run(ForwardMode::Snapped, 1.0);
        fresh.run(ForwardMode::Snapped, 1.0);
        QVERIFY(torch::equal(f.quantizer.representatives().grad(), fresh.quantizer.representatives().grad()));
    }

    void aGridStaysOneWhereLevelsPassEachOther()
    {
        Fixture f{1000, {-1.0f, 0.0f, 1.0f}};
        f.quantizer.setRegularizer(*findRegularizer("periodic"), 1.0);
        f.run(ForwardMode::Latent, 1.0);
        f.quantizer.representatives().mutable_grad() = torch::tensor({-3.0f, 0.0f, 0.0f}); // the first flies past the others
        f.quantizer.stepRepresentatives(1.0);
        const auto r = f.quantizer.codebook();
        QVERIFY(std::ranges::is_sorted(r) && r[0] < r[2]);
        QVERIFY(std::abs((r[1] - r[0]) - (r[2] - r[1])) < 1e-6f);
    }

    void deadRepresentativesRest()
    {
        Fixture f{500, {-100.0f, 0.0f, 100.0f}};
        f.run(ForwardMode::Snapped, 1.0);
        QCOMPARE(f.quantizer.representatives().grad()[0].item<float>(), 0.0f);
        QCOMPARE(f.quantizer.representatives().grad()[2].item<float>(), 0.0f);
        QVERIFY(f.quantizer.representatives().grad()[1].item<float>() != 0.0f);
    }

    void droppingLeavesWeightsAndTrajectoriesAlone()
    {
        Fixture f{500, {-100.0f, -0.5f, 0.5f, 60.0f, 100.0f}};
        f.quantizer.setIdentity({4, 2, 0, 1, 3}, 7); // two were dropped before
        f.run(ForwardMode::Snapped, 1.0);
        f.quantizer.stepRepresentatives(0.0);
        f.quantizer.beginSnapAhead({});
        f.quantizer.snapAhead(0, 500);
        const auto codes = f.quantizer.codes();
        const auto snapped = f.quantizer.snapped().clone();
        QCOMPARE(f.quantizer.dropDead(), std::size_t{3});
        QVERIFY(std::ranges::equal(f.quantizer.codebook(), std::vector{-0.5f, 0.5f}));
        QVERIFY((f.quantizer.identity() == std::vector<std::uint16_t>{2, 0}));
        QCOMPARE(f.quantizer.trajectories(), std::size_t{7});
        QVERIFY(torch::equal(f.quantizer.snapped(), snapped));
        const auto after = f.quantizer.codes();
        for (std::size_t i = 0; i < codes.size(); ++i)
            QCOMPARE(after[i], codes[i] - 1);
        QVERIFY(torch::equal(f.run(ForwardMode::Snapped, 1.0), snapped)); // and it trains on
        f.quantizer.stepRepresentatives(0.5);
        QCOMPARE(f.quantizer.dropDead(), std::size_t{0});
    }

    void whatIsHeldIsNotDropped()
    {
        Fixture grid{500, {-100.0f, 0.0f, 100.0f}};
        grid.quantizer.setRegularizer(*findRegularizer("periodic"), 1.0);
        QCOMPARE(grid.quantizer.dropDead(), std::size_t{0});
        Fixture zero{500, {-200.0f, -50.0f, 0.0f}};
        zero.quantizer.setRegularizer(*findRegularizer("nearest-l2"), 1.0, {.isGrid = false, .isSymmetric = false, .hasZero = true});
        zero.kernel.detach().fill_(-60.0f);
        QCOMPARE(zero.quantizer.dropDead(), std::size_t{1});
        QVERIFY(std::ranges::equal(zero.quantizer.codebook(), std::vector{-50.0f, 0.0f}));
        Fixture committed{500, {-100.0f, 0.0f, 100.0f}};
        committed.quantizer.commit();
        QCOMPARE(committed.quantizer.dropDead(), std::size_t{0});
    }

    void sortingIsRecorded()
    {
        Fixture f{10, {0.0f, 0.1f, 5.0f}};
        f.quantizer.representatives().mutable_grad() = torch::tensor({-1.0f, 1.0f, 0.0f});
        f.quantizer.stepRepresentatives(0.2); // 0 → 0.2, 0.1 → −0.1: they pass each other
        QVERIFY(std::abs(f.quantizer.codebook()[0] + 0.1f) < 1e-6f);
        QVERIFY(std::abs(f.quantizer.codebook()[1] - 0.2f) < 1e-6f);
        QVERIFY((f.quantizer.identity() == std::vector<std::uint16_t>{1, 0, 2}));
    }

    /// Pruned weights stay 0, however the task pulls at them and wherever the next representative lies.
    void aPinnedZeroKeepsItsWeights()
    {
        Fixture f{100, {0.0f, 0.001f}};
        f.quantizer.setRegularizer(*findRegularizer("nearest-l2"), 1.0, {.isGrid = false, .isSymmetric = false, .hasZero = true});
        f.quantizer.commit();
        const auto codes = f.quantizer.codes();
        f.slope = torch::zeros_like(f.kernel.detach()).masked_fill(f.kernel.detach() == 0, -1.0);
        f.run(ForwardMode::Committed, 0.0);
        f.quantizer.stepRepresentatives(0.1);
        QVERIFY(f.quantizer.codes() == codes);
        QCOMPARE(f.quantizer.codebook()[0], 0.0f);
        QCOMPARE(f.quantizer.codebook()[1], 0.001f);
    }

    void committedWeightsFollowTheirRepresentatives()
    {
        Fixture f{1000};
        const Reference reference{f.kernel, f.quantizer.representatives()};
        f.quantizer.commit();
        QVERIFY(torch::equal(f.kernel.detach(), reference.nearest));
        f.run(ForwardMode::Committed, 5.0);
        QVERIFY(!f.kernel.grad().defined());
        const auto g = f.slope.flatten().to(torch::kFloat64);
        for (std::int64_t j = 0; j < 4; ++j) {
            const auto members = reference.code.eq(j);
            const double expected = g.masked_select(members).sum().item<double>() / std::sqrt(members.sum().item<double>());
            QVERIFY(std::abs(f.quantizer.representatives().grad()[j].item<double>() - expected) < 1e-4);
        }
        const auto before = f.quantizer.codes();
        f.quantizer.stepRepresentatives(10.0); // far enough to change the order
        QVERIFY(std::ranges::is_sorted(f.quantizer.codebook()));
        const auto after = f.quantizer.codes();
        // Whoever shared a value before still shares one.
        for (std::size_t i = 1; i < after.size(); ++i)
            QCOMPARE(after[i] == after[0], before[i] == before[0]);
    }
};

QTEST_APPLESS_MAIN(TstLayerQuantizer)
#include "tst_layerquantizer.moc"
