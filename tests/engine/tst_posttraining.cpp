// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/quantizing.h"
#include <QtTest>
#include <limits>
#include <numeric>
#include <set>

using namespace engine;
using namespace support;

/// What holds for all post-training quantizers: odd weights, refusals, scaling, order, pruning.
class TstPostTraining : public QObject {
    Q_OBJECT
private slots:
    void theRegistryHasThem()
    {
        QCOMPARE(quantizers().size(), std::size(kQuantizers));
        for (const char *name : kQuantizers)
            QVERIFY(findQuantizer(name));
        QVERIFY(!findQuantizer("hopeful"));
    }

    void oddWeights_data()
    {
        QTest::addColumn<QList<float>>("weights");
        QTest::addColumn<bool>("isWide"); // so that k-means' histogram cannot tell them all apart
        const float tiny = std::numeric_limits<float>::denorm_min(), huge = std::numeric_limits<float>::max();
        QTest::newRow("one weight") << QList<float>{0.5f} << false;
        QTest::newRow("one zero") << QList<float>{0.0f} << false;
        QTest::newRow("all equal") << QList<float>(1000, -0.25f) << false;
        QTest::newRow("two values") << QList<float>{1, 1, 1, 2} << false;
        QTest::newRow("zeros of both signs") << QList<float>{0.0f, -0.0f, 1.0f, -0.0f} << false;
        QTest::newRow("denormals") << QList<float>{tiny, 2 * tiny, 3 * tiny, -5 * tiny, 0.0f, 7 * tiny} << false;
        QTest::newRow("huge") << QList<float>{-huge, huge, 0.0f, 1.0f, 0.5f * huge} << true;
        QTest::newRow("denormals and huge") << QList<float>{tiny, 2 * tiny, 1e-40f, 1e38f, huge} << true;
        QTest::newRow("far from zero") << QList<float>{1e6f, 1e6f + 1, 1e6f + 0.5f, 1e6f + 0.25f, 1e6f + 0.0625f} << false;
        QTest::newRow("one far away") << QList<float>{0.01f, 0.02f, -0.015f, 0.03f, 1000.0f} << true;
        QList<float> many;
        for (int i = -300; i <= 300; ++i)
            many.append(static_cast<float>(i) * 0.37f);
        QTest::newRow("more than 256") << many << false;
    }
    void oddWeights()
    {
        QFETCH(QList<float>, weights);
        QFETCH(bool, isWide);
        const Weights all(weights.begin(), weights.end());
        for (const char *method : kQuantizers) {
            for (const int k : {1, 2, 3, 256}) {
                const auto q = quantized(method, all, {.k = k});
                checkPromises(q, all.size(), k);
                const std::set<float> distinct(all.begin(), all.end());
                const bool mayMerge = QByteArray{method} == "entropy-constrained" || (QByteArray{method} == "kmeans" && isWide);
                if (distinct.size() <= static_cast<std::size_t>(k) && !mayMerge && k == 256) // enough representatives for all
                    QVERIFY2(valuesOf(q) == all, method);
                if (k >= 2)
                    checkPromises(quantized(method, all, {.k = k, .prune = 50}), all.size(), k, true);
            }
        }
    }

    void refuses_data()
    {
        QTest::addColumn<QList<float>>("weights");
        QTest::addColumn<int>("k");
        QTest::addColumn<double>("prune");
        QTest::addColumn<double>("mu");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("mentions");
        const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
        const int bad = int(ErrorCode::BadValue), notFinite = int(ErrorCode::NotFinite);
        QTest::newRow("NaN") << QList<float>{1, nan} << 2 << 0.0 << 0.1 << notFinite << "found nan as number 1";
        QTest::newRow("infinity") << QList<float>{-infinity, 1} << 2 << 0.0 << 0.1 << notFinite << "-inf as number 0";
        QTest::newRow("no weights") << QList<float>{} << 2 << 0.0 << 0.1 << bad << "found none";
        QTest::newRow("k of 0") << QList<float>{1} << 0 << 0.0 << 0.1 << bad << "from 1 to 256, found 0";
        QTest::newRow("k of 257") << QList<float>{1} << 257 << 0.0 << 0.1 << bad << "found 257";
        QTest::newRow("pruning without room for its zero") << QList<float>{1} << 1 << 50.0 << 0.1 << bad << "from 2 to 256";
        QTest::newRow("pruning more than all") << QList<float>{1} << 2 << 101.0 << 0.1 << bad << "0 to 100";
        QTest::newRow("pruning NaN") << QList<float>{1} << 2 << std::nan("") << 0.1 << bad << "0 to 100";
        QTest::newRow("negative mu") << QList<float>{1} << 2 << 0.0 << -1.0 << bad << "μ";
    }
    void refuses()
    {
        QFETCH(QList<float>, weights);
        QFETCH(int, k);
        QFETCH(double, prune);
        QFETCH(double, mu);
        QFETCH(int, code);
        QFETCH(QString, mentions);
        const Weights all(weights.begin(), weights.end());
        for (const char *method : kQuantizers) {
            const auto result = quantize(*findQuantizer(method), all, {.k = k, .prune = prune, .mu = mu});
            QVERIFY(!result);
            QCOMPARE(int(result.error().code), code);
            QVERIFY2(QString::fromStdString(result.error().text).contains(mentions), result.error().text.c_str());
        }
    }

    void scalingWeightsScalesCodebooks()
    {
        const Weights weights = gaussian(5000, 21);
        Weights scaled = weights;
        for (float &w : scaled)
            w *= 0x1p-20f;
        for (const char *method : kQuantizers) {
            const auto q = quantized(method, weights, {.k = 7}), small = quantized(method, scaled, {.k = 7});
            QVERIFY2(q.codes == small.codes, method);
            for (std::size_t j = 0; j < q.representatives.size(); ++j)
                QVERIFY2(std::abs(small.representatives[j] * 0x1p20f - q.representatives[j]) <= 1e-6f * std::abs(q.representatives[j]),
                         method);
        }
    }

    void permutingWeightsPermutesCodes()
    {
        const Weights weights = gaussian(5000, 22);
        std::vector<std::size_t> order(weights.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::ranges::shuffle(order, std::mt19937{3});
        Weights permuted;
        for (const std::size_t i : order)
            permuted.push_back(weights[i]);
        for (const char *method : kQuantizers) {
            for (const double prune : {0.0, 30.0}) {
                const auto q = quantized(method, weights, {.k = 7, .prune = prune}),
                           p = quantized(method, permuted, {.k = 7, .prune = prune});
                QVERIFY2(q.representatives == p.representatives, method);
                for (std::size_t i = 0; i < order.size() && QByteArray{method} != "probabilistic"; ++i) // whose draws go by place
                    QCOMPARE(p.codes[i], q.codes[order[i]]);
            }
        }
    }

    void pruningLeavesExactZeros()
    {
        const Weights weights = gaussian(10000, 31, 0.1f, 0.02f);
        Weights magnitudes = weights;
        for (float &m : magnitudes)
            m = std::abs(m);
        std::ranges::sort(magnitudes);
        for (const char *method : kQuantizers) {
            for (const int k : {2, 4, 16}) {
                const auto q = quantized(method, weights, {.k = k, .prune = 60});
                checkPromises(q, weights.size(), k);
                const Weights values = valuesOf(q);
                std::size_t zeros = 0;
                for (std::size_t i = 0; i < weights.size(); ++i) {
                    const bool pruned = std::abs(weights[i]) < magnitudes[6000];
                    QVERIFY(!pruned || values[i] == 0.0f);
                    zeros += values[i] == 0.0f;
                }
                QVERIFY(zeros >= 6000);
                if (QByteArray{method} == "kmeans")
                    QCOMPARE(zeros, std::size_t{6000}); // the others have representatives of their own
            }
            const auto none = quantized(method, weights, {.k = 4, .prune = 100});
            QVERIFY((none.representatives == Weights{0.0f}));
            const auto nothingToPrune = quantized(method, {1, 2, 3}, {.k = 2, .prune = 10});
            checkPromises(nothingToPrune, 3, 2, true);
            QVERIFY(std::ranges::count(nothingToPrune.representatives, 0.0f) == 1);
        }
    }
};

QTEST_APPLESS_MAIN(TstPostTraining)
#include "tst_posttraining.moc"
