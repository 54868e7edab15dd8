// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/sampleframes.h"
#include "widgets/plots/export.h"
#include "widgets/plots/labels.h"
#include "widgets/plots/tradeoffview.h"
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>

using namespace widgets;

namespace {

constexpr int kNumbers[] = {2, 3, 4, 6, 8, 16, 32, 64, 128, 256};

/// Of a network of 60,000 weights: the larger k, the better and the larger.
PostTrainingCurves sampleCurves(double atTwo = 0.3, double reestimatedGain = 0)
{
    PostTrainingCurves curves{.step = engine::Step{1200}, .curves = {}, .expected = 0};
    double handicap = 0;
    for (const char *method : {"uniform", "kmeans", "probabilistic", "entropy-constrained"}) {
        for (const int k : kNumbers) {
            const double bits = std::log2(k), accuracy = 0.9 - (0.9 - atTwo) / (bits * bits) - handicap;
            curves.add(QString::fromLatin1(method), {.k = k,
                                                     .accuracy = accuracy,
                                                     .reestimatedAccuracy = accuracy + reestimatedGain,
                                                     .floatBytes = 240000,
                                                     .fixedBytes = 7500 * std::ceil(bits) + 1000,
                                                     .entropyBytes = 7500 * bits * 0.9 + 1000});
        }
        handicap += 0.004;
    }
    return curves;
}

engine::History historyBetween(double low, double high)
{
    engine::History history;
    for (std::uint64_t step = 1; step <= 20; ++step) {
        engine::Sample sample;
        sample.step = engine::Step{step * 100};
        sample.stage = engine::Stage::Cluster;
        sample.snappedAccuracy = std::lerp(low, high, static_cast<double>(step - 1) / 19);
        sample.entropyRatio = 16;
        sample.fixedRatio = 15;
        history.add(sample);
    }
    return history;
}

bool has(const QImage &image, const QColor &colour)
{
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            if (image.pixel(x, y) == colour.rgb())
                return true;
    return false;
}

/// Everything the readout says anywhere in the view.
QString readouts(const PlotView &view)
{
    QStringList all;
    for (int x = 0; x < view.width(); x += 4)
        for (int y = 0; y < view.height(); y += 4)
            all << view.readoutAt({static_cast<double>(x), static_cast<double>(y)});
    all.removeDuplicates();
    return all.join(QLatin1Char('\n'));
}

} // namespace

/// The trade-off with curves of post-training quantizers.
class TstPostTrainingCurves : public QObject {
    Q_OBJECT

    support::SampleRun m_run = support::condense({.k = 4, .frames = 60});

    void show(TradeoffView &view, QSize size) const
    {
        view.setTheme(PlotTheme::light());
        view.setData({m_run.description, m_run.last(), m_run.history, engine::LayerId{0}});
        view.resize(size);
        view.show();
        QTRY_VERIFY(view.replotCount() > 0);
    }
    static void redraw(TradeoffView &view)
    {
        const auto before = view.replotCount();
        view.refresh();
        QTRY_VERIFY(view.replotCount() > before);
    }
    /// Names in the legend while that is shown.
    static int legendEntries(const TradeoffView &view)
    {
        int entries = 0;
        for (const auto *part : view.findChildren<QObject *>())
            entries += part->inherits("QCPPlottableLegendItem") && part->property("visible").toBool();
        for (const auto *part : view.findChildren<QObject *>())
            if (part->inherits("QCPLegend") && !part->property("visible").toBool())
                return 0;
        return entries;
    }

private Q_SLOTS:
    void growsPointByPoint()
    {
        PostTrainingCurves curves;
        QVERIFY(curves.empty());
        curves.add(QStringLiteral("kmeans"), {.k = 2});
        curves.add(QStringLiteral("uniform"), {.k = 2});
        curves.add(QStringLiteral("kmeans"), {.k = 4});
        QCOMPARE(curves.measured(), 3);
        QCOMPARE(curves.curves.size(), std::size_t{2});
        QCOMPARE(curves.curves[0].points[1].k, 4);
        QCOMPARE(curves.curves[0].name(), QStringLiteral("k-means"));
    }

    void theRunKeepsHalfOfTheHeight_data()
    {
        QTest::addColumn<double>("low"); // of the run
        QTest::addColumn<double>("atTwo"); // of the curves, k = 2
        QTest::addColumn<bool>("showsAll");
        QTest::newRow("a curve far below") << 0.87 << 0.1 << false;
        QTest::newRow("a curve just below") << 0.7 << 0.62 << true;
        QTest::newRow("a curve within") << 0.2 << 0.5 << true;
    }
    void theRunKeepsHalfOfTheHeight()
    {
        QFETCH(double, low);
        QFETCH(double, atTwo);
        QFETCH(bool, showsAll);
        const auto own = layoutTradeoff(historyBetween(low, 0.91), Coding::Entropy, 0.92);
        auto layout = own;
        addCurves(layout, sampleCurves(atTwo), Coding::Entropy, false);
        QVERIFY(layout.accuracyLow <= own.accuracyLow && layout.accuracyHigh >= own.accuracyHigh);
        QVERIFY(own.accuracyHigh - own.accuracyLow >= 0.499 * (layout.accuracyHigh - layout.accuracyLow));
        const auto &points = layout.curves[1].points;
        const auto seen =
            std::ranges::count_if(points, [&](const auto &p) { return p.accuracy > layout.accuracyLow && p.ratio < layout.ratioHigh; });
        QVERIFY(seen >= 6);
        QCOMPARE(static_cast<std::size_t>(seen) == points.size(), showsAll);
    }

    void theCurvesAreCountedAsTheRun()
    {
        TradeoffLayout entropy, fixed;
        const auto curves = sampleCurves(0.3, 0.05);
        addCurves(entropy, curves, Coding::Entropy, false);
        addCurves(fixed, curves, Coding::Fixed, true);
        for (std::size_t i = 0; i < std::size(kNumbers); ++i) {
            const auto &sample = curves.curves[2].points[i];
            const auto &one = entropy.curves[2].points[i], &other = fixed.curves[2].points[i];
            QCOMPARE(one.ratio, sample.floatBytes / sample.entropyBytes);
            QCOMPARE(one.accuracy, sample.accuracy);
            QCOMPARE(other.ratio, sample.floatBytes / sample.fixedBytes);
            QCOMPARE(other.accuracy, sample.reestimatedAccuracy);
        }
    }

    void areDrawnAndExplained()
    {
        TradeoffView view;
        show(view, {900, 640});
        const auto theme = PlotTheme::light();
        QVERIFY(!has(view.grab().toImage(), theme.cycle[3]));
        QCOMPARE(legendEntries(view), 0);
        view.setPostTraining(sampleCurves());
        redraw(view);
        const QImage drawn = view.grab().toImage();
        for (qsizetype curve = 0; curve < 4; ++curve)
            QVERIFY2(has(drawn, theme.cycle[2 + curve]), qPrintable(QString::number(curve)));
        QCOMPARE(legendEntries(view), 4);
        const auto said = readouts(view);
        for (const char *part : {"k-means, k = 8, weights of step ", "uniform, k = 256", "entropy-constrained, k = 3", "order-0 entropy",
                                 "bytes", "whole validation set"})
            QVERIFY2(said.contains(QString::fromUtf8(part)), qPrintable(said));
        QVERIFY(said.contains(groupedDigits(1200)));
        QVERIFY(!said.contains(QStringLiteral("batch-norm"))); // there is none
        QVERIFY(said.contains(QStringLiteral("snapped accuracy"))); // the run's own points
        view.setPostTraining({});
        redraw(view);
        QVERIFY(!has(view.grab().toImage(), theme.cycle[3]));
        QCOMPARE(legendEntries(view), 0);
    }

    void narrowViewsFoldOrDropTheLegend()
    {
        TradeoffView view;
        view.setPostTraining(sampleCurves());
        show(view, {360, 260});
        QCOMPARE(legendEntries(view), 4);
        view.resize(240, 160);
        redraw(view);
        QCOMPARE(legendEntries(view), 0);
        view.resize(900, 600);
        redraw(view);
        QCOMPARE(legendEntries(view), 4);
    }

    void batchNormReestimatedIfAskedFor()
    {
        TradeoffView view;
        view.setPostTraining(sampleCurves(0.5, 0.02));
        show(view, {900, 640});
        QVERIFY(readouts(view).contains(QStringLiteral("batch-norm as it is")));
        const double before = view.layout().curves[0].points[5].accuracy;
        view.setReestimated(true);
        redraw(view);
        QCOMPARE(view.layout().curves[0].points[5].accuracy, before + 0.02);
        QVERIFY(readouts(view).contains(QStringLiteral("batch-norm re-estimated")));
    }

    void exportsContainThem()
    {
        TradeoffView view;
        show(view, {700, 500});
        const auto columns = view.table().columns.size();
        view.setPostTraining(sampleCurves());
        const auto table = view.table();
        QCOMPARE(table.columns.size(), columns + 4 * 6);
        const auto column =
            std::ranges::find(table.columns, QStringLiteral("k-means: validation accuracy (0 to 1)"), &DataTable::Column::title);
        QVERIFY(column != table.columns.end());
        QCOMPARE(column->values.size(), static_cast<qsizetype>(std::size(kNumbers)));
        QCOMPARE(column->values[4], sampleCurves().curves[1].points[4].accuracy);
        const QTemporaryDir folder;
        const auto file = folder.filePath(QStringLiteral("tradeoff.png"));
        QVERIFY(exportPlot(view, file).has_value());
        const QImage figure{file};
        for (qsizetype curve = 0; curve < 4; ++curve)
            QVERIFY(has(figure, PlotTheme::light().cycle[2 + curve]));
    }

    void stayWhenTheRunGoesOn()
    {
        TradeoffView view;
        show(view, {700, 500});
        view.setPostTraining(sampleCurves());
        view.setFrame(m_run.frames[10]);
        view.refresh();
        redraw(view);
        QCOMPARE(view.layout().curves.size(), std::size_t{4});
    }
};

QTEST_MAIN(TstPostTrainingCurves)
#include "tst_posttrainingcurves.moc"
