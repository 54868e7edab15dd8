// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/frame/history.h"
#include "engine/frame/histogram.h"
#include "engine/frame/size.h"
#include <QtTest>
#include <cmath>
#include <limits>

using namespace engine;

class TstHistogram : public QObject {
    Q_OBJECT
private slots:
    void everyValueIsCountedOnce()
    {
        const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
        const std::vector<float> values{-1.0f, -0.5f, 0.0f, 0.49f, 0.99f, 1.0f, -1.01f, 7.0f, nan, infinity, -infinity, -infinity};
        const Histogram histogram = countHistogram(values, -1.0, 1.0, 4);
        QVERIFY((histogram.counts == std::vector<std::uint64_t>{1, 1, 2, 1}));
        QCOMPARE(histogram.underflow, 1u);
        QCOMPARE(histogram.overflow, 2u);
        QCOMPARE(histogram.notANumber, 1u);
        QCOMPARE(histogram.infinite, 3u);
        QCOMPARE(histogram.total(), values.size());
        QVERIFY((histogram.edges() == std::vector<double>{-1.0, -0.5, 0.0, 0.5, 1.0}));
        QCOMPARE(histogram.centre(0), -0.75);
    }

    void rangeGrowsAndTells()
    {
        HistogramRange range;
        const Histogram first = range.count(std::vector<float>{-1.0f, 1.0f}, 8);
        QCOMPARE(first.low, -1.25);
        QCOMPARE(first.high, 1.25);
        QCOMPARE(first.rangeRevision, 0u);
        const Histogram same = range.count(std::vector<float>{-1.2f, 0.0f}, 8);
        QCOMPARE(same.rangeRevision, 0u);
        const Histogram wider = range.count(std::vector<float>{-1.2f, 5.0f}, 8);
        QVERIFY(wider.rangeRevision > 0 && wider.high > 5.0 && wider.low == -1.25);
        QCOMPARE(wider.overflow, 0u);
    }

    void collapsedWeightsHaveARange()
    {
        HistogramRange range;
        const Histogram histogram = range.count(std::vector<float>(100, 0.5f), 16);
        QVERIFY(histogram.low < 0.5 && histogram.high > 0.5);
        QCOMPARE(histogram.total(), 100u);
        QCOMPARE(histogram.underflow + histogram.overflow, 0u);
    }

    void sizeOfALayer()
    {
        const std::vector<std::uint64_t> even{100, 100, 100, 100}, skewed{400, 0, 0, 0};
        QCOMPARE(entropyBits(even), 2.0);
        QCOMPARE(entropyBits(skewed), 0.0);
        QCOMPARE(entropyBits(std::vector<std::uint64_t>{}), 0.0);
        const SizeEstimate size = layerSize(even);
        QCOMPARE(size.floatBytes, 1600u);
        QCOMPARE(size.fixedBytes, 100.0 + 16.0);
        QCOMPARE(size.entropyBytes, 100.0 + 16.0);
        QCOMPARE(layerSize(skewed).entropyBytes, 16.0);
        QCOMPARE(layerSize(std::vector<std::uint64_t>{8}).fixedBytes, 4.0);
        QCOMPARE(layerSize(std::vector<std::uint64_t>(5, 8)).fixedBytes, 20.0 + 40 * 3 / 8.0);
        SizeEstimate network = floatSize(10);
        network += size;
        QCOMPARE(network.floatBytes, 1640u);
        QCOMPARE(network.fixedRatio(), 1640.0 / 156.0);
    }

    void historyStaysBoundedAndKeepsWhatWasMeasured()
    {
        History history{64};
        for (std::uint64_t step = 0; step < 1000; ++step) {
            Sample sample;
            sample.step = Step{step};
            if (step % 100 == 0)
                sample.snappedAccuracy = 0.5;
            history.add(sample);
        }
        QVERIFY(history.samples().size() <= 64);
        QVERIFY(history.revision() > 0);
        QVERIFY(std::ranges::is_sorted(history.samples(), {}, &Sample::step));
        QCOMPARE(std::ranges::count_if(history.samples(), [](const Sample &s) { return !std::isnan(s.snappedAccuracy); }), 10);
        QCOMPARE(count(history.samples().back().step), 999u);
        History allMeasured{64};
        for (std::uint64_t step = 0; step < 1000; ++step) {
            Sample sample;
            sample.step = Step{step};
            sample.snappedAccuracy = step == 0 ? kNotMeasured : 0.5; // one unmeasured sample must not stop the thinning
            allMeasured.add(sample);
        }
        QVERIFY(allMeasured.samples().size() <= 64);
        Sample again;
        again.step = Step{999};
        again.taskLoss = 3;
        const auto size = history.samples().size();
        history.add(again);
        QCOMPARE(history.samples().size(), size);
        QCOMPARE(history.samples().back().taskLoss, 3.0);
    }

    void trajectoriesKeepTheirIdentity()
    {
        Frame frame;
        LayerFrame layer;
        layer.representatives = {-1.0f, 0.5f, 2.0f};
        layer.trajectories = 3;
        layer.identity = {2, 0, 1}; // the lowest one continues trajectory 2
        layer.histogram = countHistogram(std::vector<float>{0.1f, 0.2f}, -1, 1, 512);
        frame.layers.push_back(layer);
        const Sample sample = sampleOf(frame, false);
        QVERIFY((sample.layers[0].representatives == std::vector<float>{0.5f, 2.0f, -1.0f}));
        QCOMPARE(std::accumulate(sample.layers[0].density.begin(), sample.layers[0].density.end(), 0u), 2u);
        QVERIFY(std::isnan(sample.snappedAccuracy));

        frame.layers[0].representatives = {-1.0f, 0.5f}; // trajectory 1 ends, the others go on
        frame.layers[0].identity = {2, 0};
        const auto after = sampleOf(frame, false).layers[0].representatives;
        QCOMPARE(after.size(), std::size_t{3});
        QVERIFY(after[0] == 0.5f && std::isnan(after[1]) && after[2] == -1.0f);
    }
};

QTEST_APPLESS_MAIN(TstHistogram)
#include "tst_histogram.moc"
