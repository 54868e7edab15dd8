// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/sampleframes.h"
#include "widgets/models/layertablemodel.h"
#include "widgets/plots/binlayout.h"
#include "widgets/plots/histogramview.h"
#include "widgets/plots/trajectoryview.h"
#include <QSet>
#include <QTest>
#include <algorithm>
#include <cmath>

using namespace widgets;

namespace {

constexpr std::size_t kLayer = 2, kBegan = 40, kEndsAt = 30; // of 40 frames
const std::vector<std::size_t> kStay{2, 14, 26, 33, 39};     // places and trajectories alike

/// A run with more representatives than there are distinct colours for, of which one layer loses all but five.
support::SampleRun shrinkingRun()
{
    auto run = support::condense({.k = static_cast<int>(kBegan), .frames = 40});
    run.history = std::make_shared<engine::History>();
    for (std::size_t i = 0; i < run.frames.size(); ++i) {
        engine::Frame frame = *run.frames[i];
        engine::LayerFrame &layer = frame.layers[kLayer];
        for (std::size_t place = kBegan; i >= kEndsAt && place-- > 0;) {
            if (std::ranges::find(kStay, place) != kStay.end())
                continue;
            const auto at = static_cast<std::ptrdiff_t>(place);
            layer.representatives.erase(layer.representatives.begin() + at);
            layer.identity.erase(layer.identity.begin() + at);
            layer.occupancy.erase(layer.occupancy.begin() + at);
        }
        run.history->add(engine::sampleOf(frame, false));
        run.frames[i] = std::make_shared<const engine::Frame>(std::move(frame));
    }
    return run;
}

bool has(const QImage &image, const QColor &colour)
{
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            if (image.pixel(x, y) == colour.rgb())
                return true;
    return false;
}

} // namespace

/// What plots and tables make of a codebook that has fewer representatives than it began with.
class TstDroppedPlots : public QObject {
    Q_OBJECT

    support::SampleRun m_run = shrinkingRun();

    PlotData dataAt(std::size_t frame) const
    {
        return {m_run.description, m_run.frames[frame], m_run.history, engine::LayerId{static_cast<std::uint16_t>(kLayer)}};
    }
    static QImage picture(PlotView &view, const PlotData &data)
    {
        view.setTheme(PlotTheme::light());
        view.setData(data);
        view.resize(700, 420);
        view.show();
        const auto drawn = view.replotCount();
        view.refresh();
        return QTest::qWaitFor([&] { return view.replotCount() > drawn; }) ? view.grab().toImage() : QImage{};
    }

private Q_SLOTS:
    void cellsKeepTheirTrajectories()
    {
        const auto layout = layoutBins(m_run.last()->layers[kLayer]);
        QCOMPARE(layout.cells.size(), kStay.size());
        QCOMPARE(layout.trajectories, kBegan);
        for (std::size_t j = 0; j < kStay.size(); ++j)
            QCOMPARE(layout.cells[j].identity, kStay[j]);
    }

    void theHistogramKeepsItsColours()
    {
        HistogramView view;
        const auto last = PlotTheme::light().representative(kBegan - 1, kBegan);
        QVERIFY(has(picture(view, dataAt(kEndsAt - 1)), last));
        const QImage after = picture(view, dataAt(kEndsAt));
        QVERIFY(has(after, last));
        QVERIFY(
            !has(after, PlotTheme::light().representative(kBegan - 1, kStay.size()))); // its colour if it were one of five from the start
        const auto table = view.table();
        QCOMPARE(table.columns[3].values.size(), static_cast<qsizetype>(kStay.size()));
        QCOMPARE(table.columns[5].values, QList<double>(kStay.begin(), kStay.end()));
    }

    void aDroppedTrajectoryEnds()
    {
        TrajectoryView view;
        const QImage image = picture(view, dataAt(m_run.frames.size() - 1));
        QVERIFY(!image.isNull());
        const auto table = view.table();
        QCOMPARE(table.columns.size(), static_cast<qsizetype>(2 + kBegan));
        for (std::size_t row = 0; row < m_run.frames.size(); ++row) {
            const auto at = static_cast<qsizetype>(row);
            QCOMPARE(std::isnan(table.columns[2].values[at]), row >= kEndsAt); // trajectory 0
            QVERIFY(!std::isnan(table.columns[4].values[at]));                 // trajectory 2
        }
        const auto rows = table.csv().split('\n');
        QVERIFY(rows[static_cast<qsizetype>(kEndsAt)].count(",,") == 0 &&
                rows[static_cast<qsizetype>(kEndsAt) + 1].count(",,") > 0); // after the heading
        // Behind the end, where the pointer is nearest to a trajectory that has ended, one that goes on is named.
        QSet<QString> named;
        for (int y = 0; y < view.height(); ++y) {
            const auto text = view.readoutAt({0.8 * view.width(), static_cast<double>(y)});
            if (const auto place = text.indexOf(QStringLiteral("(trajectory ")); place >= 0)
                named << text.mid(place + 12).chopped(1);
        }
        QSet<QString> expected;
        for (const auto trajectory : kStay)
            expected << QString::number(trajectory);
        QCOMPARE(named, expected);
    }

    void theTableOfLayersCountsWhatIsLeft()
    {
        RunModel run;
        ParameterModel parameters;
        LayerTableModel table{run, parameters};
        run.apply(engine::Prepared{m_run.description, nullptr});
        run.setFrame(m_run.last());
        table.refresh(RunModel::Everything);
        QCOMPARE(table.index(static_cast<int>(kLayer), LayerTableModel::K).data().toInt(), static_cast<int>(kStay.size()));
        QCOMPARE(table.index(0, LayerTableModel::K).data().toInt(), static_cast<int>(kBegan));
    }
};

QTEST_MAIN(TstDroppedPlots)
#include "tst_droppedplots.moc"
