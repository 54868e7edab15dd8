// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/codebooks/initialiser.h"
#include "engine/quantization/layerquantizer_torch.h"
#include <QtTest>
#include <cmath>
#include <torch/torch.h>

using namespace engine;

namespace {

constexpr double kSigma = 0.1, kRate = 0.05;
constexpr double kStiffest = 2; // (1 − momentum) ÷ rate, as the trainer asks for
constexpr int kSteps = 200;
constexpr double kRounding = 1e-5; ///< relative, of a sum over all weights

/// A layer of 2,000 normally distributed weights without a task, as training steps it.
struct Layer {
    torch::Tensor kernel, velocity;
    LayerQuantizer quantizer;
    double momentum;

    Layer(torch::ScalarType type, double momentumOfSteps)
        : kernel{(torch::manual_seed(7), torch::randn({200, 10}).mul_(kSigma).to(type).set_requires_grad(true))},
          velocity{torch::zeros_like(kernel.detach())},
          quantizer{{.id = LayerId{0}, .name = "layer", .kind = "linear", .shape = {200, 10}, .weightCount = 2000}, kernel},
          momentum{momentumOfSteps}
    {
        auto codebook = initialCodebook(Initialiser::KMeans, quantizer.weights(), 8);
        const CodebookShape shape{.isGrid = false, .isSymmetric = false, .hasZero = true};
        project(shape, codebook, std::vector<double>(codebook.size(), 1.0));
        quantizer.setRegularizer(*findRegularizer("nearest-l2"), kSigma, shape);
        quantizer.setRepresentatives(codebook);
    }
    RegularizerStrength strength(double lambda, double beta, double temperature) const
    {
        return {.lambda = lambda, .temperature = temperature, .entropy = beta, .repulsion = 0, .stiffest = kStiffest};
    }
    void step(const RegularizerStrength &strength)
    {
        (quantizer.attach(ForwardMode::Latent, strength) * 0.0).sum().backward();
        quantizer.stepRepresentatives(0.005);
        torch::NoGradGuard noGradient;
        velocity.mul_(momentum).add_(kernel.grad());
        kernel.sub_(kernel.grad().add_(velocity, momentum), kRate);
        kernel.mutable_grad().reset();
    }
    /// H(p) of the soft occupancy.
    double entropy(double temperature) const
    {
        const RegularizerStrength alone{.lambda = 0, .temperature = temperature, .entropy = 1};
        return quantizer.loss(quantizer.measureRegularizer(temperature), alone) / (kSigma * kSigma * 2000);
    }
};

void addCases()
{
    QTest::addColumn<bool>("isParallel");
    QTest::addColumn<double>("beta");
    QTest::addColumn<double>("temperature");
    for (const bool isParallel : {true, false})
        for (const double beta : {0.3, 3.0, 1000.0})
            for (const double temperature : {0.0001, 0.003, 0.1, 1.0, 100.0})
                QTest::addRow("%s walk, beta %g, tau %g", isParallel ? "parallel" : "tensor", beta, temperature)
                    << isParallel << beta << temperature;
}

} // namespace

/// What the entropy term does to a layer over two hundred steps.
class TstEntropyDescent : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void noStepOfDescentRaisesTheEntropy_data() { addCases(); }
    void noStepOfDescentRaisesTheEntropy()
    {
        QFETCH(bool, isParallel);
        QFETCH(double, beta);
        QFETCH(double, temperature);
        Layer layer{isParallel ? torch::kFloat32 : torch::kFloat64, 0.0};
        const std::vector<float> representatives(layer.quantizer.codebook().begin(), layer.quantizer.codebook().end());
        const double start = layer.entropy(temperature);
        double before = start;
        for (int step = 0; step < kSteps; ++step) {
            layer.step(layer.strength(0.0, beta, temperature));
            const double after = layer.entropy(temperature);
            QVERIFY2(after <= before + 0.001 * start, qPrintable(QStringLiteral("step %1: %2 to %3").arg(step).arg(before).arg(after)));
            before = after;
        }
        QVERIFY(before <= start * (1 + kRounding));
        const bool reachesWeights = temperature > 0.001; // else hardly one is near enough to a border
        QVERIFY(before < start || !reachesWeights || temperature > 1);
        QVERIFY(std::ranges::equal(layer.quantizer.codebook(), representatives)); // it moves weights alone
    }

    void aLayerStaysWhereItsWeightsWere_data() { addCases(); }
    /// With the regularizer, momentum, and representatives that step, too: these never leave the range that the weights
    /// had, and momentum carries no weight further out of it than σ.
    void aLayerStaysWhereItsWeightsWere()
    {
        QFETCH(bool, isParallel);
        QFETCH(double, beta);
        QFETCH(double, temperature);
        Layer layer{isParallel ? torch::kFloat32 : torch::kFloat64, 0.9};
        const double start = layer.entropy(temperature), lowest = layer.kernel.min().item<double>(),
                     highest = layer.kernel.max().item<double>();
        for (int step = 0; step < kSteps; ++step) {
            layer.step(layer.strength(0.1, beta, temperature));
            QVERIFY(layer.kernel.isfinite().all().item<bool>());
            QVERIFY(layer.kernel.min().item<double>() > lowest - kSigma && layer.kernel.max().item<double>() < highest + kSigma);
            QVERIFY(std::ranges::is_sorted(layer.quantizer.codebook()));
            QVERIFY(layer.quantizer.codebook().front() >= lowest && layer.quantizer.codebook().back() <= highest);
        }
        const double end = layer.entropy(temperature);
        QVERIFY2(end <= start * (1 + kRounding), qPrintable(QStringLiteral("%1 to %2").arg(start, 0, 'g', 12).arg(end, 0, 'g', 12)));
    }
};

QTEST_APPLESS_MAIN(TstEntropyDescent)
#include "tst_entropydescent.moc"
