// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/codebooks/mixing.h"
#include "engine/quantization/layerquantizer_torch.h"
#include "engine/quantization/weightwalk_torch.h"
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <torch/torch.h>

using namespace engine;

namespace {

using Values = std::vector<double>;

constexpr double kSigma = 0.1;
const RegularizerSpec &softMin() { return *findRegularizer("soft-min"); }

double sumOf(const Values &values) { return std::accumulate(values.begin(), values.end(), 0.0); }

/// Σ_j = 1 and none below the least.
bool isKept(const Values &mixing)
{
    const double least = kLeastShare / static_cast<double>(mixing.size());
    return std::abs(sumOf(mixing) - 1) < 1e-12 && std::ranges::all_of(mixing, [&](double share) { return share >= least * (1 - 1e-12); });
}

bool agree(const Values &a, const Values &b, double tolerance)
{
    return std::ranges::equal(a, b, [&](double x, double y) { return std::abs(x - y) <= tolerance; });
}

/// Weights, representatives and an uneven π, with R as method.md has it, in double precision and read literally.
struct Case {
    Values weights, representatives, mixing;
    double temperature = 0.2;

    double energy(const Values &proportions) const
    {
        const double tau = temperature * kSigma * kSigma;
        double sum = 0;
        for (const double w : weights) {
            double likelihood = 0;
            for (std::size_t j = 0; j < representatives.size(); ++j)
                likelihood += proportions[j] * std::exp(-(w - representatives[j]) * (w - representatives[j]) / tau);
            sum -= 0.5 * tau * std::log(likelihood);
        }
        return sum;
    }
    double energy() const { return energy(mixing); }
    std::vector<float> codebook() const { return {representatives.begin(), representatives.end()}; }
    torch::Tensor kernel() const { return torch::tensor(weights, torch::kFloat64); }
    RegularizerSums walk(torch::Tensor gradient = {}) const
    {
        const auto values = codebook();
        const ScaledCodebook scaled{.representatives = values, .scale = {.sigma = kSigma, .temperature = temperature, .mixing = mixing}};
        return tensorWalk(kernel())->pull(softMin(), scaled, 1.0, gradient);
    }
};

Case makeCase(std::size_t k)
{
    torch::manual_seed(4);
    Case c;
    const torch::Tensor weights = torch::randn({500}, torch::kFloat64).mul_(kSigma);
    c.weights.assign(weights.data_ptr<double>(), weights.data_ptr<double>() + weights.numel());
    for (std::size_t j = 0; j < k; ++j) {
        c.representatives.push_back(
            static_cast<float>(kSigma * (k > 1 ? -1.5 + 3.1 * static_cast<double>(j) / static_cast<double>(k - 1) : 0.2)));
        c.mixing.push_back(1 + 5 * static_cast<double>(j % 3));
    }
    keepMixing(c.mixing);
    return c;
}

double difference(const std::function<double(double)> &at, double step) { return (at(step) - at(-step)) / (2 * step); }

LayerInfo infoOf(const torch::Tensor &kernel)
{
    return {.id = LayerId{0},
            .name = "layer",
            .kind = "linear",
            .shape = kernel.sizes().vec(),
            .weightCount = static_cast<std::uint64_t>(kernel.numel())};
}

/// A layer with soft-min, whose π is learnt.
struct Layer {
    torch::Tensor kernel;
    LayerQuantizer quantizer;

    Layer(const torch::Tensor &weights, const std::vector<float> &representatives, Values mixing)
        : kernel{weights.clone().set_requires_grad(true)}, quantizer{infoOf(kernel), kernel}
    {
        quantizer.setRegularizer(softMin(), kSigma);
        quantizer.setRepresentatives(representatives);
        quantizer.setMixing(std::move(mixing));
    }
    void pass(ForwardMode mode = ForwardMode::Latent)
    {
        kernel.mutable_grad().reset();
        (quantizer.attach(mode, {.lambda = 0.5, .temperature = 0.2, .entropy = 0.05}) * 0.01).sum().backward();
    }
};

torch::Tensor gaussian(std::int64_t rows) { return (torch::manual_seed(7), torch::randn({rows, 50})).mul_(kSigma); }
const std::vector<float> kFour{-0.15f, -0.05f, 0.05f, 0.15f};
const Values kUneven{0.1, 0.2, 0.3, 0.4};

} // namespace

class TstMixing : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theSumIsOneAndNoneIsBelowTheLeast_data()
    {
        QTest::addColumn<QList<double>>("given");
        QTest::addColumn<QList<double>>("kept");
        QTest::newRow("one") << QList{7.0} << QList{1.0};
        QTest::newRow("as it should be") << QList{0.25, 0.75} << QList{0.25, 0.75};
        QTest::newRow("counts") << QList{30.0, 10.0} << QList{0.75, 0.25};
        QTest::newRow("an empty one") << QList{5.0, 0.0} << QList{0.9995, 0.0005};
        const double least = 0.25e-3, left = 0.999 / (1 - 2 * least); // of what two of four have beyond the least
        QTest::newRow("two below the least, the others in proportion")
            << QList{0.6, 0.4, 0.0, 1e-9} << QList{least + (0.6 - least) * left, least + (0.4 - least) * left, least, least};
    }
    void theSumIsOneAndNoneIsBelowTheLeast()
    {
        QFETCH(QList<double>, given);
        QFETCH(QList<double>, kept);
        Values mixing(given.begin(), given.end());
        keepMixing(mixing);
        QVERIFY(isKept(mixing));
        QVERIFY(agree(mixing, {kept.begin(), kept.end()}, 1e-12));
        const Values once = mixing;
        keepMixing(mixing);
        QVERIFY(agree(mixing, once, 1e-15));
    }

    void itBeginsWithTheSharesOfWeights()
    {
        QVERIFY(agree(mixingOf(std::vector<std::uint64_t>{10, 30, 60}), {0.1, 0.3, 0.6}, 1e-12));
        QVERIFY(agree(mixingOf(std::vector<std::uint64_t>{0, 0}), {0.5, 0.5}, 1e-12));
        QVERIFY(isKept(mixingOf(std::vector<std::uint64_t>{0, 7, 0, 14'000'000})));
    }

    void cases_data()
    {
        QTest::addColumn<std::size_t>("k");
        for (const std::size_t k : {1, 2, 4, 16, 256})
            QTest::addRow("k=%zu", k) << k;
    }

    void energyAndGradientsAgreeWithTheDefinition_data() { cases_data(); }
    void energyAndGradientsAgreeWithTheDefinition()
    {
        QFETCH(std::size_t, k);
        const Case c = makeCase(k);
        torch::Tensor gradient = torch::zeros_like(c.kernel());
        const auto sums = c.walk(gradient);
        QVERIFY(std::abs(sums.energy - c.energy()) <= 1e-10 * std::abs(c.energy()));
        for (std::size_t i = 0; i < c.weights.size(); i += 25) {
            const double slope = difference(
                [&](double step) {
                    Case moved = c;
                    moved.weights[i] += step;
                    return moved.energy();
                },
                1e-6 * kSigma);
            QVERIFY(std::abs(gradient[static_cast<std::int64_t>(i)].item<double>() - slope) <= 1e-6 * kSigma);
        }
        for (std::size_t j = 0; j < k; j += 1 + k / 8) {
            const double slope = difference(
                [&](double step) {
                    Case moved = c;
                    moved.representatives[j] += step;
                    return moved.energy();
                },
                1e-6 * kSigma);
            QVERIFY(std::abs(sums.slope[j] - slope) <= 1e-5 * kSigma);
        }
    }

    void aStepGoesAgainstTheGradientOnTheLogits_data() { cases_data(); }
    void aStepGoesAgainstTheGradientOnTheLogits()
    {
        QFETCH(std::size_t, k);
        const Case c = makeCase(k);
        const auto mass = c.walk().mass;
        const auto n = static_cast<double>(c.weights.size());
        QVERIFY(std::abs(sumOf(mass) - n) <= 1e-9 * n);
        Values stepped = c.mixing;
        stepMixing(stepped, mass, 1e-3); // small enough to stay above the least
        for (std::size_t j = 0; j < k; ++j) {
            const double gradient = difference([&](double step) {
                Values moved = c.mixing;
                moved[j] *= std::exp(step); // a logit
                const double sum = sumOf(moved);
                for (double &share : moved)
                    share /= sum;
                return c.energy(moved);
            }, 1e-5);
            const double direction = (stepped[j] - c.mixing[j]) / 1e-3, scale = 0.5 * c.temperature * kSigma * kSigma * n;
            QVERIFY2(std::abs(gradient + scale * direction) <= 1e-6 * scale,
                     qPrintable(QStringLiteral("π%1: %2, by differences %3").arg(j).arg(-scale * direction).arg(gradient)));
        }
    }

    void wholeStepsDescendToTheOptimum_data() { cases_data(); }
    void wholeStepsDescendToTheOptimum()
    {
        QFETCH(std::size_t, k);
        Case c = makeCase(k);
        double before = c.energy();
        for (int step = 0; step < 400; ++step) {
            stepMixing(c.mixing, c.walk().mass, 1.0);
            QVERIFY(isKept(c.mixing));
            const double now = c.energy();
            QVERIFY2(now <= before + 1e-6 * before, qPrintable(QStringLiteral("%1 → %2").arg(before).arg(now)));
            before = now;
        }
        Values other = c.mixing; // towards any other π it rises; k = 256 converges slowly
        for (std::size_t j = 0; j < k; ++j)
            other[j] = 0.9 * other[j] + 0.1 / static_cast<double>(k);
        QVERIFY(k == 1 || c.energy(other) > before);
    }

    void theWalksAgree_data() { cases_data(); }
    void theWalksAgree()
    {
        QFETCH(std::size_t, k);
        const Case c = makeCase(k);
        const auto values = c.codebook();
        const ScaledCodebook codebook{.representatives = values,
                                      .scale = {.sigma = kSigma, .temperature = c.temperature, .mixing = c.mixing}};
        torch::Tensor exact = torch::zeros_like(c.kernel()), gradient = torch::zeros(exact.sizes());
        const auto expected = c.walk(exact), sums = parallelWalk(c.kernel().to(torch::kFloat32))->pull(softMin(), codebook, 1.0, gradient);
        QVERIFY(std::abs(sums.energy - expected.energy) <= 1e-5 * expected.energy);
        QVERIFY(agree(sums.mass, expected.mass, 1e-5 * static_cast<double>(c.weights.size())));
        QVERIFY(agree(sums.slope, expected.slope, 1e-5 * kSigma * static_cast<double>(c.weights.size())));
        QVERIFY(torch::allclose(gradient.to(torch::kFloat64), exact, 1e-5, 1e-5 * kSigma));
    }

    /// The entropy term and the other regularizers know no π.
    void uniformIsOneKth()
    {
        Case c = makeCase(4);
        c.mixing.assign(4, 0.25);
        const auto learnt = c.walk();
        c.mixing.clear();
        const auto uniform = c.walk();
        QVERIFY(std::abs(learnt.energy - uniform.energy) < 1e-12 && agree(learnt.mass, uniform.mass, 1e-9));
        const auto values = c.codebook();
        Layer plain{gaussian(20), kFour, {}}, mixed{gaussian(20), kFour, kUneven};
        for (auto *layer : {&plain, &mixed})
            layer->quantizer.setRegularizer(*findRegularizer("nearest-l2"), kSigma);
        for (auto *layer : {&plain, &mixed}) {
            layer->pass();
            layer->quantizer.stepRepresentatives(0.1);
        }
        QVERIFY(torch::equal(plain.kernel.grad(), mixed.kernel.grad()));
        QVERIFY(std::ranges::equal(plain.quantizer.codebook(), mixed.quantizer.codebook()));
        QVERIFY(mixed.quantizer.mixing() == kUneven);
    }

    void whoHasLostAllWeightsCanComeBack()
    {
        Values mixing{0.5, 0.5};
        for (int step = 0; step < 5000; ++step)
            stepMixing(mixing, Values{1000, 0}, 0.005);
        QVERIFY(agree(mixing, {0.9995, 0.0005}, 1e-9));
        const Values lost = mixing;
        stepMixing(mixing, Values{0, 0}, 0.5); // nothing was measured
        QVERIFY(mixing == lost);
        Layer layer{torch::cat({torch::full({10, 50}, -0.1), torch::full({10, 50}, 0.1)}), {-0.1f, 0.1f}, mixing};
        for (int step = 0; step < 50; ++step) {
            layer.pass();
            layer.quantizer.stepRepresentatives(0.2);
        }
        QVERIFY(agree(layer.quantizer.mixing(), {0.5, 0.5}, 1e-3));
    }

    void sortingTakesItAlong()
    {
        const std::vector<float> representatives{-0.15f, 0.0f, 0.001f, 0.15f};
        Layer layer{gaussian(20), representatives, kUneven};
        layer.pass(ForwardMode::Snapped);
        torch::Tensor{layer.quantizer.representatives()}.mutable_grad().copy_(torch::tensor({0.0f, -0.1f, 0.1f, 0.0f}));
        Values expected = kUneven;
        stepMixing(expected, layer.quantizer.lastPass()->mass, 0.5);
        layer.quantizer.stepRepresentatives(0.5);
        QVERIFY((layer.quantizer.identity() == std::vector<std::uint16_t>{0, 2, 1, 3}));
        for (std::size_t j = 0; j < 4; ++j)
            QCOMPARE(layer.quantizer.mixing()[j], expected[layer.quantizer.identity()[j]]);
        QVERIFY(isKept(layer.quantizer.mixing()));
    }

    void theOrderOfRepresentativesChangesNothing()
    {
        const Case c = makeCase(4);
        Values mass = c.walk().mass, mixing = c.mixing, reversed{mixing.rbegin(), mixing.rend()};
        stepMixing(mixing, mass, 0.3);
        std::ranges::reverse(mass);
        stepMixing(reversed, mass, 0.3);
        std::ranges::reverse(reversed);
        QVERIFY(agree(mixing, reversed, 1e-15));
    }

    void droppingAndRevivingKeepIt()
    {
        const std::vector<float> spread{-0.15f, 0.05f, 8.0f, 9.0f};
        Layer fewer{gaussian(20), spread, kUneven}, split{gaussian(20), spread, kUneven};
        QCOMPARE(fewer.quantizer.dropDead(), std::size_t{2});
        Values expected{0.1, 0.2};
        keepMixing(expected);
        QVERIFY(fewer.quantizer.mixing() == expected);
        const auto fullest = std::size_t{1};
        const auto occupancy = split.quantizer.measure().occupancy;
        QCOMPARE(static_cast<std::size_t>(std::ranges::max_element(occupancy) - occupancy.begin()), fullest);
        QCOMPARE(split.quantizer.reviveDead(), std::size_t{2});
        QVERIFY(isKept(split.quantizer.mixing()));
        Values byTrajectory(4);
        for (std::size_t j = 0; j < 4; ++j)
            byTrajectory[split.quantizer.identity()[j]] = split.quantizer.mixing()[j];
        QCOMPARE(byTrajectory[2], 0.25); // it took half of what 1 and 2 had
        QVERIFY(byTrajectory[3] != 0.4); // and 3 half of what it had with the next one
        QCOMPARE(byTrajectory[0] + byTrajectory[1] + byTrajectory[3], 0.75);
    }

    void aLayerOfAnyKernelLearnsAlike()
    {
        Layer expected{gaussian(20), kFour, kUneven}, doubled{gaussian(20).to(torch::kFloat64), kFour, kUneven},
            transposed{gaussian(20).t().contiguous().t(), kFour, kUneven};
        for (const auto mode : {ForwardMode::Latent, ForwardMode::Snapped, ForwardMode::Snapped}) {
            for (auto *layer : {&expected, &doubled, &transposed}) {
                layer->pass(mode);
                layer->quantizer.stepRepresentatives(0.2);
            }
        }
        for (const auto *layer : {&doubled, &transposed}) {
            QVERIFY(agree(layer->quantizer.mixing(), expected.quantizer.mixing(), 1e-5));
            QVERIFY(torch::allclose(layer->kernel.grad().to(torch::kFloat32), expected.kernel.grad(), 1e-4, 1e-5 * kSigma));
        }
        QVERIFY(!agree(expected.quantizer.mixing(), kUneven, 1e-2));
    }

    void aSharedCodebookLearnsAsThatOfOneLayer()
    {
        const torch::Tensor weights = gaussian(30);
        const std::vector<float> close{-0.15f, 0.0f, 0.001f, 0.15f}; // two may pass each other
        Layer a{weights.narrow(0, 0, 7), close, kUneven}, b{weights.narrow(0, 7, 23), close, kUneven}, all{weights, close, kUneven};
        LayerQuantizer *const both[] = {&a.quantizer, &b.quantizer};
        constexpr RegularizerStrength strength{.lambda = 0.5, .temperature = 0.2};
        for (int step = 0; step < 5; ++step) {
            for (auto *layer : {&a, &b, &all})
                (layer->quantizer.attach(ForwardMode::Snapped, strength) * layer->kernel.detach()).sum().backward();
            LayerQuantizer::stepShared(both, ForwardMode::Snapped, strength, 0.3);
            all.quantizer.stepRepresentatives(0.3);
        }
        QVERIFY(a.quantizer.mixing() == b.quantizer.mixing());
        QVERIFY(agree(a.quantizer.mixing(), all.quantizer.mixing(), 1e-5));
        QVERIFY(!agree(a.quantizer.mixing(), kUneven, 1e-2));
    }

    void onceCommittedItRests()
    {
        Layer layer{gaussian(20), kFour, kUneven};
        layer.quantizer.commit();
        layer.pass(ForwardMode::Committed);
        layer.quantizer.stepRepresentatives(0.5);
        QVERIFY(layer.quantizer.mixing() == kUneven);
    }
};

QTEST_APPLESS_MAIN(TstMixing)
#include "tst_mixing.moc"
