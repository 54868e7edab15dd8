// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/parameters.h"
#include "engine/codebooks/codebookshape.h"
#include "engine/regularizers/regularizer.h"
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <random>

using namespace engine;

namespace {

using Values = std::vector<double>;

/// R(W, r) as method.md has it, in double precision and read literally.
double definition(std::string_view name, const Values &weights, const Values &r, const RegularizerScale &scale)
{
    const auto k = static_cast<double>(r.size());
    const double epsilon = 0.01 * scale.sigma * scale.sigma, tau = scale.temperature * scale.sigma * scale.sigma;
    double sum = 0;
    for (const double w : weights) {
        const auto over = [&](auto term) {
            return std::accumulate(r.begin(), r.end(), 0.0, [&](double s, double rj) { return s + term((w - rj) * (w - rj)); });
        };
        double nearest = std::numeric_limits<double>::infinity();
        for (const double rj : r)
            nearest = std::min(nearest, std::abs(w - rj));
        if (name == "nearest-l2")
            sum += 0.5 * nearest * nearest;
        else if (name == "nearest-l1")
            sum += scale.sigma * nearest;
        else if (name == "soft-min") // the nearest taken out of the logarithm, which would underflow
            sum += 0.5 * nearest * nearest -
                   0.5 * tau * std::log(over([&](double d2) { return std::exp((nearest * nearest - d2) / tau) / k; }));
        else if (name == "product")
            sum += 0.5 * std::exp(over([&](double d2) { return std::log(d2 + epsilon); }) / k);
        else if (name == "harmonic")
            sum += 0.5 * k / over([&](double d2) { return 1.0 / (d2 + epsilon); });
        else if (w <= r.front() || w >= r.back())
            sum += 0.5 * nearest * nearest;
        else {
            const double step = (r.back() - r.front()) / (k - 1.0), sine = std::sin(std::numbers::pi * (w - r.front()) / step);
            sum += step * step / (2 * std::numbers::pi * std::numbers::pi) * sine * sine;
        }
    }
    return sum;
}

/// ∂R/∂x by central differences with a step that suits the scale.
template <typename Energy>
double difference(const Energy &energy, double x, double step)
{
    return (energy(x + step) - energy(x - step)) / (2 * step);
}

struct Case {
    std::string name;
    std::vector<float> weights, representatives;
    RegularizerScale scale;

    const RegularizerSpec &regularizer() const { return *findRegularizer(name); }
    Values wide(const std::vector<float> &values) const { return {values.begin(), values.end()}; }
    double energy() const { return definition(name, wide(weights), wide(representatives), scale); }
    RegularizerSums run(std::vector<float> &gradient, float lambda = 1.0f) const
    {
        gradient.resize(weights.size());
        RegularizerSums sums{representatives.size()};
        regularizer().make(representatives, scale)->pull(weights, lambda, gradient, sums);
        return sums;
    }
};

std::vector<float> gaussian(std::size_t n, unsigned seed, double sigma)
{
    std::mt19937 random{seed};
    std::normal_distribution<float> normal{0.0f, 1.0f};
    std::vector<float> values(n);
    for (float &value : values)
        value = static_cast<float>(sigma) * normal(random);
    return values;
}

std::vector<float> grid(std::size_t k, double low, double high)
{
    std::vector<float> values(k);
    for (std::size_t j = 0; j < k; ++j)
        values[j] =
            static_cast<float>(k > 1 ? low + (high - low) * static_cast<double>(j) / static_cast<double>(k - 1) : 0.5 * (low + high));
    return values;
}

Case makeCase(const QString &name, std::size_t n, std::size_t k, double sigma)
{
    Case c{name.toStdString(), gaussian(n, 7, sigma), {}, {.sigma = sigma, .temperature = 0.2}};
    c.representatives = grid(k, -1.6 * sigma, 1.7 * sigma);
    if (!c.regularizer().isGrid) {
        for (std::size_t j = 0; j < k; ++j) // uneven, still ascending
            c.representatives[j] += static_cast<float>(0.3 * sigma / static_cast<double>(k) * std::sin(static_cast<double>(j)));
    }
    return c;
}

/// Whether R has a kink here: for the nearest ones at the borders of cells, for L1 on a representative too.
bool isNearKink(const Case &c, double weight, double distance)
{
    const auto near = [&](double x) { return std::abs(weight - x) < distance; };
    const auto &r = c.representatives;
    if (c.name.starts_with("nearest"))
        for (std::size_t j = 1; j < r.size(); ++j)
            if (near(std::midpoint(static_cast<double>(r[j - 1]), static_cast<double>(r[j]))))
                return true;
    if (c.name == "nearest-l1")
        return std::ranges::any_of(r, near);
    return c.name == "periodic" && (near(r.front()) || near(r.back()));
}

void addEach(const std::function<void(const QString &, std::size_t k, double sigma)> &add)
{
    for (const auto &spec : regularizers()) {
        const QString name = QString::fromUtf8(spec.name.data(), static_cast<qsizetype>(spec.name.size()));
        for (const std::size_t k : {1, 2, 4, 17, 256})
            add(name, k, 0.05);
        for (const double sigma : {1e-18, 1e-4, 30.0, 1e15})
            add(name, 4, sigma);
    }
}

void columns()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<std::size_t>("k");
    QTest::addColumn<double>("sigma");
    addEach([](const QString &name, std::size_t k, double sigma) {
        QTest::addRow("%s k=%zu sigma=%g", qPrintable(name), k, sigma) << name << k << sigma;
    });
}

} // namespace

class TstRegularizers : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void energyAndPull_data() { columns(); }
    void energyAndPull()
    {
        QFETCH(QString, name);
        QFETCH(std::size_t, k);
        QFETCH(double, sigma);
        const Case c = makeCase(name, 700, k, sigma); // more than a block, and a rest
        std::vector<float> gradient(c.weights.size(), static_cast<float>(sigma));
        const auto sums = c.run(gradient, 0.5f);
        QVERIFY2(std::abs(sums.energy - c.energy()) <= 2e-5 * c.energy(),
                 qPrintable(QStringLiteral("%1 %2").arg(sums.energy).arg(c.energy())));
        double square = 0;
        for (std::size_t i = 0; i < c.weights.size(); ++i) {
            const double pull = (static_cast<double>(gradient[i]) - static_cast<float>(sigma)) / 0.5;
            square += pull * pull;
            if (isNearKink(c, c.weights[i], 1e-3 * sigma))
                continue;
            const double slope = difference([&](double w) { return definition(c.name, {w}, c.wide(c.representatives), c.scale); },
                                            c.weights[i], 1e-5 * sigma);
            QVERIFY2(std::abs(pull - slope) <= 2e-4 * sigma,
                     qPrintable(QStringLiteral("weight %1: %2, by differences %3").arg(c.weights[i]).arg(pull).arg(slope)));
        }
        QVERIFY(std::abs(sums.squaredPull - square) <= 1e-4 * square);
    }

    void slopeOfRepresentatives_data() { columns(); }
    void slopeOfRepresentatives()
    {
        QFETCH(QString, name);
        QFETCH(std::size_t, k);
        QFETCH(double, sigma);
        const Case c = makeCase(name, 700, k, sigma);
        std::vector<float> gradient;
        const auto sums = c.run(gradient);
        const Values w = c.wide(c.weights), r = c.wide(c.representatives);
        const auto energyAt = [&](const Values &codebook) { return definition(c.name, w, codebook, c.scale); };
        const auto agree = [&](double ours, double theirs) { // sums of up to 700 slopes of about σ
            return std::abs(ours - theirs) <= 1e-3 * std::abs(theirs) + 0.02 * sigma;
        };
        if (c.regularizer().isGrid) {
            const auto moved = [&](double b, double step) {
                Values codebook = r;
                for (std::size_t j = 0; j < k; ++j)
                    codebook[j] += b + step * static_cast<double>(j);
                return energyAt(codebook);
            };
            double offset = 0, step = 0;
            for (std::size_t j = 0; j < k; ++j) {
                offset += sums.slope[j];
                step += static_cast<double>(j) * sums.slope[j];
            }
            QVERIFY(agree(offset, difference([&](double b) { return moved(b, 0); }, 0, 1e-6 * sigma)));
            QVERIFY(k == 1 || agree(step, difference([&](double s) { return moved(0, s); }, 0, 1e-8 * sigma)));
            return;
        }
        for (std::size_t j = 0; j < k; ++j) {
            const double slope = difference(
                [&](double rj) {
                    Values codebook = r;
                    codebook[j] = rj;
                    return energyAt(codebook);
                },
                r[j], 1e-6 * sigma);
            QVERIFY2(agree(sums.slope[j], slope),
                     qPrintable(QStringLiteral("r%1: %2, by differences %3").arg(j).arg(sums.slope[j]).arg(slope)));
        }
    }

    void aPassIsTheSumOfItsParts_data() { columns(); }
    void aPassIsTheSumOfItsParts()
    {
        QFETCH(QString, name);
        QFETCH(std::size_t, k);
        QFETCH(double, sigma);
        Case c = makeCase(name, 1500, k, sigma);
        std::vector<float> gradient;
        const auto whole = c.run(gradient);
        // Shuffled, and in two parts of odd lengths: only the order of the additions differs.
        std::vector<std::size_t> order(c.weights.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::ranges::shuffle(order, std::mt19937{3});
        std::vector<float> weights, slopes(order.size());
        for (const std::size_t i : order)
            weights.push_back(c.weights[i]);
        const auto regularizer = c.regularizer().make(c.representatives, c.scale);
        RegularizerSums parts{k};
        const std::span<const float> w{weights};
        regularizer->pull(w.first(333), 1.0f, std::span{slopes}.first(333), parts);
        RegularizerSums rest{k};
        regularizer->pull(w.subspan(333), 1.0f, std::span{slopes}.subspan(333), rest);
        parts += rest;
        for (std::size_t i = 0; i < order.size(); ++i)
            QCOMPARE(slopes[i], gradient[order[i]]);
        QVERIFY(parts.nearest.occupancy == whole.nearest.occupancy);
        QVERIFY(std::abs(parts.energy - whole.energy) <= 1e-5 * whole.energy);
        for (std::size_t j = 0; j < k; ++j) {
            QVERIFY(std::abs(parts.slope[j] - whole.slope[j]) <= 1e-4 * sigma * (1 + whole.mass[j]));
            QVERIFY(std::abs(parts.mass[j] - whole.mass[j] - (c.name == "periodic" ? 1.0 : 0.0)) <= 1e-4 * (1 + whole.mass[j]));
        }
    }

    void hardInputs_data()
    {
        QTest::addColumn<QString>("name");
        for (const auto &spec : regularizers())
            QTest::addRow("%s", spec.name.data()) << QString::fromUtf8(spec.name.data(), static_cast<qsizetype>(spec.name.size()));
    }
    void hardInputs()
    {
        QFETCH(QString, name);
        const float denormal = std::numeric_limits<float>::denorm_min();
        const std::vector<std::vector<float>> codebooks{
            {0.0f}, {0.25f, 0.25f, 0.25f}, {-1.0f, 0.0f, 1.0f}, {0.0f, denormal}, std::vector<float>(256, -1.0f)};
        const std::vector<std::vector<float>> weights{{0.5f},        {-1.0f, -0.5f, 0.0f, 0.5f, 1.0f}, {denormal, -denormal, 0.0f},
                                                      {1e6f, -1e6f}, std::vector<float>(513, 0.25f),   {}};
        for (const auto &codebook : codebooks) {
            for (const auto &values : weights) {
                const Case c{name.toStdString(), values, codebook, {.sigma = 1.0, .temperature = 0.01}};
                std::vector<float> gradient;
                const auto sums = c.run(gradient);
                QVERIFY2(std::isfinite(sums.energy) && sums.energy > -1e-6,
                         qPrintable(QStringLiteral("k = %1, %2 weights: %3").arg(codebook.size()).arg(values.size()).arg(sums.energy)));
                QVERIFY(std::ranges::all_of(gradient, [](float g) { return std::isfinite(g); }));
                QVERIFY(std::ranges::all_of(sums.slope, [](double s) { return std::isfinite(s); }));
                QVERIFY(std::ranges::all_of(sums.mass, [](double m) { return m >= 0; }));
                QVERIFY(std::abs(sums.energy - c.energy()) <= 1e-4 * std::abs(c.energy()) + 1e-6);
            }
        }
    }

    void aNotANumberIsSeen_data() { hardInputs_data(); }
    void aNotANumberIsSeen()
    {
        QFETCH(QString, name);
        Case c = makeCase(name, 600, 4, 0.1);
        c.weights[555] = std::numeric_limits<float>::quiet_NaN();
        std::vector<float> gradient;
        QVERIFY(std::isnan(c.run(gradient).nearest.squaredDistance));
        QVERIFY(std::isnan(gradient[555]));
    }

    void softMinBecomesNearestL2AsTheTemperatureFalls()
    {
        Case soft = makeCase(QStringLiteral("soft-min"), 500, 4, 0.1), hard = soft;
        hard.name = "nearest-l2";
        std::vector<float> gradient, slopes;
        const double exact = hard.run(gradient).energy;
        double before = std::numeric_limits<double>::infinity();
        for (const double temperature : {1.0, 0.1, 0.01, 0.001}) {
            soft.scale.temperature = temperature;
            const double error = std::abs(soft.run(slopes).energy - exact);
            QVERIFY(error < before);
            before = error;
        }
        QVERIFY(before < 0.02 * exact);
    }

    void descentFindsTheRepresentatives_data() { hardInputs_data(); }
    void descentFindsTheRepresentatives()
    {
        // Both sides move by their gradients alone: the weights must gather, and no representative may run away.
        QFETCH(QString, name);
        Case c = makeCase(name, 2000, 4, 0.1);
        c.scale.temperature = 0.02;
        std::vector<float> gradient;
        const double start = c.run(gradient).nearest.absoluteDistance;
        for (int step = 0; step < 600; ++step) {
            std::ranges::fill(gradient, 0.0f);
            const auto sums = c.run(gradient);
            const float rate = c.name == "nearest-l1" ? 0.1f * std::pow(0.99f, static_cast<float>(step)) : 0.02f;
            for (std::size_t i = 0; i < c.weights.size(); ++i)
                c.weights[i] -= rate * gradient[i];
            for (std::size_t j = 0; j < 4; ++j)
                if (sums.mass[j] > 0)
                    c.representatives[j] -= static_cast<float>(0.02 * sums.slope[j] / sums.mass[j]);
            project({.isGrid = c.regularizer().isGrid}, c.representatives, sums.mass);
            QVERIFY(std::ranges::is_sorted(c.representatives));
        }
        const double end = c.run(gradient).nearest.absoluteDistance;
        QVERIFY2(end < 0.1 * start, qPrintable(QStringLiteral("%1 → %2").arg(start).arg(end)));
        QVERIFY(c.representatives.front() > -0.4f && c.representatives.back() < 0.4f);
    }

    void standardDeviations()
    {
        const float nan = std::numeric_limits<float>::quiet_NaN(), infinite = std::numeric_limits<float>::infinity();
        QCOMPARE(standardDeviation(std::vector<float>{}), 0.0);
        QCOMPARE(standardDeviation(std::vector{3.0f}), 0.0);
        QCOMPARE(standardDeviation(std::vector{1.0f, nan, 3.0f, infinite}), 1.0);
        QVERIFY(std::abs(standardDeviation(std::vector{1e7f, 1e7f + 1, 1e7f + 2}) - std::sqrt(2.0 / 3.0)) < 1e-9);
    }

    void theRegistryHasThemAll()
    {
        QCOMPARE(regularizers().size(), std::size_t{6});
        QCOMPARE(regularizers().front().name, std::string_view{"nearest-l2"});
        for (const auto &spec : regularizers()) {
            QCOMPARE(findRegularizer(spec.name), &spec);
            QVERIFY(!spec.formula.empty() && !spec.help.empty());
        }
        QVERIFY(!findRegularizer("nearest"));
        const auto &choices = std::get<ChoiceRange>(spec(ParameterId::Regularizer).range).choices; // what a user can name
        QVERIFY(std::ranges::equal(choices, regularizers(), {}, {}, &RegularizerSpec::name));
    }
};

QTEST_APPLESS_MAIN(TstRegularizers)
#include "tst_regularizers.moc"
