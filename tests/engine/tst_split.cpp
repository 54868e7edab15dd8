// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/dataset.h"
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

using namespace engine;

namespace {

bool whole(const ImageSet &images)
{
    return images.pixels.size() == images.count() * images.imageBytes()
        && std::ranges::all_of(images.labels, [](auto label) { return label < 10; });
}

std::vector<std::size_t> classCounts(const ImageSet &images, const std::vector<std::uint32_t> &indices)
{
    std::vector<std::size_t> counts(10);
    for (const auto i : indices)
        ++counts[images.labels[i]];
    return counts;
}

std::vector<std::uint32_t> all(const ImageSet &images)
{
    std::vector<std::uint32_t> indices(images.count());
    std::iota(indices.begin(), indices.end(), 0u);
    return indices;
}

/// FNV-1a, to compare many bytes with one number.
quint32 digest(const std::vector<std::uint8_t> &bytes)
{
    return std::accumulate(bytes.begin(), bytes.end(), 2166136261u,
                           [](quint32 sum, std::uint8_t byte) { return (sum ^ byte) * 16777619u; });
}

} // namespace

class TstSplit : public QObject {
    Q_OBJECT

private slots:
    void generated();
    void splitIsStratified_data();
    void splitIsStratified();
    void splitDependsOnTheSeedAlone();
    void normalisation();
};

void TstSplit::generated()
{
    const auto data = loadDataset("generated"), again = loadDataset("generated:1x28x28"), colour = loadDataset("generated:3x32x32");
    QVERIFY(data && again && colour);
    QVERIFY(data->name.contains("not real data") && !data->mirrorIsSafe);
    QCOMPARE(data->train.count(), 2000u);
    QCOMPARE(data->test.count(), 500u);
    QCOMPARE(colour->train.imageBytes(), 3072u);
    QVERIFY(whole(data->train) && whole(data->test) && whole(colour->train) && whole(colour->test));
    QVERIFY(data->train.pixels == again->train.pixels);
    QCOMPARE(digest(data->train.pixels), 4098069820u); // the same on every machine

    // The simplest classifier there is, the nearest class mean, learns it; single pixels do not give it away.
    const std::size_t values = data->train.imageBytes();
    std::vector<std::vector<double>> means(10, std::vector<double>(values));
    for (std::size_t i = 0; i < data->train.count(); ++i) {
        for (std::size_t v = 0; v < values; ++v)
            means[data->train.labels[i]][v] += data->train.image(i)[v] / 200.0;
    }
    int right = 0;
    for (std::size_t i = 0; i < data->test.count(); ++i) {
        std::vector<double> distances(10);
        for (std::size_t c = 0; c < 10; ++c) {
            for (std::size_t v = 0; v < values; ++v)
                distances[c] += std::pow(data->test.image(i)[v] - means[c][v], 2);
        }
        right += std::ranges::min_element(distances) - distances.begin() == data->test.labels[i];
    }
    QVERIFY2(right > 450, qPrintable(QString::number(right)));
}

void TstSplit::splitIsStratified_data()
{
    QTest::addColumn<double>("share");
    QTest::addColumn<int>("expected");
    QTest::newRow("nothing") << 0.0 << 0;
    QTest::newRow("a tenth") << 0.1 << 100;
    QTest::newRow("an odd share") << 0.0333 << 33;
    QTest::newRow("everything") << 1.0 << 1003;
}

void TstSplit::splitIsStratified()
{
    QFETCH(double, share);
    QFETCH(int, expected);
    ImageSet images{.channels = 1, .height = 1, .width = 1, .pixels = std::vector<std::uint8_t>(1003), .labels = {}};
    for (std::size_t i = 0; i < 1003; ++i)
        images.labels.push_back(static_cast<std::uint8_t>(i < 503 ? 0 : i % 10));
    const auto split = splitValidation(images, share, 3);
    QCOMPARE(static_cast<int>(split.validation.size()), expected);
    QVERIFY(std::ranges::is_sorted(split.train) && std::ranges::is_sorted(split.validation));
    std::set<std::uint32_t> together{split.train.begin(), split.train.end()};
    together.insert(split.validation.begin(), split.validation.end());
    QCOMPARE(together.size(), images.count());
    QCOMPARE(split.train.size() + split.validation.size(), images.count());
    const auto inAll = classCounts(images, all(images)), inValidation = classCounts(images, split.validation);
    for (std::size_t c = 0; c < 10; ++c)
        QVERIFY(std::abs(static_cast<double>(inValidation[c]) - share * static_cast<double>(inAll[c])) <= 1.0);
}

void TstSplit::splitDependsOnTheSeedAlone()
{
    const auto data = loadDataset("generated");
    QVERIFY(data.has_value());
    const auto first = splitValidation(data->train, 0.1, 1), again = splitValidation(data->train, 0.1, 1),
               other = splitValidation(data->train, 0.1, 2);
    QVERIFY(first.validation == again.validation && first.train == again.train);
    QVERIFY(first.validation != other.validation);
    // Old snapshots rely on it: the same images must validate in every version of the program.
    const std::vector<std::uint32_t> begin(first.validation.begin(), first.validation.begin() + 6);
    QCOMPARE(begin, (std::vector<std::uint32_t>{1, 10, 12, 13, 14, 22}));
}

void TstSplit::normalisation()
{
    const auto data = loadDataset("generated:3x32x32");
    QVERIFY(data.has_value());
    const std::vector<std::uint32_t> indices{5, 17, 1999};
    const auto measured = measureNormalisation(data->train, indices);
    for (std::size_t c = 0; c < 3; ++c) {
        std::vector<double> values;
        for (const auto i : indices) {
            for (std::size_t p = 0; p < 1024; ++p)
                values.push_back(data->train.image(i)[c * 1024 + p] / 255.0);
        }
        const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
        double squares = 0;
        for (const double value : values)
            squares += (value - mean) * (value - mean);
        QVERIFY(std::abs(measured.mean[c] - mean) < 1e-6);
        QVERIFY(std::abs(measured.deviation[c] - std::sqrt(squares / static_cast<double>(values.size()))) < 1e-6);
    }
}

QTEST_GUILESS_MAIN(TstSplit)
#include "tst_split.moc"
