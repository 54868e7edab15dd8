// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/regularizers/entropy.h"
#include "engine/regularizers/repulsion.h"
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using namespace engine;

namespace {

using Values = std::vector<double>;

/// σ² n H(p) as entropy.h has it, in double precision and read literally.
double softEntropy(const Values &weights, const Values &r, const RegularizerScale &scale)
{
    const double tau = scale.temperature * scale.sigma * scale.sigma, n = static_cast<double>(weights.size());
    Values shares(r.size());
    for (const double w : weights) {
        Values terms;
        double total = 0, nearest = 1e300;
        for (const double rj : r)
            nearest = std::min(nearest, (w - rj) * (w - rj));
        for (const double rj : r) {
            terms.push_back(std::exp((nearest - (w - rj) * (w - rj)) / tau));
            total += terms.back();
        }
        for (std::size_t j = 0; j < r.size(); ++j)
            shares[j] += terms[j] / total / n;
    }
    double entropy = 0;
    for (const double p : shares)
        entropy -= p > 0 ? p * std::log(p) : 0;
    return scale.sigma * scale.sigma * n * entropy;
}

double pairs(const Values &r, double sigma)
{
    const double reach = sigma / static_cast<double>(r.size());
    double sum = 0;
    for (std::size_t j = 0; j < r.size(); ++j)
        for (std::size_t m = j + 1; m < r.size(); ++m)
            sum += std::exp(-(r[j] - r[m]) * (r[j] - r[m]) / (reach * reach));
    return sigma * sigma * sum;
}

template <typename Energy>
double slopeAt(const Energy &energy, Values at, std::size_t place, double step)
{
    Values up = at, down = at;
    up[place] += step;
    down[place] -= step;
    return (energy(up) - energy(down)) / (2 * step);
}

} // namespace

class TstAuxiliaries : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void entropyAgreesWithDifferences_data()
    {
        QTest::addColumn<double>("sigma");
        QTest::addColumn<double>("temperature");
        QTest::addColumn<int>("k");
        QTest::newRow("warm") << 0.05 << 0.5 << 4;
        QTest::newRow("cool") << 0.05 << 0.05 << 4;
        QTest::newRow("one representative") << 0.05 << 0.5 << 1;
        QTest::newRow("many") << 0.05 << 0.1 << 40;
        QTest::newRow("large weights") << 1e9 << 0.2 << 4;
        QTest::newRow("small weights") << 1e-9 << 0.2 << 4;
    }
    void entropyAgreesWithDifferences()
    {
        QFETCH(double, sigma);
        QFETCH(double, temperature);
        QFETCH(int, k);
        std::mt19937 random{2};
        std::normal_distribution<float> normal;
        std::vector<float> weights(900), representatives; // more than one block
        for (float &w : weights)
            w = static_cast<float>(sigma) * (normal(random) + 0.4f); // uneven cells: else there is nothing to gain
        for (int j = 0; j < k; ++j)
            representatives.push_back(static_cast<float>(sigma * (k > 1 ? -1.5 + 3.0 * j / (k - 1) : 0.0)));
        const RegularizerScale scale{.sigma = sigma, .temperature = temperature};
        const SoftOccupancy cells{representatives, scale};
        Values sums(representatives.size());
        cells.count(weights, sums);
        std::vector<float> gradient(weights.size());
        cells.pull(weights, sums, {.beta = 0.5}, gradient);
        const Values w(weights.begin(), weights.end()), r(representatives.begin(), representatives.end());
        const double expected = softEntropy(w, r, scale);
        QVERIFY(std::abs(cells.energy(sums) - expected) <= 1e-4 * expected + 1e-9 * sigma * sigma);
        for (std::size_t i = 0; i < w.size(); i += 7) {
            const double theirs = slopeAt([&](const Values &x) { return softEntropy(x, r, scale); }, w, i, 1e-4 * sigma);
            QVERIFY2(std::abs(gradient[i] / 0.5 - theirs) < 2e-3 * sigma / temperature,
                     qPrintable(QStringLiteral("%1 %2").arg(gradient[i] / 0.5).arg(theirs)));
        }
    }

    void descentOfTheEntropyEmptiesTheRareCell()
    {
        std::vector<float> weights(1000, 0.0f);
        for (std::size_t i = 0; i < weights.size(); ++i)
            weights[i] = (i % 10 == 0 ? 0.9f : 0.0f) + 0.2f * static_cast<float>(i % 7) / 7.0f - 0.1f; // one in ten near 0.9
        const std::vector<float> representatives{0.0f, 1.0f};
        const SoftOccupancy cells{representatives, {.sigma = 1.0, .temperature = 0.5}};
        Values before(2), after(2);
        cells.count(weights, before);
        for (int step = 0; step < 200; ++step) {
            Values sums(2);
            std::vector<float> gradient(weights.size());
            cells.count(weights, sums);
            cells.pull(weights, sums, {.beta = 1.0}, gradient);
            for (std::size_t i = 0; i < weights.size(); ++i)
                weights[i] -= 0.02f * gradient[i];
        }
        cells.count(weights, after);
        QVERIFY(cells.energy(after) < 0.5 * cells.energy(before));
        QVERIFY(after[1] < 0.5 * before[1]);
    }

    void thePullIsBounded_data()
    {
        QTest::addColumn<float>("weight");
        QTest::addColumn<float>("goesTo");
        // representatives: 0, with a fifth of the weights; 0.5, with none; 1, with all others
        QTest::newRow("from the empty cell to the full one") << 0.7f << 1.0f;
        QTest::newRow("over the border, on to the outermost") << 0.76f << 1.0f;
        QTest::newRow("from the lowest to the one beside it") << 0.1f << 0.5f;
        QTest::newRow("from outside inwards, past the nearest") << -0.1f << 0.5f;
        QTest::newRow("outwards: nowhere") << 1.1f << 1.1f;
    }
    /// No harder than by a spring to where the weight goes, up or down.
    void thePullIsBounded()
    {
        QFETCH(float, weight);
        QFETCH(float, goesTo);
        for (const float sign : {1.0f, -1.0f}) {
            std::vector<float> weights(1000, sign), representatives{0.0f, 0.5f * sign, sign};
            std::fill_n(weights.begin(), 200, 0.0f);
            weights.front() = sign * weight;
            std::ranges::sort(representatives);
            const SoftOccupancy cells{representatives, {.sigma = 1.0, .temperature = 0.5}};
            Values sums(3);
            cells.count(weights, sums);
            const auto pullAtFirst = [&](double stiffest) {
                std::vector<float> gradient(weights.size());
                cells.pull(weights, sums, {.beta = 2.0, .stiffest = stiffest}, gradient);
                return static_cast<double>(gradient.front());
            };
            const double free = pullAtFirst(std::numeric_limits<double>::infinity()), way = sign * (weight - goesTo);
            QVERIFY(weight == goesTo || free * way > 0);
            for (const double stiffest : {0.0, 0.001, 0.01}) {
                QVERIFY(std::abs(free) > std::abs(stiffest * way));
                QVERIFY(std::abs(pullAtFirst(stiffest) - stiffest * way) <= 1e-6 * stiffest);
            }
            if (weight != goesTo)
                QCOMPARE(pullAtFirst(1e6), free);
        }
    }

    void repulsionAgreesWithDifferences()
    {
        for (const double sigma : {1e-9, 0.05, 1e9}) {
            Values r{-1.0, -0.9, 0.1, 0.3};
            std::vector<float> representatives;
            for (double &value : r) {
                representatives.push_back(static_cast<float>(value *= sigma));
                value = static_cast<double>(representatives.back());
            }
            const auto push = repulsion(representatives, sigma);
            QVERIFY(std::abs(push.energy - pairs(r, sigma)) < 1e-9 * sigma * sigma);
            for (std::size_t j = 0; j < r.size(); ++j)
                QVERIFY(std::abs(push.slope[j] - slopeAt([&](const Values &x) { return pairs(x, sigma); }, r, j, 1e-6 * sigma)) <
                        1e-6 * sigma);
            QVERIFY(push.slope[0] > 0 && push.slope[1] < 0); // descent moves them apart
        }
        QCOMPARE(repulsion(std::vector{1.0f}, 1.0).energy, 0.0);
    }
};

QTEST_APPLESS_MAIN(TstAuxiliaries)
#include "tst_auxiliaries.moc"
