// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/sampleframes.h"
#include "widgets/plots/binlayout.h"
#include "widgets/plots/curveslayout.h"
#include "widgets/plots/datatable.h"
#include "widgets/plots/densitygrid.h"
#include "widgets/plots/labels.h"
#include "widgets/plots/stageborders.h"
#include "widgets/plots/thinning.h"
#include "widgets/plots/tradeofflayout.h"
#include <QTest>
#include <cmath>
#include <limits>
#include <numeric>

using namespace widgets;

namespace {

engine::Sample sampleAt(std::uint64_t step, engine::Stage stage, double latent, double snapped)
{
    engine::Sample sample;
    sample.step = engine::Step{step};
    sample.stage = stage;
    sample.latentAccuracy = latent;
    sample.snappedAccuracy = snapped;
    sample.entropyRatio = 17;
    sample.fixedRatio = 16;
    return sample;
}

/// A layer whose weights all lie in one bin of its density.
engine::Sample densityAt(std::uint64_t step, float low, float high, std::size_t bin)
{
    auto sample = sampleAt(step, engine::Stage::Cluster, engine::kNotMeasured, engine::kNotMeasured);
    engine::LayerSample layer;
    layer.representatives = {0.0F};
    layer.densityLow = low;
    layer.densityHigh = high;
    layer.density.assign(engine::kDensityBins, 0);
    layer.density[bin] = 1000;
    sample.layers.push_back(std::move(layer));
    return sample;
}

double columnSum(const DensityGrid &grid, int column)
{
    double sum = 0;
    for (int row = 0; row < DensityGrid::kRows; ++row)
        sum += grid.share(column, row);
    return sum;
}

} // namespace

class TstPlotLayouts : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void binsOfACondensedLayer()
    {
        const auto run = support::condense({.k = 4, .frames = 30});
        const auto &frame = run.last()->layers[2];
        const auto layout = layoutBins(frame);
        QCOMPARE(layout.keys.size(), frame.histogram.counts.size() + 2);
        QCOMPARE(std::accumulate(layout.counts.begin(), layout.counts.end(), 0.0),
                 static_cast<double>(run.description->layers[2].weightCount));
        QCOMPARE(layout.cells.size(), std::size_t{4});
        double shares = 0;
        for (std::size_t j = 0; j < layout.cells.size(); ++j) {
            const auto &cell = layout.cells[j];
            shares += cell.share;
            QVERIFY(cell.low < cell.representative && cell.representative < cell.high);
            QVERIFY(cell.representative > layout.valueLow && cell.representative < layout.valueHigh);
            if (j > 0)
                QCOMPARE(cell.low, 0.5 * (layout.cells[j - 1].representative + cell.representative));
        }
        QVERIFY(std::abs(shares - 1) < 1e-12);
        QVERIFY(std::isinf(layout.cells.front().low) && std::isinf(layout.cells.back().high));
    }

    void emptyFrameHasUsableAxes()
    {
        const auto layout = layoutBins({});
        QVERIFY(layout.valueLow < layout.valueHigh);
        QVERIFY(layout.countHigh > 1 && layout.occupancyHigh > 1);
        QCOMPARE(layout.cellAt(0), nullptr);
    }

    void collapsedLayerHasUsableAxes()
    {
        engine::LayerFrame frame;
        frame.representatives = {0.25F};
        frame.occupancy = {100};
        frame.histogram = engine::countHistogram(std::vector<float>(100, 0.25F), -1, 1, 64);
        const auto layout = layoutBins(frame);
        QVERIFY(layout.valueLow < 0.25 && layout.valueHigh > 0.25);
        QVERIFY(layout.valueHigh - layout.valueLow <= 0.4); // zoomed in on what is there
    }

    void tieGoesToTheLowerCell_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<double>("representative");
        QTest::newRow("far below") << -9.0 << 0.0;
        QTest::newRow("a tie goes low") << 0.5 << 0.0;
        QTest::newRow("just above the tie") << 0.5001 << 1.0;
        QTest::newRow("far above") << 99.0 << 1.0;
    }
    void tieGoesToTheLowerCell()
    {
        QFETCH(double, value);
        QFETCH(double, representative);
        engine::LayerFrame frame;
        frame.representatives = {0.0F, 1.0F};
        frame.occupancy = {3, 1};
        QCOMPARE(layoutBins(frame).cellAt(value)->representative, representative);
    }

    void gridKeepsMassAcrossRanges()
    {
        engine::History history;
        history.add(densityAt(10, -1, 1, 64));   // weights at 0 … 1/64
        history.add(densityAt(500, -2, 2, 64));  // at 0 … 1/32
        history.add(densityAt(1000, -2, 2, 127)); // the last bin below 2
        DensityGrid grid;
        QVERIFY(grid.update(history, engine::LayerId{0}));
        QCOMPARE(grid.valueLow(), -2.0);
        QCOMPARE(grid.valueHigh(), 2.0);
        for (int column = 0; column < grid.columnsFilled(); ++column)
            QVERIFY2(std::abs(columnSum(grid, column) - 1) < 1e-5, qPrintable(QString::number(column)));
        const int first = 0, last = grid.columnsFilled() - 1;
        QVERIFY(grid.share(first, DensityGrid::kRows / 2) > 0.5F); // row 100 covers 0 … 0.02
        QVERIFY(grid.share(last, DensityGrid::kRows - 1) > 0.5F);
        QVERIFY(!grid.update(history, engine::LayerId{0})); // nothing new
    }

    void gridGrowsAsTheHistoryDoes()
    {
        const auto run = support::condense({.k = 4, .frames = 100});
        engine::History growing;
        DensityGrid step, whole;
        for (const auto &sample : run.history->samples()) {
            growing.add(sample);
            QVERIFY(step.update(growing, engine::LayerId{1}));
        }
        QVERIFY2(step.rebuilds() < 45, qPrintable(QString::number(step.rebuilds())));
        whole.update(*run.history, engine::LayerId{1});
        QCOMPARE(whole.rebuilds(), 1);
        // The same picture but for the columns' width: compare the newest density by value.
        const auto mean = [](const DensityGrid &grid) {
            double sum = 0;
            for (int row = 0; row < DensityGrid::kRows; ++row)
                sum += grid.share(grid.columnsFilled() - 1, row)
                       * (grid.valueLow() + (row + 0.5) * (grid.valueHigh() - grid.valueLow()) / DensityGrid::kRows);
            return sum;
        };
        QVERIFY(std::abs(mean(step) - mean(whole)) < 0.01);
        QVERIFY(step.update(growing, engine::LayerId{2})); // another layer: anew
    }

    void gridStartsOverWhenTheHistoryThins()
    {
        engine::History history{8};
        DensityGrid grid;
        for (std::uint64_t step = 1; step <= 40; ++step) {
            history.add(densityAt(step, -1, 1, 64));
            grid.update(history, engine::LayerId{0});
            for (int column = 0; column < grid.columnsFilled(); ++column)
                QVERIFY(std::abs(columnSum(grid, column) - 1) < 1e-5);
        }
        QVERIFY(history.revision() > 0);
        grid.update(engine::History{}, engine::LayerId{0});
        QVERIFY(grid.empty());
    }

    void tradeoffBeforeAnyMeasure()
    {
        const auto layout = layoutTradeoff(engine::History{}, Coding::Entropy, {});
        QVERIFY(!layout.now() && !layout.baseline);
        QCOMPARE(layout.accuracyLow, 0.0);
        QCOMPARE(layout.accuracyHigh, 1.0);
    }

    void tradeoffFollowsTheRun()
    {
        engine::History history;
        history.add(sampleAt(1, engine::Stage::Warmup, 0.80, 0.30));
        history.add(sampleAt(2, engine::Stage::Warmup, 0.85, 0.40));
        auto layout = layoutTradeoff(history, Coding::Entropy, {});
        QVERIFY(layout.preview);
        QCOMPARE(*layout.baseline, 0.85);
        history.add(sampleAt(3, engine::Stage::Cluster, 0.60, 0.70));
        history.add(sampleAt(4, engine::Stage::Cluster, engine::kNotMeasured, engine::kNotMeasured));
        layout = layoutTradeoff(history, Coding::Fixed, {});
        QVERIFY(!layout.preview);
        QCOMPARE(layout.trail.size(), std::size_t{1});
        QCOMPARE(layout.now()->ratio, 16.0);
        QCOMPARE(layout.now()->accuracy, 0.70);
        QCOMPARE(*layout.baseline, 0.85); // of warm-up, not of now
        QVERIFY(layout.accuracyLow < 0.70 && layout.accuracyHigh > 0.85);
        QCOMPARE(*layoutTradeoff(history, Coding::Fixed, 0.9).baseline, 0.9);
        QCOMPARE(layoutTradeoff(history, Coding::Entropy, {}).now()->ratio, 17.0);
    }

    void curvesKeepTheirNumbers()
    {
        engine::History history;
        for (std::uint64_t step = 1; step <= 100; ++step) {
            auto sample = sampleAt(step, engine::Stage::Cluster, step % 10 ? engine::kNotMeasured : 0.5, 0.4);
            sample.taskLoss = step == 50 ? 1000 : 2; // one spike
            sample.wholeValidation = step == 100;
            history.add(sample);
        }
        const auto curves = layoutCurves(history);
        QCOMPARE(curves.task.values.size(), std::size_t{100});
        QCOMPARE(curves.latent.values.size(), std::size_t{10});
        QCOMPARE(curves.latentWhole.steps, std::vector<double>{100.0});
        QCOMPARE(curves.latentWhole.values, std::vector<double>{50.0});
        QCOMPARE(curves.taskHigh, 3.0); // the spike is cut, not the curve flattened
        QCOMPARE(curves.stepHigh, 100.0);
    }

    void curvesShowThePeakOfAShortRun()
    {
        engine::History history;
        for (std::uint64_t step = 1; step <= 5; ++step) {
            auto sample = sampleAt(step, engine::Stage::Cluster, engine::kNotMeasured, 0.4);
            sample.regularizerLoss = step == 4 ? 2.5 : 0.1;
            history.add(sample);
        }
        QCOMPARE(layoutCurves(history).regularizerHigh, 3.0);
    }

    void smoothingKeepsAConstantAndSkipsGaps()
    {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        const auto result = smoothed({{1, 5, 6, 90}, {3, 3, nan, 3}}, 10);
        QCOMPARE(result.steps, (std::vector<double>{1, 5, 90}));
        for (const double value : result.values)
            QVERIFY(std::abs(value - 3) < 1e-12);
        const auto jump = smoothed({{0, 1, 100}, {0, 0, 1}}, 10); // long after, the old value is forgotten
        QVERIFY(jump.values.back() > 0.99);
    }

    void thinningKeepsSpikesAndEnds()
    {
        Series noisy;
        for (int i = 0; i < 5000; ++i) {
            noisy.steps.push_back(i);
            noisy.values.push_back(i == 1234 ? 99 : i == 4321 ? -99 : i % 7);
        }
        const auto few = thinned(noisy, 0, 5000, 100);
        QVERIFY(few.steps.size() <= 201);
        QVERIFY(std::ranges::is_sorted(few.steps));
        QCOMPARE(*std::ranges::max_element(few.values), 99.0);
        QCOMPARE(*std::ranges::min_element(few.values), -99.0);
        QCOMPARE(few.steps.back(), 4999.0);
        const auto zoomed = thinned(noisy, 1200, 1260, 100); // all of what can be seen, and the neighbours outside
        QCOMPARE(zoomed.steps.size(), std::size_t{63});
        QCOMPARE(zoomed.steps.front(), 1199.0);
        QVERIFY(thinned({}, 0, 1, 5).steps.empty());

        const auto places = evenPlaces(noisy.steps, 0, 5000, 50);
        QCOMPARE(places.size(), std::size_t{50});
        QCOMPARE(places.front(), std::size_t{0});
        QCOMPARE(places.back(), std::size_t{4999});
        QCOMPARE(evenPlaces(noisy.steps, 10, 12, 50), (std::vector<std::size_t>{9, 10, 11, 12, 13}));
        QVERIFY(evenPlaces({}, 0, 1, 50).empty());
    }

    void stagesOfARun()
    {
        engine::History history;
        history.add(sampleAt(5, engine::Stage::Warmup, 0, 0));
        history.add(sampleAt(10, engine::Stage::Warmup, 0, 0));
        history.add(sampleAt(15, engine::Stage::Cluster, 0, 0));
        history.add(sampleAt(30, engine::Stage::Commit, 0, 0));
        const auto spans = stageSpans(history);
        QCOMPARE(spans.size(), std::size_t{3});
        QCOMPARE(spans[0].from, 0.0);
        QCOMPARE(spans[0].to, 15.0);
        QCOMPARE(spans[1].to, 30.0);
        QCOMPARE(spans[2].from, 30.0);
        QVERIFY(stageSpans(engine::History{}).empty());
    }

    void labelsNeverOverlap_data()
    {
        QTest::addColumn<int>("count");
        QTest::addColumn<double>("distance");
        QTest::addColumn<int>("least"); // shown at least
        QTest::newRow("none") << 0 << 0.0 << 0;
        QTest::newRow("one") << 1 << 0.0 << 1;
        QTest::newRow("all fit") << 5 << 50.0 << 5;
        QTest::newRow("crowded") << 256 << 3.0 << 30;
        QTest::newRow("all at one place") << 16 << 0.0 << 1;
    }
    void labelsNeverOverlap()
    {
        QFETCH(int, count);
        QFETCH(double, distance);
        QFETCH(int, least);
        std::vector<LabelSpan> spans;
        for (int i = 0; i < count; ++i)
            spans.push_back({i * distance, 16});
        const auto shown = chooseLabels(spans, 4);
        double end = -1e9;
        int seen = 0;
        for (std::size_t i = 0; i < spans.size(); ++i) {
            if (!shown[i])
                continue;
            QVERIFY(spans[i].centre - 8 >= end + 4 || seen == 0);
            end = spans[i].centre + 8;
            ++seen;
        }
        QVERIFY2(seen >= least, qPrintable(QString::number(seen)));
        if (count > 1 && distance * (count - 1) > 20)
            QVERIFY(shown.front() && shown.back());
    }

    void aMarkerAtFullAccuracyIsWhole()
    {
        engine::History history;
        engine::Sample sample;
        sample.stage = engine::Stage::Cluster;
        sample.snappedAccuracy = 1.0;
        sample.entropyRatio = 16;
        history.add(sample);
        const auto layout = layoutTradeoff(history, Coding::Entropy, std::nullopt);
        QVERIFY(layout.accuracyHigh > 1.0 && layout.accuracyHigh < 1.02);
    }

    void labelsMoveAsideNoFurtherThanTheyMust()
    {
        const std::vector<LabelSpan> free{{20, 10}, {50, 10}}, crowded{{48, 20}, {52, 20}, {90, 20}}, atEdge{{2, 20}, {60, 20}};
        QCOMPARE(*spreadLabels(free, 4, 0, 100), (std::vector<double>{20, 50}));
        QCOMPARE(*spreadLabels(crowded, 4, 0, 100), (std::vector<double>{38, 62, 90})); // the two give way alike
        QCOMPARE(*spreadLabels(atEdge, 4, 0, 100), (std::vector<double>{10, 60}));
        QCOMPARE(*spreadLabels({}, 4, 0, 100), std::vector<double>{});
        QVERIFY(!spreadLabels(crowded, 4, 0, 60)); // no room
        const std::vector<LabelSpan> heap(5, LabelSpan{100, 20});
        QVERIFY(!spreadLabels(heap, 4, 0, 1000)); // the outer ones would stand elsewhere
    }

    void words()
    {
        QCOMPARE(representativeName(0), QStringLiteral("r₁"));
        QCOMPARE(representativeName(255), QStringLiteral("r₂₅₆"));
        QCOMPARE(groupedDigits(999), QStringLiteral("999"));
        QCOMPARE(groupedDigits(1234567), QStringLiteral("1\u202F234\u202F567"));
        QCOMPARE(percentText(0.2345), QStringLiteral("23.4\u202F%").replace("23.4", QString::number(23.45, 'f', 1)));
        QCOMPARE(percentText(0.0001), QStringLiteral("<0.1\u202F%"));
        QCOMPARE(percentText(0), QStringLiteral("0.0\u202F%"));
    }

    void csvFollowsTheRfc()
    {
        const double third = 1.0 / 3, nan = std::numeric_limits<double>::quiet_NaN();
        const DataTable table{{{"step", {1, 2, 3}}, {"loss, \"task\" (nat)", {third, nan, 1e-300}}, {"short", {-1e9}}}};
        const QByteArrayList lines = table.csv().split('\n');
        QCOMPARE(lines[0], QByteArray("step,\"loss, \"\"task\"\" (nat)\",short\r"));
        QCOMPARE(lines[2], QByteArray("2,,\r"));
        QCOMPARE(lines[1].split(',')[1].toDouble(), third); // full precision
        QCOMPARE(lines[3].split(',')[1].toDouble(), 1e-300);
        QVERIFY(table.csv().endsWith("\r\n"));
        QCOMPARE(table.tabbed().split('\n')[0], QByteArray("step\tloss, \"task\" (nat)\tshort"));
    }
};

QTEST_APPLESS_MAIN(TstPlotLayouts)
#include "tst_plotlayouts.moc"
