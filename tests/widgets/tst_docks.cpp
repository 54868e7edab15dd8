// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/sampleframes.h"
#include "widgets/docks/emptyhint.h"
#include "widgets/docks/layerdock.h"
#include "widgets/docks/logslider.h"
#include "widgets/docks/messagebar.h"
#include "widgets/docks/plotdock.h"
#include "widgets/docks/runcontrols.h"
#include "widgets/docks/runstatus.h"
#include "widgets/docks/stagestrip.h"
#include "widgets/models/layertablemodel.h"
#include "widgets/models/parametermodel.h"
#include "widgets/plots/histogramview.h"
#include "widgets/plots/trajectoryview.h"
#include <QLabel>
#include <QMainWindow>
#include <QScrollBar>
#include <QProgressBar>
#include <QStatusBar>
#include <QTableView>
#include <QTest>
#include <QToolButton>

using widgets::MessageBar;
using widgets::PlotDock;
using widgets::RunModel;

class TstDocks : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_sample = support::condense({.frames = 60}); }
    void hiddenDocksCostNothing();
    void tabbedAwayDocksCostNothing();
    void theTableSelectsTheLayerOfThePlots();
    void floatRowsAreNotChosen();
    void emptyTablesSayWhatWillBeThere();
    void aNarrowTableShowsAllColumns();
    void sliderTicksAreSeen_data();
    void sliderTicksAreSeen();
    void controlsShowStageAndProgress();
    void theStatusExplainsItself();
    void messagesQueueAndDismiss();

private:
    void prepare(RunModel &run) const
    {
        run.reset(widgets::RunState::Preparing);
        run.apply(engine::Prepared{m_sample.description, nullptr});
        run.setFrame(m_sample.frames.front());
        run.flush();
    }
    support::SampleRun m_sample;
};

void TstDocks::hiddenDocksCostNothing()
{
    RunModel run;
    QMainWindow window;
    auto *dock = new PlotDock{QStringLiteral("plot"), QStringLiteral("Plot"), run, new widgets::HistogramView};
    window.addDockWidget(Qt::LeftDockWidgetArea, dock);
    window.resize(500, 400);
    window.show();
    prepare(run);
    QTRY_VERIFY(dock->view().replotCount() > 0);
    dock->hide();
    QCoreApplication::processEvents();
    const auto drawn = dock->view().replotCount();
    const auto refreshed = dock->refreshCount();
    for (const auto &frame : m_sample.frames) {
        run.setFrame(frame);
        run.flush();
        QCoreApplication::processEvents();
    }
    QCOMPARE(dock->view().replotCount(), drawn);
    QCOMPARE(dock->refreshCount(), refreshed);
    dock->show();
    QTRY_VERIFY(dock->view().replotCount() > drawn);
    QCOMPARE(dock->refreshCount(), refreshed + 1); // catches up at once, with the newest
    QCOMPARE(dock->view().data().frame, m_sample.last());
}

void TstDocks::tabbedAwayDocksCostNothing()
{
    RunModel run;
    QMainWindow window;
    auto *front = new PlotDock{QStringLiteral("a"), QStringLiteral("A"), run, new widgets::HistogramView};
    auto *back = new PlotDock{QStringLiteral("b"), QStringLiteral("B"), run, new widgets::TrajectoryView};
    window.addDockWidget(Qt::LeftDockWidgetArea, back);
    window.tabifyDockWidget(back, front);
    window.resize(500, 400);
    window.show();
    front->raise();
    QCoreApplication::processEvents();
    const auto empty = back->view().replotCount(); // it may have been in front for a moment
    prepare(run);
    QTRY_COMPARE(front->view().data().frame, m_sample.frames.front());
    QCoreApplication::processEvents();
    QCOMPARE(back->view().replotCount(), empty);
    back->raise();
    QTRY_VERIFY(back->view().replotCount() > empty);
}

void TstDocks::theTableSelectsTheLayerOfThePlots()
{
    RunModel run;
    widgets::ParameterModel parameters;
    QMainWindow window;
    auto *layers = new widgets::LayerDock{run, parameters};
    auto *plot = new PlotDock{QStringLiteral("plot"), QStringLiteral("Plot"), run, new widgets::HistogramView};
    window.addDockWidget(Qt::LeftDockWidgetArea, layers);
    window.addDockWidget(Qt::RightDockWidgetArea, plot);
    window.resize(1000, 400);
    window.show();
    prepare(run);
    QTRY_COMPARE(layers->table().model()->rowCount(), 5);
    QCOMPARE(layers->table().currentIndex().row(), static_cast<int>(index(run.selectedLayer()))); // no float ones before it
    const auto row = layers->table().visualRect(layers->table().model()->index(2, 0));
    QTest::mouseClick(layers->table().viewport(), Qt::LeftButton, {}, row.center());
    QCOMPARE(index(plot->view().data().layer), std::size_t{2});
    QTest::keyClick(&layers->table(), Qt::Key_Down);
    QCOMPARE(index(plot->view().data().layer), std::size_t{3});
    QVERIFY(plot->view().subject().contains(QStringLiteral("classifier.2")));
}

/// Neither by the mouse nor by keys; the plots keep the layer that they show.
void TstDocks::floatRowsAreNotChosen()
{
    RunModel run;
    widgets::ParameterModel parameters;
    QMainWindow window;
    auto *layers = new widgets::LayerDock{run, parameters};
    window.addDockWidget(Qt::LeftDockWidgetArea, layers);
    window.resize(900, 400);
    window.show();
    auto description = *m_sample.description;
    description.floatLayers = {{.info = {.name = "stem", .kind = "conv", .shape = {5, 2, 1, 1}, .weightCount = 10}, .quantizedBefore = 2}};
    run.reset(widgets::RunState::Preparing);
    run.apply(engine::Prepared{std::make_shared<engine::RunDescription>(description), nullptr});
    run.setFrame(m_sample.last());
    run.flush();
    auto &table = layers->table();
    QTRY_COMPARE(table.model()->rowCount(), 6);
    const auto choose = [&](int row) {
        QTest::mouseClick(table.viewport(), Qt::LeftButton, {}, table.visualRect(table.model()->index(row, 0)).center());
    };
    choose(1);
    QCOMPARE(index(run.selectedLayer()), std::size_t{1});
    choose(2);
    QCOMPARE(index(run.selectedLayer()), std::size_t{1});
    QCOMPARE(table.currentIndex().row(), 1);
    QTest::keyClick(&table, Qt::Key_Down);
    QCOMPARE(table.currentIndex().row(), 3);
    QCOMPARE(index(run.selectedLayer()), std::size_t{2});
    QCOMPARE(table.columnSpan(2, widgets::LayerTableModel::K), widgets::LayerTableModel::Entropy - widgets::LayerTableModel::K);
    QCOMPARE(table.columnSpan(1, widgets::LayerTableModel::K), 1);
}

void TstDocks::emptyTablesSayWhatWillBeThere()
{
    RunModel run;
    widgets::ParameterModel parameters;
    QMainWindow window;
    auto *layers = new widgets::LayerDock{run, parameters};
    window.addDockWidget(Qt::LeftDockWidgetArea, layers);
    window.resize(700, 300);
    window.show();
    auto *hint = layers->table().findChild<widgets::EmptyHint *>();
    QVERIFY(hint && hint->isVisible() && hint->text().contains("press Run"));
    QTRY_VERIFY(hint->width() > layers->table().viewport()->width() / 2);
    prepare(run);
    QTRY_VERIFY(!hint->isVisible());
    run.reset(widgets::RunState::Idle);
    QTRY_VERIFY(hint->isVisible());
}

void TstDocks::aNarrowTableShowsAllColumns()
{
    RunModel run;
    widgets::ParameterModel parameters;
    QMainWindow window;
    auto *layers = new widgets::LayerDock{run, parameters};
    window.addDockWidget(Qt::LeftDockWidgetArea, layers);
    window.resize(645, 180); // what a window of 1024 × 700 leaves
    window.show();
    prepare(run);
    auto &table = layers->table();
    QTRY_COMPARE(table.model()->rowCount(), 5);
    QTRY_COMPARE(table.horizontalScrollBar()->maximum(), 0);
    for (const int column : {widgets::LayerTableModel::Loss, widgets::LayerTableModel::Entropy, widgets::LayerTableModel::Share}) {
        const auto cell = table.visualRect(table.model()->index(0, column));
        QVERIFY(table.viewport()->rect().contains(cell.adjusted(0, 0, -1, -1)));
        QVERIFY(cell.width() >= table.fontMetrics().horizontalAdvance(QStringLiteral("0.0000")));
    }
}

void TstDocks::sliderTicksAreSeen_data()
{
    QTest::addColumn<QColor>("window");
    QTest::newRow("light") << QColor{240, 240, 240};
    QTest::newRow("dark") << QColor{35, 38, 45};
}

void TstDocks::sliderTicksAreSeen()
{
    QFETCH(QColor, window);
    widgets::LogSlider slider{engine::RealRange{.initial = 1, .min = 0, .max = 100, .logarithmic = true}};
    slider.setPalette(QPalette{window, window});
    slider.resize(160, slider.sizeHint().height());
    const auto picture = slider.grab().toImage();
    int seen = 0;
    for (int x = 0; x < picture.width(); ++x)
        seen += std::abs(picture.pixelColor(x, picture.height() - 2).lightness() - window.lightness()) > 60;
    QCOMPARE(seen, (slider.maximum() - slider.minimum()) / slider.tickInterval() + 1);
}

void TstDocks::controlsShowStageAndProgress()
{
    RunModel run;
    widgets::RunControls controls{run, {}};
    auto *strip = controls.findChild<widgets::StageStrip *>();
    auto *progress = controls.findChild<QProgressBar *>();
    controls.show();
    run.reset(widgets::RunState::Preparing);
    QCOMPARE(progress->maximum(), 0); // busy
    prepare(run);
    run.setFrame(m_sample.frames[29]); // half way: warm-up takes 3 epochs of 9, cluster 5
    run.flush();
    QCOMPARE(progress->value(), 500);
    QCOMPARE(strip->current(), engine::Stage::Cluster);
    QCOMPARE(strip->done(engine::Stage::Warmup), 1.0);
    QCOMPARE(strip->done(engine::Stage::Cluster), 0.3);
    QCOMPARE(strip->done(engine::Stage::Commit), 0.0);
    QVERIFY(controls.findChild<QLabel *>(QStringLiteral("pace"))->text().contains(QStringLiteral("images/s")));
}

void TstDocks::theStatusExplainsItself()
{
    RunModel run;
    QStatusBar bar;
    const widgets::RunStatus status{run, bar};
    auto frame = *m_sample.last();
    frame.waitingShare = 0.00123;
    frame.measuringShare = 0.0456;
    prepare(run);
    run.setFrame(std::make_shared<engine::Frame>(frame));
    run.flush();
    const auto &waiting = *bar.findChild<QLabel *>(QStringLiteral("statusWaiting"));
    const auto &measuring = *bar.findChild<QLabel *>(QStringLiteral("statusMeasuring"));
    QVERIFY2(waiting.text().contains(QStringLiteral("0.12 %")), qPrintable(waiting.text()));
    QVERIFY2(measuring.text().contains(QStringLiteral("4.6 %")), qPrintable(measuring.text()));
    for (const auto *word : {"histograms", "validation", "frames"})
        QVERIFY2(measuring.toolTip().contains(QLatin1String{word}), word);
    QVERIFY(waiting.toolTip().contains(QStringLiteral("minibatches")));
}

void TstDocks::messagesQueueAndDismiss()
{
    MessageBar bar;
    QVERIFY(bar.isHidden());
    bar.show(MessageBar::Severity::Warning, QStringLiteral("first"));
    bar.show(MessageBar::Severity::Error, QStringLiteral("second"));
    bar.show(MessageBar::Severity::Warning, QStringLiteral("first")); // again: no copy
    QCOMPARE(bar.count(), 2);
    QCOMPARE(bar.text(), QStringLiteral("first"));
    QTest::mouseClick(bar.findChild<QToolButton *>(QStringLiteral("messageDismiss")), Qt::LeftButton);
    QCOMPARE(bar.text(), QStringLiteral("second"));
    bar.dismiss();
    QVERIFY(bar.isHidden());
}

QTEST_MAIN(TstDocks)
#include "tst_docks.moc"
