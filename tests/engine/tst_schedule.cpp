// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/schedule.h"
#include "engine/training/updates.h"
#include <QtTest>
#include <cmath>

using namespace engine;

namespace {
Settings with(std::initializer_list<std::pair<ParameterId, const char *>> values)
{
    Settings settings;
    for (const auto &[id, text] : values) {
        if (!settings.setText(id, text))
            qFatal("bad value %s", text);
    }
    return settings;
}
} // namespace

class TstSchedule : public QObject {
    Q_OBJECT
private slots:
    void stagesFillTheRun()
    {
        const auto settings = with({{ParameterId::Epochs, "3"}, {ParameterId::WarmupShare, "0.5"}, {ParameterId::CommitShare, "0.1"}});
        const auto stages = StageLengths::of(settings, 7);
        QCOMPARE(stages.total(), 21u);
        QCOMPARE(stages.warmup, 11u); // 10.5 rounds up
        QCOMPARE(stages.commit, 2u);
        QVERIFY(stages.stageOf(0) == Stage::Warmup);
        QVERIFY(stages.stageOf(10) == Stage::Warmup);
        QVERIFY(stages.stageOf(11) == Stage::Cluster);
        QVERIFY(stages.stageOf(18) == Stage::Cluster);
        QVERIFY(stages.stageOf(19) == Stage::Commit);
        QVERIFY(stages.stageOf(21) == Stage::Finished);
    }

    void everyStageMayBeEmpty()
    {
        for (const auto *warmup : {"0", "1"}) {
            const auto settings = with({{ParameterId::Epochs, "1"}, {ParameterId::WarmupShare, warmup}, {ParameterId::CommitShare, "0"}});
            const auto stages = StageLengths::of(settings, 10);
            QCOMPARE(stages.total(), 10u);
            for (std::uint64_t step = 0; step <= 10; ++step) { // the last one is beyond the end
                QVERIFY(std::isfinite(learningRate(settings, stages, step)));
                QVERIFY(std::isfinite(lambdaFactor(rampOf(settings), stages, step)));
            }
        }
    }

    void rates()
    {
        const StageLengths stages{.warmup = 100, .cluster = 100, .commit = 10};
        auto settings = with({{ParameterId::RateRise, "0"}, {ParameterId::LearningRate, "0.1"}, {ParameterId::ClusterRate, "0.02"}});
        QCOMPARE(learningRate(settings, stages, 0), 0.1);
        QCOMPARE(learningRate(settings, stages, 50), 0.05);
        QCOMPARE(learningRate(settings, stages, 100), 0.02);
        QCOMPARE(learningRate(settings, stages, 200), 0.002); // the commit stage: from a tenth of the peak down
        QCOMPARE(learningRate(settings, stages, 205), 0.001);
        settings = with({{ParameterId::RateRise, "0"}, {ParameterId::Schedule, "step"}, {ParameterId::LearningRate, "1"}});
        QCOMPARE(learningRate(settings, stages, 49), 1.0);
        QCOMPARE(learningRate(settings, stages, 50), 0.1);
        QCOMPARE(learningRate(settings, stages, 75), 0.01);
        settings = with({{ParameterId::Schedule, "constant"}, {ParameterId::LearningRate, "1"}});
        QCOMPARE(learningRate(settings, stages, 99), 1.0);
    }

    void theRateRisesAtTheStartOfWarmUpAndCluster()
    {
        const StageLengths stages{.warmup = 100, .cluster = 200, .commit = 10};
        const auto settings = with({{ParameterId::RateRise, "0.1"}, {ParameterId::Schedule, "constant"}, {ParameterId::LearningRate, "1"},
                                    {ParameterId::ClusterRate, "0.5"}});
        QCOMPARE(learningRate(settings, stages, 0), 0.1);
        QCOMPARE(learningRate(settings, stages, 4), 0.5);
        QCOMPARE(learningRate(settings, stages, 9), 1.0);
        QCOMPARE(learningRate(settings, stages, 50), 1.0);
        QCOMPARE(learningRate(settings, stages, 100), 0.025); // of 20 steps the first
        QCOMPARE(learningRate(settings, stages, 119), 0.5);
        QCOMPARE(learningRate(settings, stages, 300), 0.05); // the commit stage does not rise
    }

    void lambdaRamps()
    {
        const StageLengths stages{.warmup = 10, .cluster = 100, .commit = 10};
        auto settings = with({{ParameterId::RampStart, "0.01"}});
        QCOMPARE(lambdaFactor(rampOf(settings), stages, 9), 0.0);
        QCOMPARE(lambdaFactor(rampOf(settings), stages, 59), 0.1); // half way between 0.01 and 1, in decades
        QCOMPARE(lambdaFactor(rampOf(settings), stages, 109), 1.0);
        settings = with({{ParameterId::RampStart, "0.5"}, {ParameterId::Ramp, "linear"}, {ParameterId::RampShare, "0.5"}});
        QCOMPARE(lambdaFactor(rampOf(settings), stages, 34), 0.75);
        QCOMPARE(lambdaFactor(rampOf(settings), stages, 59), 1.0);
        QCOMPARE(lambdaFactor(rampOf(settings), stages, 80), 1.0);
    }

    void aLayerHasItsOwnRampAsFarAsItIsGiven()
    {
        const StageLengths stages{.warmup = 10, .cluster = 100, .commit = 10};
        const auto settings = with({{ParameterId::RampStart, "0.5"}, {ParameterId::Ramp, "linear"}, {ParameterId::RampShare, "0.5"},
                                    {ParameterId::TemperatureStart, "1"}, {ParameterId::TemperatureEnd, "0.01"}});
        LayerSettings layer;
        layer.rampShare = 1;
        QCOMPARE(lambdaFactor(rampOf(settings, layer), stages, 59), 0.75);
        QVERIFY(std::abs(temperature(settings, rampOf(settings, layer), stages, 59) - 0.1) < 1e-12); // it falls along the layer's ramp
        QVERIFY(std::abs(temperature(settings, rampOf(settings), stages, 59) - 0.01) < 1e-12);
        layer.ramp = RampShape::Exponential;
        layer.rampStart = 0.01;
        QCOMPARE(lambdaFactor(rampOf(settings, layer), stages, 59), 0.1);
    }

    void nesterovByHand()
    {
        std::vector<float> w{1.0f}, v{0.5f};
        sgdStep(w, std::vector<float>{2.0f}, v, {.rate = 0.1f, .momentum = 0.9f, .decay = 0.01f});
        const double g = 2.0 + 0.01, speed = 0.9 * 0.5 + g;
        QVERIFY(std::abs(static_cast<double>(v[0]) - speed) < 1e-6);
        QVERIFY(std::abs(static_cast<double>(w[0]) - (1.0 - 0.1 * (g + 0.9 * speed))) < 1e-6);
    }

    void adamsFirstStepIsTheRate()
    {
        std::vector<float> w{1.0f, -1.0f}, m{0, 0}, v{0, 0};
        adamStep(w, std::vector<float>{5.0f, -0.001f}, m, v,
                 {.rate = 0.01f, .beta1 = 0.9f, .beta2 = 0.999f, .epsilon = 1e-8f, .decay = 0.0f, .step = 1});
        QVERIFY(std::abs(w[0] - 0.99f) < 1e-5f);
        QVERIFY(std::abs(w[1] + 0.99f) < 1e-5f);
    }
};

QTEST_APPLESS_MAIN(TstSchedule)
#include "tst_schedule.moc"
