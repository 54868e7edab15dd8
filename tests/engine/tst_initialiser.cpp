// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/codebooks/initialiser.h"
#include "engine/codebooks/nearest.h"
#include <QtTest>
#include <algorithm>
#include <limits>
#include <random>

using namespace engine;

namespace {

double energyOf(const std::vector<float> &weights, const std::vector<float> &codebook)
{
    NearestSums sums{codebook.size()};
    NearestCells{codebook}.measure(weights, sums);
    return sums.squaredDistance;
}

/// Least k-means energy by trying every way to cut the sorted weights into k cells.
double bestEnergy(const std::vector<float> &sorted, std::size_t from, int k)
{
    const auto cost = [&](std::size_t a, std::size_t b) {
        double mean = 0, sum = 0;
        for (std::size_t i = a; i < b; ++i)
            mean += static_cast<double>(sorted[i]) / static_cast<double>(b - a);
        for (std::size_t i = a; i < b; ++i)
            sum += (static_cast<double>(sorted[i]) - mean) * (static_cast<double>(sorted[i]) - mean);
        return sum;
    };
    if (k == 1 || from + 1 >= sorted.size())
        return from < sorted.size() ? cost(from, sorted.size()) : 0.0;
    double best = cost(from, sorted.size());
    for (std::size_t cut = from + 1; cut < sorted.size(); ++cut)
        best = std::min(best, cost(from, cut) + bestEnergy(sorted, cut, k - 1));
    return best;
}

} // namespace

class TstInitialiser : public QObject {
    Q_OBJECT
private slots:
    void kMeansIsTheExactOptimum()
    {
        for (unsigned seed = 0; seed < 20; ++seed) {
            std::mt19937 generator{seed};
            std::uniform_real_distribution<float> uniform{-1.0f, 1.0f};
            std::vector<float> weights(24);
            std::ranges::generate(weights, [&] { return uniform(generator); });
            std::ranges::sort(weights);
            for (const int k : {1, 2, 3, 4}) {
                const double mine = energyOf(weights, initialCodebook(Initialiser::KMeans, weights, k));
                const double best = bestEnergy(weights, 0, k);
                QVERIFY2(mine <= best * 1.01 + 1e-6,
                         qPrintable(QString("seed %1 k %2: %3 against %4").arg(seed).arg(k).arg(mine).arg(best)));
            }
        }
    }

    void kMeansOfAGaussianIsLloydMax()
    {
        std::mt19937 generator{1};
        std::normal_distribution<float> normal;
        std::vector<float> weights(400000);
        std::ranges::generate(weights, [&] { return normal(generator); });
        // J. Max, Quantizing for minimum distortion, IRE Trans. Inf. Theory 6(1), 1960, table I.
        const auto codebook = initialCodebook(Initialiser::KMeans, weights, 4);
        const std::vector<float> max{-1.510f, -0.4528f, 0.4528f, 1.510f};
        for (std::size_t j = 0; j < 4; ++j)
            QVERIFY(std::abs(codebook[j] - max[j]) < 0.02f);
        QVERIFY(std::abs(energyOf(weights, codebook) / 400000 - 0.1175) < 0.002);
    }

    void linearSpansTheRange()
    {
        const std::vector<float> weights{-2.0f, 0.0f, 0.1f, 4.0f};
        QVERIFY((initialCodebook(Initialiser::Linear, weights, 4) == std::vector<float>{-2.0f, 0.0f, 2.0f, 4.0f}));
        QVERIFY((initialCodebook(Initialiser::Linear, weights, 1) == std::vector<float>{1.0f}));
    }

    void percentilesLeaveOutliersOut()
    {
        std::vector<float> weights(1001);
        std::ranges::generate(weights, [w = -500]() mutable { return static_cast<float>(w++); });
        weights.front() = -1e6f;
        weights.back() = 1e6f;
        const auto codebook = initialCodebook(Initialiser::Percentile, weights, 3);
        QCOMPARE(codebook[0], -490.0f);
        QCOMPARE(codebook[1], 0.0f);
        QCOMPARE(codebook[2], 490.0f);
    }

    void quantilesHaveEqualMass()
    {
        std::mt19937 generator{4};
        std::normal_distribution<float> normal;
        std::vector<float> weights(10007);
        std::ranges::generate(weights, [&] { return normal(generator); });
        auto sorted = weights;
        std::ranges::sort(sorted);
        for (const int k : {1, 2, 4, 7, 256}) {
            const auto codebook = initialCodebook(Initialiser::Quantile, weights, k);
            for (int j = 0; j < k; ++j) {
                const auto rank =
                    static_cast<double>(std::ranges::lower_bound(sorted, codebook[static_cast<std::size_t>(j)]) - sorted.begin());
                QVERIFY2(std::abs(rank / 10007 - (j + 0.5) / k) < 2e-4,
                         qPrintable(QStringLiteral("k %1 j %2 rank %3").arg(k).arg(j).arg(rank)));
            }
        }
        QVERIFY((initialCodebook(Initialiser::Quantile, std::vector{5.0f, 1.0f}, 4) == std::vector<float>{1.0f, 1.0f, 5.0f, 5.0f}));
    }

    void uniformZeroHasAZeroAndReachesTheFarthest()
    {
        const std::vector<float> weights{-2.0f, 0.3f, 1.0f}, other{-1.0f, 2.0f};
        QVERIFY((initialCodebook(Initialiser::UniformZero, weights, 5) == std::vector<float>{-2.0f, -1.0f, 0.0f, 1.0f, 2.0f}));
        QVERIFY((initialCodebook(Initialiser::UniformZero, weights, 4) == std::vector<float>{-2.0f, -1.0f, 0.0f, 1.0f}));
        QVERIFY((initialCodebook(Initialiser::UniformZero, other, 4) == std::vector<float>{-1.0f, 0.0f, 1.0f, 2.0f}));
        QVERIFY((initialCodebook(Initialiser::UniformZero, other, 2) == std::vector<float>{0.0f, 2.0f}));
        QVERIFY((initialCodebook(Initialiser::UniformZero, other, 1) == std::vector<float>{0.0f}));
    }

    void oddWeights_data()
    {
        QTest::addColumn<QList<float>>("weights");
        const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
        QTest::newRow("one weight") << QList<float>{0.5f};
        QTest::newRow("all equal") << QList<float>(1000, -0.25f);
        QTest::newRow("two values") << QList<float>{1, 1, 1, 2};
        QTest::newRow("some are not finite") << QList<float>{nan, 1.0f, infinity, 2.0f, -infinity};
        QTest::newRow("none is finite") << QList<float>{nan, infinity};
        QTest::newRow("huge range") << QList<float>{-3e38f, 0.0f, 3e38f};
    }
    void oddWeights()
    {
        QFETCH(QList<float>, weights);
        for (const auto kind :
             {Initialiser::KMeans, Initialiser::Linear, Initialiser::Percentile, Initialiser::Quantile, Initialiser::UniformZero}) {
            for (const int k : {1, 2, 4, 256}) {
                const auto codebook = initialCodebook(kind, {weights.data(), static_cast<std::size_t>(weights.size())}, k);
                QCOMPARE(codebook.size(), static_cast<std::size_t>(k));
                QVERIFY(std::ranges::is_sorted(codebook));
                QVERIFY(std::ranges::all_of(codebook, [](float r) { return std::isfinite(r); }));
            }
        }
    }

    void repeatable()
    {
        std::mt19937 generator{9};
        std::normal_distribution<float> normal;
        std::vector<float> weights(10000);
        std::ranges::generate(weights, [&] { return normal(generator); });
        QVERIFY(initialCodebook(Initialiser::KMeans, weights, 16) == initialCodebook(Initialiser::KMeans, weights, 16));
    }
};

QTEST_APPLESS_MAIN(TstInitialiser)
#include "tst_initialiser.moc"
