// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/codebooks/nearest.h"
#include "engine/frame/size.h"
#include "tests/support/quantizing.h"
#include <QtTest>
#include <limits>
#include <set>

using namespace engine;
using namespace support;

namespace {

/// round(w/δ) by definition, between two levels towards 0, exactly: |w| ≤ (m + ½) δ.
std::set<double> levels(const Weights &weights, double step)
{
    std::set<double> found;
    for (const float w : weights) {
        double m = std::floor(std::abs(static_cast<double>(w)) / step);
        m = std::max(0.0, m - 1);
        while (std::abs(static_cast<double>(w)) > (m + 0.5) * step)
            ++m;
        found.insert(w < 0 ? -m : m);
    }
    return found;
}

/// The least width with which k intervals can hold all of the sorted weights from `from` on, by trying every
/// way to cut them.
double coverWidth(const Weights &sorted, std::size_t from, std::size_t k)
{
    if (from == sorted.size())
        return 0;
    if (k == 0)
        return std::numeric_limits<double>::infinity();
    double best = std::numeric_limits<double>::infinity();
    for (std::size_t cut = from + 1; cut <= sorted.size(); ++cut)
        best = std::min(best, std::max(static_cast<double>(sorted[cut - 1]) - sorted[from], coverWidth(sorted, cut, k - 1)));
    return best;
}

/// The smallest step with at most k levels among all at which a weight changes its level. A level is as wide
/// as the step: no smaller one than the least width of k intervals will do.
double bestStep(const Weights &weights, std::size_t k)
{
    auto sorted = weights;
    std::ranges::sort(sorted);
    const double least = coverWidth(sorted, 0, k) * 0.999;
    std::vector<double> candidates;
    for (const float w : weights) {
        const double magnitude = std::abs(static_cast<double>(w));
        for (double m = 0; magnitude / (m + 0.5) >= least; ++m) {
            double step = magnitude / (m + 0.5);
            while ((m + 0.5) * step < magnitude)
                step = std::nextafter(step, 1e300);
            candidates.push_back(step);
        }
    }
    std::ranges::sort(candidates);
    const auto found = std::ranges::find_if(candidates, [&](double step) { return levels(weights, step).size() <= k; });
    return *found; // the largest puts all on 0
}

/// Least k-means energy of sorted weights by trying every way to cut them.
double bestEnergy(const Weights &sorted, std::size_t from, int k)
{
    const auto cost = [&](std::size_t to) {
        const auto count = static_cast<double>(to - from);
        double mean = 0, sum = 0;
        for (std::size_t i = from; i < to; ++i)
            mean += static_cast<double>(sorted[i]) / count;
        for (std::size_t i = from; i < to; ++i)
            sum += (static_cast<double>(sorted[i]) - mean) * (static_cast<double>(sorted[i]) - mean);
        return sum;
    };
    if (from >= sorted.size())
        return 0;
    double best = cost(sorted.size());
    for (std::size_t cut = from + 1; k > 1 && cut < sorted.size(); ++cut)
        best = std::min(best, cost(cut) + bestEnergy(sorted, cut, k - 1));
    return best;
}

} // namespace

/// Each post-training quantizer against its definition.
class TstQuantizers : public QObject {
    Q_OBJECT
private slots:
    void uniformTakesTheSmallestStep()
    {
        for (unsigned seed = 0; seed < 60; ++seed) {
            const Weights weights = gaussian(14, seed, 1, seed % 3 == 2 ? 3.0f : 0.0f);
            for (const int k : {1, 2, 3, 4, 7}) {
                const double step = bestStep(weights, static_cast<std::size_t>(k));
                std::set<float> expected;
                for (const double level : levels(weights, step))
                    expected.insert(static_cast<float>(level * step) + 0.0f);
                const auto q = quantized("uniform", weights, {.k = k});
                checkPromises(q, weights.size(), k);
                QVERIFY2(std::set<float>(q.representatives.begin(), q.representatives.end()) == expected,
                         qPrintable(QString("seed %1 k %2").arg(seed).arg(k)));
                const Weights values = valuesOf(q); // each on the level that the definition says
                for (std::size_t i = 0; i < weights.size(); ++i)
                    QVERIFY(values[i] == static_cast<float>(*levels({weights[i]}, step).begin() * step));
            }
        }
    }

    void uniformOfManyWeights()
    {
        const Weights weights = gaussian(200000, 5, 0.05f);
        for (const int k : {2, 3, 8, 16, 256}) {
            const auto q = quantized("uniform", weights, {.k = k});
            checkPromises(q, weights.size(), k);
            QVERIFY(q.representatives.size() + 1 >= static_cast<std::size_t>(k)); // a symmetric range may skip one number
            // δ is the spacing; slightly smaller ones need more levels
            double step = std::numeric_limits<double>::infinity();
            for (std::size_t j = 1; j < q.representatives.size(); ++j)
                step = std::min(step, static_cast<double>(q.representatives[j]) - q.representatives[j - 1]);
            for (const double less : {0.9999, 0.999, 0.99, 0.9, 0.7, 0.5})
                QVERIFY(levels(weights, less * step).size() > static_cast<std::size_t>(k));
        }
    }

    /// Levels by the million, and where they lie decides.
    void uniformFarFromZero()
    {
        const Weights narrow = gaussian(20000, 6, 0.001f, 1000);
        Weights clusters = narrow;
        for (std::size_t i = 0; i < clusters.size(); ++i)
            clusters[i] += static_cast<float>(i % 7) * 0.1371f;
        for (const Weights &weights : {narrow, clusters}) {
            for (const int k : {1, 2, 3, 8, 16, 256})
                checkPromises(quantized("uniform", weights, {.k = k}), weights.size(), k);
        }
    }

    void kMeansIsTheOptimum()
    {
        for (unsigned seed = 0; seed < 20; ++seed) {
            Weights weights = gaussian(22, seed);
            std::ranges::sort(weights);
            for (const int k : {1, 2, 3, 4}) {
                const auto q = quantized("kmeans", weights, {.k = k});
                checkPromises(q, weights.size(), k);
                const double mine = squaredError(weights, q), best = bestEnergy(weights, 0, k);
                QVERIFY2(mine <= best * 1.001 + 1e-9,
                         qPrintable(QString("seed %1 k %2: %3 against %4").arg(seed).arg(k).arg(mine).arg(best)));
            }
        }
    }

    void kMeansHasMeansAndNearestCodes()
    {
        const Weights weights = gaussian(50000, 3, 0.02f, 0.5f);
        const auto q = quantized("kmeans", weights, {.k = 16});
        QCOMPARE(q.representatives.size(), std::size_t{16});
        std::vector<CodeIndex> nearest(weights.size());
        NearestCells{q.representatives}.encode(weights, nearest);
        QVERIFY(nearest == q.codes);
        std::vector<double> sum(16);
        for (std::size_t i = 0; i < weights.size(); ++i)
            sum[q.codes[i]] += weights[i];
        for (std::size_t j = 0; j < 16; ++j)
            QVERIFY(std::abs(sum[j] / static_cast<double>(q.occupancy[j]) - q.representatives[j]) < 1e-7);
        QVERIFY(std::ranges::is_sorted(q.objectives, std::greater{}));
    }

    void probabilisticFollowsItsDefinition()
    {
        const Weights weights = gaussian(1001, 8);
        Weights sorted = weights;
        std::ranges::sort(sorted);
        const auto q = quantized("probabilistic", weights, {.k = 6});
        checkPromises(q, weights.size(), 6);
        for (std::size_t j = 0; j < 6; ++j)
            QCOMPARE(q.representatives[j], sorted[200 * j]);
        const int draws = 4000; // how often a weight goes up
        std::vector<int> ups(weights.size());
        for (int seed = 0; seed < draws; ++seed) {
            const Weights values = valuesOf(quantized("probabilistic", weights, {.k = 6, .seed = static_cast<std::uint64_t>(seed)}));
            for (std::size_t i = 0; i < weights.size(); ++i) {
                const auto upper = std::ranges::lower_bound(q.representatives, weights[i]);
                QVERIFY(values[i] == *upper || (upper != q.representatives.begin() && values[i] == *(upper - 1)));
                ups[i] += values[i] == *upper;
            }
        }
        for (std::size_t i = 0; i < weights.size(); ++i) {
            const auto upper = std::ranges::lower_bound(q.representatives, weights[i]);
            const double p = *upper == weights[i]
                                 ? 1.0
                                 : (static_cast<double>(weights[i]) - *(upper - 1)) / (static_cast<double>(*upper) - *(upper - 1));
            QVERIFY2(std::abs(static_cast<double>(ups[i]) / draws - p) < 5 * std::sqrt(0.25 / draws), qPrintable(QString::number(i)));
        }
    }

    void probabilisticIsUnbiasedAndRepeatable()
    {
        const Weights weights = gaussian(400000, 2);
        const auto q = quantized("probabilistic", weights, {.k = 4, .seed = 7});
        const Weights values = valuesOf(q);
        double error = 0;
        for (std::size_t i = 0; i < weights.size(); ++i)
            error += static_cast<double>(values[i]) - weights[i];
        const double deviation = std::sqrt(squaredError(weights, q)); // of the sum of independent errors without bias
        QVERIFY2(std::abs(error) < 4 * deviation, qPrintable(QString::number(error / deviation)));
        QVERIFY(quantized("probabilistic", weights, {.k = 4, .seed = 7}).codes == q.codes);
        QVERIFY(quantized("probabilistic", weights, {.k = 4, .seed = 8}).codes != q.codes);
        QVERIFY(std::abs(quantized("probabilistic", weights, {.k = 1}).representatives[0]) < 0.01f);
    }

    void entropyConstrainedDescends()
    {
        const Weights weights = gaussian(100000, 11, 0.1f);
        for (const int k : {4, 16, 256}) {
            const auto plain = quantized("kmeans", weights, {.k = k});
            double lastEntropy = entropyBits(plain.occupancy), lastError = squaredError(weights, plain);
            const double factors[] = {0.3, 1, 10};
            for (const double factor : factors) {
                const double mu = factor / (k * k);
                const auto q = quantized("entropy-constrained", weights, {.k = k, .mu = mu});
                checkPromises(q, weights.size(), k);
                QVERIFY(q.objectives.size() >= 2);
                QVERIFY(std::ranges::is_sorted(q.objectives, std::greater{}));
                const double entropy = entropyBits(q.occupancy), error = squaredError(weights, q);
                QVERIFY2(entropy < lastEntropy, qPrintable(QString("k %1, factor %2: %3").arg(k).arg(factor).arg(entropy)));
                QVERIFY(error > lastError || k == 256); // whose k-means is not quite the optimum
                // the last objective is what it is by definition: nats, in units of the variance
                const double nats = entropy * std::log(2.0) * static_cast<double>(weights.size());
                const double variance = squaredError(weights, quantized("kmeans", weights, {.k = 1})) / static_cast<double>(weights.size());
                QVERIFY(std::abs(error + mu * variance * nats - q.objectives.back()) < 1e-5 * q.objectives.back());
                lastEntropy = entropy;
                lastError = error;
            }
            const auto byDefault = quantized("entropy-constrained", weights, {.k = k});
            QVERIFY(byDefault.codes == quantized("entropy-constrained", weights, {.k = k, .mu = 4.0 / (k * k)}).codes);
        }
        QVERIFY(quantized("entropy-constrained", weights, {.k = 8, .mu = 0.0}).codes == quantized("kmeans", weights, {.k = 8}).codes);
        QCOMPARE(quantized("entropy-constrained", weights, {.k = 8, .mu = 1e6}).representatives.size(),
                 std::size_t{1}); // empties are dropped
    }

    /// A step from the result by brute force: no weight could do better with the result's own codebook and shares.
    void entropyConstrainedAssignsTheCheapest()
    {
        const Weights weights = gaussian(3000, 12);
        const double mu = 0.05, variance = squaredError(weights, quantized("kmeans", weights, {.k = 1})) / 3000;
        const auto q = quantized("entropy-constrained", weights, {.k = 8, .mu = mu});
        double now = 0, better = 0;
        for (std::size_t i = 0; i < weights.size(); ++i) {
            const auto cost = [&](std::size_t j) {
                const double d = static_cast<double>(weights[i]) - q.representatives[j];
                return d * d - mu * variance * std::log(static_cast<double>(q.occupancy[j]) / 3000);
            };
            double least = cost(0);
            for (std::size_t j = 1; j < q.representatives.size(); ++j)
                least = std::min(least, cost(j));
            now += cost(q.codes[i]);
            better += least;
        }
        QVERIFY2(now - better < 1e-3 * now, qPrintable(QString::number(1 - better / now))); // it stopped because a round brought less
    }
};

QTEST_APPLESS_MAIN(TstQuantizers)
#include "tst_quantizers.moc"
