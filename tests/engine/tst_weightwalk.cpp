// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/codebooks/initialiser.h"
#include "engine/quantization/layerquantizer_torch.h"
#include "engine/quantization/weightwalk_torch.h"
#include <QtTest>
#include <cmath>
#include <limits>
#include <torch/torch.h>

using namespace engine;

namespace {

constexpr float kInfinite = std::numeric_limits<float>::infinity(), kNan = std::numeric_limits<float>::quiet_NaN();
constexpr double kSigma = 0.1;

/// Equal, both not a number, or apart by no more than `share` of the size that the values have.
bool agree(double a, double b, double size, double share)
{
    return a == b || (std::isnan(a) && std::isnan(b)) || std::abs(a - b) <= share * size;
}

bool agree(const std::vector<double> &a, const std::vector<double> &b, double size, double share)
{
    return std::ranges::equal(a, b, [&](double x, double y) { return agree(x, y, size, share); });
}

bool agree(const torch::Tensor &a, const torch::Tensor &b, double size)
{
    return at::isclose(a.cpu().to(torch::kFloat64), b.cpu().to(torch::kFloat64), 1e-5, 2e-5 * size, /*equal_nan=*/true).all().item<bool>();
}

/// What two walks over the same weights must have in common. `size`: that of a weight.
void compare(const RegularizerSums &sums, const RegularizerSums &expected, double n, double size)
{
    QVERIFY(sums.nearest.occupancy == expected.nearest.occupancy);
    QVERIFY(agree(sums.nearest.squaredDistance, expected.nearest.squaredDistance, expected.nearest.squaredDistance, 1e-5));
    QVERIFY(agree(sums.nearest.absoluteDistance, expected.nearest.absoluteDistance, expected.nearest.absoluteDistance, 1e-5));
    QVERIFY(agree(sums.nearest.squaredGradient, expected.nearest.squaredGradient, expected.nearest.squaredGradient, 1e-5));
    QVERIFY(agree(sums.nearest.weightSum, expected.nearest.weightSum, n * size, 1e-5));
    QVERIFY(agree(sums.nearest.gradientSum, expected.nearest.gradientSum, n, 1e-5));
    QVERIFY2(agree(sums.energy, expected.energy, expected.energy, 5e-5),
             qPrintable(QStringLiteral("%1 %2").arg(sums.energy).arg(expected.energy)));
    QVERIFY(agree(sums.squaredPull, expected.squaredPull, expected.squaredPull, 1e-4));
    QVERIFY(agree(sums.slope, expected.slope, n * size, 2e-5));
    QVERIFY(agree(sums.mass, expected.mass, n, 2e-5));
}

struct Case {
    torch::Tensor weights; // float32
    std::vector<float> representatives;
    double temperature = 0.2;
    ScaledCodebook codebook() const { return {.representatives = representatives, .scale = {.sigma = kSigma, .temperature = temperature}}; }
};

/// Normally distributed, some on the borders of cells and on representatives.
Case makeCase(std::size_t k, bool isGrid)
{
    torch::manual_seed(11);
    Case c{torch::randn({70001}).mul_(kSigma), {}}; // more than a part of the parallel walk
    const std::span<float> all{c.weights.data_ptr<float>(), static_cast<std::size_t>(c.weights.numel())};
    c.representatives = initialCodebook(isGrid ? Initialiser::Percentile : Initialiser::KMeans, all, static_cast<int>(k));
    for (std::size_t j = 0; j < k; ++j)
        all[10 * j] = c.representatives[j];
    for (std::size_t j = 0; j + 1 < k; ++j)
        all[10 * j + 5] = std::midpoint(c.representatives[j], c.representatives[j + 1]);
    return c;
}

QString nameOf(const RegularizerSpec &spec) { return QString::fromUtf8(spec.name.data(), static_cast<qsizetype>(spec.name.size())); }
const RegularizerSpec &named(const QString &name) { return *findRegularizer(name.toStdString()); }

LayerInfo infoOf(const torch::Tensor &kernel)
{
    return {.id = LayerId{0},
            .name = "layer",
            .kind = "linear",
            .shape = kernel.sizes().vec(),
            .weightCount = static_cast<std::uint64_t>(kernel.numel())};
}

/// Where and in which type the walk by tensor operations computes here: on a graphics processor, too, where
/// LibTorch knows one.
std::vector<torch::TensorOptions> places()
{
    std::vector<torch::TensorOptions> all{torch::kFloat32, torch::kFloat64};
    if (torch::cuda::is_available())
        for (const auto type : {torch::kFloat32, torch::kFloat64})
            all.push_back(torch::device(torch::kCUDA).dtype(type));
    return all;
}

torch::Tensor copyTo(const torch::TensorOptions &place, const torch::Tensor &values)
{
    return values.to(place, /*non_blocking=*/false, /*copy=*/true);
}

/// The walk by tensor operations over the same weights in another place.
struct WalkElsewhere {
    torch::Tensor kernel;
    std::unique_ptr<WeightWalk> walk;
    WalkElsewhere(const torch::Tensor &weights, const torch::TensorOptions &place)
        : kernel{copyTo(place, weights)}, walk{tensorWalk(kernel)}
    {
    }
};

} // namespace

class TstWeightWalk : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theWalksAgree_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<std::size_t>("k");
        for (const auto &spec : regularizers())
            for (const std::size_t k : {1, 2, 4, 16, 256})
                QTest::addRow("%s k=%zu", qPrintable(nameOf(spec)), k) << nameOf(spec) << k;
    }
    void theWalksAgree()
    {
        QFETCH(QString, name);
        QFETCH(std::size_t, k);
        const Case c = makeCase(k, named(name).isGrid);
        const torch::Tensor task = torch::randn_like(c.weights);
        torch::Tensor expected = task.clone();
        const auto n = static_cast<double>(task.numel());
        const auto parallel = parallelWalk(c.weights);
        const auto sums = parallel->pull(named(name), c.codebook(), 0.4, expected);
        for (const auto &place : places()) {
            const WalkElsewhere other{c.weights, place};
            torch::Tensor gradient = copyTo(place, task);
            compare(other.walk->pull(named(name), c.codebook(), 0.4, gradient), sums, n, kSigma);
            QVERIFY(agree(gradient, expected, kSigma));
            const auto measured = other.walk->pull(named(name), c.codebook(), 0.4, {});
            QVERIFY(agree(measured.energy, sums.energy, sums.energy, 5e-5));
            QCOMPARE(measured.nearest.squaredGradient, 0.0);
        }
    }

    void hardWeights_data()
    {
        QTest::addColumn<QString>("name");
        for (const auto &spec : regularizers())
            QTest::addRow("%s", qPrintable(nameOf(spec))) << nameOf(spec);
    }
    /// Equal representatives; weights that are no numbers, infinite, far away, or a hair from a border.
    void hardWeights()
    {
        QFETCH(QString, name);
        const float hair = std::nextafter(0.05f, 1.0f);
        for (const auto &codebook : {std::vector{0.1f},
                                     {0.1f, 0.1f, 0.1f},
                                     {-0.1f, 0.0f, 0.1f, 0.2f},
                                     {-0.2f, -0.2f, 0.3f, 0.3f, 0.3f},
                                     std::vector<float>(256, -1.0f)}) {
            for (const float hard : {0.05f, hair, 0.1f, 0.0f, -0.0f, 1e4f, kInfinite, -kInfinite, kNan}) {
                const Case c{torch::tensor({hard, 0.02f, 0.13f}), codebook};
                const torch::Tensor task = torch::tensor({0.5f, -0.25f, 1.0f});
                torch::Tensor expected = task.clone();
                const auto parallel = parallelWalk(c.weights);
                const auto sums = parallel->pull(named(name), c.codebook(), 0.4, expected);
                const NearestCells cells{codebook};
                for (const auto &place : places()) {
                    const WalkElsewhere other{c.weights, place};
                    torch::Tensor gradient = copyTo(place, task);
                    const auto ours = other.walk->pull(named(name), c.codebook(), 0.4, gradient);
                    QVERIFY(ours.nearest.occupancy == sums.nearest.occupancy);
                    QVERIFY(other.walk->encode(cells) == parallel->encode(cells));
                    if (std::isfinite(hard)) {
                        compare(ours, sums, 3, std::max(kSigma, std::abs(static_cast<double>(hard))));
                        QVERIFY(agree(gradient, expected, std::max(1.0f, std::abs(hard))));
                        continue;
                    }
                    QCOMPARE(gradient[0].isfinite().item<bool>(), expected[0].isfinite().item<bool>());
                    QVERIFY(agree(gradient.slice(0, 1), expected.slice(0, 1), 1.0)); // its neighbours know nothing of it
                    QVERIFY(!std::isfinite(ours.nearest.squaredDistance) && !std::isfinite(sums.nearest.squaredDistance));
                    QCOMPARE(std::isfinite(ours.squaredPull), std::isfinite(sums.squaredPull));
                }
            }
        }
    }

    void entropyAgrees_data()
    {
        QTest::addColumn<std::size_t>("k");
        for (const std::size_t k : {1, 2, 4, 16, 256})
            QTest::addRow("k=%zu", k) << k;
    }
    void entropyAgrees()
    {
        QFETCH(std::size_t, k);
        const Case c = makeCase(k, false);
        const auto n = static_cast<double>(c.weights.numel());
        const torch::Tensor task = torch::randn_like(c.weights);
        const auto parallel = parallelWalk(c.weights);
        const auto shares = parallel->countSoftly(c.codebook());
        for (const EntropyPull strength : {EntropyPull{.beta = 0.7}, EntropyPull{.beta = 0.7, .stiffest = 0.2}}) {
            torch::Tensor expected = task.clone();
            parallel->pullEntropy(c.codebook(), shares, strength, expected);
            for (const auto &place : places()) {
                const WalkElsewhere other{c.weights, place};
                QVERIFY(agree(other.walk->countSoftly(c.codebook()), shares, n, 1e-5));
                torch::Tensor gradient = copyTo(place, task);
                other.walk->pullEntropy(c.codebook(), shares, strength, gradient);
                QVERIFY(agree(gradient, expected, 1.0));
                QVERIFY(!torch::equal(gradient, copyTo(place, task)) || k == 1);
            }
        }
    }

    void codesAndValuesAreTheSame_data() { entropyAgrees_data(); }
    void codesAndValuesAreTheSame()
    {
        QFETCH(std::size_t, k);
        const Case c = makeCase(k, false);
        const NearestCells cells{c.representatives};
        const torch::Tensor task = torch::randn_like(c.weights);
        const auto n = static_cast<std::size_t>(c.weights.numel());
        const auto parallel = parallelWalk(c.weights);
        const auto codes = parallel->encode(cells);
        torch::Tensor snapped = torch::empty_like(c.weights);
        parallel->snap(cells, 0, n, snapped);
        QVERIFY(torch::equal(parallel->gather(c.representatives, codes), snapped));
        const auto sums = parallel->sumByCode(c.representatives, codes, task);
        for (const auto &place : places()) {
            const WalkElsewhere other{c.weights, place};
            QVERIFY(other.walk->encode(cells) == codes);
            torch::Tensor ours = torch::full_like(other.kernel, 77);
            other.walk->snap(cells, 1000, n - 1, ours);
            QVERIFY(torch::equal(ours.slice(0, 1000, -1), copyTo(place, snapped).slice(0, 1000, -1)));
            QCOMPARE(ours[999].item<double>(), 77.0); // outside the range nothing is written
            QCOMPARE(ours[-1].item<double>(), 77.0);
            QVERIFY(torch::equal(other.walk->gather(c.representatives, codes), copyTo(place, snapped)));
            const auto measured = other.walk->measure(cells), byCode = other.walk->sumByCode(c.representatives, codes, copyTo(place, task));
            QVERIFY(measured.occupancy == sums.occupancy && byCode.occupancy == sums.occupancy);
            QVERIFY(agree(byCode.weightSum, sums.weightSum, static_cast<double>(n) * kSigma, 1e-6));
            QVERIFY(agree(byCode.gradientSum, sums.gradientSum, static_cast<double>(n), 1e-6));
            QVERIFY(agree(byCode.squaredGradient, sums.squaredGradient, sums.squaredGradient, 1e-6));
            QVERIFY(std::ranges::equal(other.walk->weights(), parallel->weights()));
        }
    }

    void whichWalkAKernelGets()
    {
        const auto isInPlace = [](const torch::Tensor &kernel) {
            return static_cast<const void *>(walkOver(kernel)->weights().data()) == kernel.data_ptr();
        };
        QVERIFY(isInPlace(torch::randn({6, 5, 3, 3})));
        QVERIFY(isInPlace(torch::randn({6, 5, 3, 3}).contiguous(at::MemoryFormat::ChannelsLast)));
        QVERIFY(!isInPlace(torch::randn({6, 5}, torch::kFloat64)));
        QVERIFY_THROWS_EXCEPTION(c10::Error, walkOver(torch::zeros({3}, torch::kHalf)));
        QVERIFY_THROWS_EXCEPTION(c10::Error, parallelWalk(torch::zeros({3}, torch::kFloat64)));
    }

    void aLayerOfAnyKernelTrainsAlike_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("kernel");
        for (const auto &spec : regularizers())
            for (const QString kernel : {"float64", "float64, channels last", "transposed", "CUDA"})
                QTest::addRow("%s, %s", qPrintable(nameOf(spec)), qPrintable(kernel)) << nameOf(spec) << kernel;
    }
    /// Three steps with everything that pulls, next to a plain kernel: weights, representatives, codes and ŵ
    /// stay together.
    void aLayerOfAnyKernelTrainsAlike()
    {
        QFETCH(QString, name);
        QFETCH(QString, kernel);
        if (kernel == "CUDA" && !torch::cuda::is_available())
            QSKIP("LibTorch knows no graphics processor here");
        torch::manual_seed(3);
        const torch::Tensor start = torch::randn({24, 20, 3, 3}).mul_(kSigma), slope = torch::randn_like(start).mul_(0.01);
        const auto copyOf = [&](const torch::Tensor &values) {
            if (kernel == "CUDA")
                return values.to(torch::kCUDA);
            if (kernel == "transposed")
                return values.transpose(0, 1).contiguous().transpose(0, 1); // dense, in an order that no walk knows
            return values.to(torch::kFloat64, false, true,
                             kernel == "float64" ? at::MemoryFormat::Contiguous : at::MemoryFormat::ChannelsLast);
        };
        const torch::Tensor plain = start.clone().set_requires_grad(true), other = copyOf(start).set_requires_grad(true);
        LayerQuantizer expected{infoOf(plain), plain}, ours{infoOf(other), other};
        const RegularizerStrength strength{.lambda = 0.5, .temperature = 0.2, .entropy = 0.05, .repulsion = 0.01};
        for (auto *quantizer : {&expected, &ours}) {
            quantizer->setRegularizer(named(name), kSigma);
            quantizer->setRepresentatives(std::vector{-0.15f, -0.05f, 0.05f, 0.15f});
        }
        const auto step = [&](LayerQuantizer &quantizer, ForwardMode mode) {
            torch::Tensor weights = torch::Tensor{quantizer.kernel()};
            (quantizer.attach(mode, strength) * slope.to(weights.device())).sum().backward();
            torch::NoGradGuard noGradient;
            if (weights.grad().defined())
                weights.sub_(0.2 * weights.grad());
            weights.mutable_grad().reset();
            quantizer.stepRepresentatives(0.1);
        };
        const auto areAlike = [&] {
            const auto differing = (ours.snapped().cpu() - expected.snapped()).abs().gt(1e-5).sum().item<std::int64_t>();
            return differing <= 2 // a weight on a border up to rounding may fall to either side
                && agree(other.detach(), plain.detach(), kSigma)
                && std::ranges::equal(ours.codebook(), expected.codebook(), [](float a, float b) { return std::abs(a - b) < 1e-6f; });
        };
        for (const auto mode : {ForwardMode::Latent, ForwardMode::Snapped, ForwardMode::Snapped}) {
            step(expected, mode);
            step(ours, mode);
            QVERIFY(areAlike());
            compare(*ours.lastPass(), *expected.lastPass(), static_cast<double>(plain.numel()), kSigma);
        }
        QVERIFY(
            agree(ours.loss(ours.measureRegularizer(0.2), strength), expected.loss(expected.measureRegularizer(0.2), strength), 1.0, 1e-4));
        ours.beginSnapAhead({});
        ours.snapAhead(0, 100);
        ours.snapAhead(100, static_cast<std::size_t>(other.numel()));
        QVERIFY(torch::equal(ours.attach(ForwardMode::Snapped, strength).detach(), ours.snapped()));
        for (auto *quantizer : {&expected, &ours}) {
            quantizer->commit();
            step(*quantizer, ForwardMode::Committed);
        }
        QVERIFY(areAlike());
        QVERIFY(torch::equal(std::get<0>(at::_unique(ours.snapped().cpu().to(torch::kFloat32))), ours.representatives().detach()));
    }
};

QTEST_APPLESS_MAIN(TstWeightWalk)
#include "tst_weightwalk.moc"
