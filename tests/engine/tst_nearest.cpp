// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/codebooks/nearest.h"
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using namespace engine;

namespace {

/// The definition, read literally: a(i) = argmin_j |w − r_j|, the lower index on a tie.
std::size_t bruteForce(float w, const std::vector<float> &r)
{
    std::size_t best = 0;
    for (std::size_t j = 1; j < r.size(); ++j) {
        if (std::abs(static_cast<double>(w) - r[j]) < std::abs(static_cast<double>(w) - r[best]))
            best = j;
    }
    return best;
}

std::vector<float> gaussian(std::size_t n, unsigned seed, float deviation = 0.05f)
{
    std::mt19937 generator{seed};
    std::normal_distribution<float> normal{0.0f, deviation};
    std::vector<float> values(n);
    std::ranges::generate(values, [&] { return normal(generator); });
    return values;
}

double energy(const std::vector<double> &w, const std::vector<double> &r)
{
    double sum = 0;
    for (const double value : w) {
        double least = std::numeric_limits<double>::infinity();
        for (const double representative : r)
            least = std::min(least, (value - representative) * (value - representative));
        sum += 0.5 * least;
    }
    return sum;
}

/// Those this processor can run; the newest comes last.
std::vector<std::pair<const char *, Generation>> generations()
{
    std::vector<std::pair<const char *, Generation>> all{
        {"any", Generation::Any}, {"AVX2", Generation::Avx2}, {"AVX-512", Generation::Avx512}};
    std::erase_if(all, [](const auto &each) { return each.second > newestGeneration(); });
    return all;
}

} // namespace

class TstNearest : public QObject {
    Q_OBJECT
private slots:
    void agreesWithBruteForce_data()
    {
        QTest::addColumn<int>("k");
        QTest::addColumn<int>("n");
        QTest::addColumn<double>("scale");
        QTest::addColumn<Generation>("generation");
        for (const auto &[name, generation] : generations()) {
            for (const int k : {1, 2, 3, 4, 8, 9, 15, 16, 17, 31, 32, 33, 64, 255, 256}) {
                for (const int n : {1, 63, 64, 65, 2047, 5000})
                    QTest::addRow("k %d, n %d, %s", k, n, name) << k << n << 1.0 << generation;
            }
            QTest::addRow("huge weights, %s", name) << 16 << 3000 << 1e18 << generation;
            QTest::addRow("tiny weights, %s", name) << 16 << 3000 << 1e-30 << generation;
            QTest::addRow("denormal weights, %s", name) << 40 << 3000 << 1e-40 << generation;
        }
    }
    void agreesWithBruteForce()
    {
        QFETCH(int, k);
        QFETCH(int, n);
        QFETCH(double, scale);
        QFETCH(Generation, generation);
        auto weights = gaussian(static_cast<std::size_t>(n), 7);
        auto representatives = gaussian(static_cast<std::size_t>(k), 11);
        for (auto *values : {&weights, &representatives})
            std::ranges::for_each(*values, [&](float &v) { v = static_cast<float>(v * scale); });
        std::ranges::sort(representatives);
        const NearestCells cells{representatives, generation};

        const float lambda = 0.25f;
        const auto task = gaussian(weights.size(), 13);
        auto gradient = task;
        NearestSums sums{representatives.size()};
        cells.pull(weights, lambda, gradient, sums);
        std::vector<float> snapped(weights.size());
        std::vector<CodeIndex> codes(weights.size());
        cells.snap(weights, snapped);
        for (const std::size_t offset : {0u, 1u, 4u}) { // aligned to a vector, and not
            std::vector<float> streamed(weights.size() + offset + 1, 77.0f);
            cells.snap(weights, std::span{streamed}.subspan(offset, weights.size()), Destination::Memory);
            QVERIFY(std::equal(snapped.begin(), snapped.end(), streamed.begin() + static_cast<std::ptrdiff_t>(offset)));
            QCOMPARE(streamed.back(), 77.0f);
        }
        cells.encode(weights, codes);

        NearestSums expected{representatives.size()};
        for (std::size_t i = 0; i < weights.size(); ++i) {
            const std::size_t j = cells.nearest(weights[i]);
            // On rounded midpoints either neighbour is as near as float32 can tell.
            const double mine = std::abs(static_cast<double>(weights[i]) - representatives[j]);
            const double best = std::abs(static_cast<double>(weights[i]) - representatives[bruteForce(weights[i], representatives)]);
            QVERIFY(mine <= best * (1 + 1e-5) + std::abs(weights[i]) * 1e-6 + 3e-45);
            QCOMPARE(static_cast<std::size_t>(codes[i]), j);
            QCOMPARE(snapped[i], representatives[j]);
            const float distance = weights[i] - representatives[j];
            QCOMPARE(gradient[i], task[i] + lambda * distance);
            expected.squaredDistance += static_cast<double>(distance) * distance;
            expected.absoluteDistance += std::abs(static_cast<double>(distance));
            expected.squaredGradient += static_cast<double>(task[i]) * task[i];
            ++expected.occupancy[j];
            expected.weightSum[j] += static_cast<double>(weights[i]);
            expected.gradientSum[j] += static_cast<double>(task[i]);
        }
        QVERIFY(sums.occupancy == expected.occupancy);
        const auto close = [](double a, double b, double size) { return std::abs(a - b) <= 1e-5 * size + 1e-300; };
        if (scale < 1e15 && scale > 1e-15) // squares leave the range of float otherwise
            QVERIFY(close(sums.squaredDistance, expected.squaredDistance, expected.squaredDistance));
        QVERIFY(close(sums.absoluteDistance, expected.absoluteDistance, expected.absoluteDistance));
        QVERIFY(close(sums.squaredGradient, expected.squaredGradient, expected.squaredGradient));
        for (std::size_t j = 0; j < representatives.size(); ++j) {
            QVERIFY(close(sums.weightSum[j], expected.weightSum[j], n * 0.2 * scale));
            QVERIFY(close(sums.gradientSum[j], expected.gradientSum[j], n * 0.2));
        }
    }

    void pullsOfOneSize_data()
    {
        QTest::addColumn<int>("k");
        QTest::addColumn<Generation>("generation");
        for (const auto &[name, generation] : generations()) {
            for (const int k : {1, 2, 3, 4, 16, 32, 33, 256})
                QTest::addRow("k %d, %s", k, name) << k << generation;
        }
    }
    void pullsOfOneSize()
    {
        QFETCH(int, k);
        QFETCH(Generation, generation);
        auto weights = gaussian(5001, 7);
        auto representatives = gaussian(static_cast<std::size_t>(k), 11);
        std::ranges::sort(representatives);
        for (std::size_t i = 0; i < weights.size(); i += 10)
            weights[i] = representatives[i / 10 % representatives.size()]; // on a representative nothing pulls
        const NearestCells cells{representatives, generation};
        const auto task = gaussian(weights.size(), 13);
        auto gradient = task, springs = task;
        NearestSums sums{representatives.size()}, expected{representatives.size()};
        SignSums signs{representatives.size()};
        cells.pullSigns(weights, 0.25f, gradient, sums, signs);
        cells.pull(weights, 0.25f, springs, expected);
        QVERIFY(sums.occupancy == expected.occupancy && sums.weightSum == expected.weightSum && sums.gradientSum == expected.gradientSum);
        QVERIFY(sums.squaredDistance == expected.squaredDistance && sums.absoluteDistance == expected.absoluteDistance);
        QVERIFY(sums.squaredGradient == expected.squaredGradient);
        std::vector<double> signSum(representatives.size());
        double pulled = 0;
        for (std::size_t i = 0; i < weights.size(); ++i) {
            const std::size_t j = cells.nearest(weights[i]);
            const int sign = (weights[i] > representatives[j]) - (weights[i] < representatives[j]);
            QCOMPARE(gradient[i], task[i] + 0.25f * static_cast<float>(sign));
            signSum[j] += sign;
            pulled += sign * sign;
        }
        QVERIFY(signs.sign == signSum);
        QCOMPARE(signs.squaredSign, pulled);
        // a NaN pulls in cell 0
        weights[77] = std::numeric_limits<float>::quiet_NaN();
        cells.pullSigns(weights, 0.25f, gradient, sums, signs);
        QVERIFY(std::isnan(gradient[77]) && std::isnan(signs.sign[0]) && std::isnan(signs.squaredSign));
        QVERIFY(std::all_of(signs.sign.begin() + 1, signs.sign.end(), [](double sum) { return std::isfinite(sum); }));
    }

    void pullIsTheSlopeOfTheRegularizer()
    {
        const auto weights = gaussian(200, 3, 1.0f);
        const std::vector<float> representatives{-1.0f, -0.2f, 0.3f, 1.2f};
        const NearestCells cells{representatives};
        std::vector<float> gradient(weights.size(), 0.0f);
        NearestSums sums{4};
        cells.pull(weights, 1.0f, gradient, sums);
        const std::vector<double> r(representatives.begin(), representatives.end());
        std::vector<double> w(weights.begin(), weights.end());
        QVERIFY(std::abs(energy(w, r) - 0.5 * sums.squaredDistance) < 1e-4);
        const double h = 1e-6;
        for (std::size_t i = 0; i < w.size(); ++i) {
            const bool nearKink = std::ranges::any_of(cells.boundaries(), [&](float b) { return std::abs(b - weights[i]) < 1e-3f; });
            if (nearKink)
                continue;
            auto up = w, down = w;
            up[i] += h;
            down[i] -= h;
            const double slope = (energy(up, r) - energy(down, r)) / (2 * h);
            QVERIFY2(std::abs(slope - static_cast<double>(gradient[i])) < 1e-5, qPrintable(QString::number(i)));
        }
    }

    void slopeOfARepresentativeIsTheMeanOverItsMembers()
    {
        const auto weights = gaussian(500, 5, 1.0f);
        const std::vector<float> representatives{-1.0f, 0.1f, 0.9f};
        NearestSums sums{3};
        NearestCells{representatives}.measure(weights, sums);
        const std::vector<double> w(weights.begin(), weights.end());
        std::vector<double> r(representatives.begin(), representatives.end());
        for (std::size_t j = 0; j < r.size(); ++j) {
            const double h = 1e-7;
            auto up = r, down = r;
            up[j] += h;
            down[j] -= h;
            const double slope = (energy(w, up) - energy(w, down)) / (2 * h) / static_cast<double>(sums.occupancy[j]);
            QVERIFY(std::abs(slope - (r[j] - sums.weightSum[j] / static_cast<double>(sums.occupancy[j]))) < 1e-4);
        }
    }

    void nearest_data()
    {
        QTest::addColumn<QList<float>>("representatives");
        QTest::addColumn<float>("weight");
        QTest::addColumn<int>("code");
        QTest::newRow("below all values") << QList<float>{0, 1} << -9.0f << 0;
        QTest::newRow("above all values") << QList<float>{0, 1} << 9.0f << 1;
        QTest::newRow("a tie goes low") << QList<float>{0, 1} << 0.5f << 0;
        QTest::newRow("just above a tie") << QList<float>{0, 1} << std::nextafter(0.5f, 1.0f) << 1;
        QTest::newRow("equal representatives: the lowest") << QList<float>{-1, 0, 0, 0, 2} << 0.0f << 1;
        QTest::newRow("one representative") << QList<float>{3} << -100.0f << 0;
        QTest::newRow("NaN falls into cell 0") << QList<float>{0, 1} << std::numeric_limits<float>::quiet_NaN() << 0;
        QTest::newRow("plus infinity") << QList<float>{0, 1} << std::numeric_limits<float>::infinity() << 1;
        QTest::newRow("minus infinity") << QList<float>{0, 1} << -std::numeric_limits<float>::infinity() << 0;
    }
    void nearest()
    {
        QFETCH(QList<float>, representatives);
        QFETCH(float, weight);
        QFETCH(int, code);
        std::vector<float> values(representatives.begin(), representatives.end());
        for (const std::size_t k : {values.size(), std::size_t{40}}) { // 40: the look-up table's path, padded at the top
            values.resize(std::max(k, values.size()), values.back());
            const NearestCells cells{values};
            std::vector<CodeIndex> codes(1);
            cells.encode(std::vector<float>{weight}, codes);
            QCOMPARE(static_cast<int>(codes[0]), code);
            QCOMPARE(static_cast<int>(cells.nearest(weight)), code);
        }
    }

    void aNotANumberIsSeenInTheSums()
    {
        std::vector<float> weights(100, 0.0f), gradient(100, 0.0f);
        weights[42] = std::numeric_limits<float>::quiet_NaN();
        NearestSums sums{2};
        NearestCells{std::vector<float>{0.0f, 1.0f}}.pull(weights, 1.0f, gradient, sums);
        QVERIFY(std::isnan(sums.squaredDistance));
    }

    void sumsKeepTheirDigits()
    {
        // 2²⁴ float additions of 1 would stop growing; the count and the sum here must not.
        const std::size_t n = (std::size_t{1} << 24) + 4096 * 5;
        const std::vector<float> weights(n, 1.0f);
        NearestSums sums{2};
        NearestCells{std::vector<float>{0.0f, 1.1f}}.measure(weights, sums);
        QCOMPARE(sums.occupancy[1], static_cast<std::uint64_t>(n));
        QCOMPARE(sums.weightSum[1], static_cast<double>(n));
    }
};

QTEST_APPLESS_MAIN(TstNearest)
#include "tst_nearest.moc"
