// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/sampleframes.h"
#include "widgets/plots/curvesview.h"
#include "widgets/plots/histogramview.h"
#include "widgets/plots/tradeoffview.h"
#include "widgets/plots/trajectoryview.h"
#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QMenu>
#include <QRegularExpression>
#include <QSet>
#include <QSignalSpy>
#include <QTest>
#include <QTimer>
#include <QWheelEvent>
#include <algorithm>
#include <numeric>

using namespace widgets;

namespace {

using ViewMaker = std::unique_ptr<PlotView> (*)();

template <typename View>
std::unique_ptr<PlotView> made()
{
    return std::make_unique<View>();
}

void addViews()
{
    QTest::addColumn<ViewMaker>("make");
    QTest::newRow("histogram") << ViewMaker{made<HistogramView>};
    QTest::newRow("trajectories") << ViewMaker{made<TrajectoryView>};
    QTest::newRow("trade-off") << ViewMaker{made<TradeoffView>};
    QTest::newRow("curves") << ViewMaker{made<CurvesView>};
}

qsizetype colours(const QImage &image)
{
    QSet<QRgb> seen;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            seen << image.pixel(x, y);
    return seen.size();
}

/// Everything the readout says along a horizontal line through the view.
QStringList readouts(const PlotView &view, double height)
{
    QStringList all;
    for (int x = 0; x < view.width(); ++x)
        all << view.readoutAt({static_cast<double>(x), height * view.height()});
    all.removeAll(QString{});
    all.removeDuplicates();
    return all;
}

void wheel(QWidget &target, QPoint at)
{
    QWheelEvent event{at, target.mapToGlobal(at), {}, {0, 480}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false};
    QApplication::sendEvent(&target, &event);
}

} // namespace

Q_DECLARE_METATYPE(ViewMaker)

class TstPlots : public QObject {
    Q_OBJECT

    support::SampleRun m_run = support::condense({.k = 4, .frames = 60});
    support::SampleRun m_fine = support::condense({.k = 64, .frames = 20, .share = 0.7});

    static PlotData dataOf(const support::SampleRun &run, std::uint16_t layer = 2)
    {
        return {run.description, run.last(), run.history, engine::LayerId{layer}};
    }
    static bool drawn(PlotView &view, std::uint64_t after)
    {
        return QTest::qWaitFor([&] { return view.replotCount() > after; });
    }

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression{QStringLiteral("QCP|QCustomPlot|QPainter|QFont::")}); }

    void drawsAtEverySize_data()
    {
        QTest::addColumn<ViewMaker>("make");
        QTest::addColumn<QSize>("size");
        QTest::addColumn<bool>("dark");
        const std::pair<const char *, ViewMaker> views[] = {{"histogram", made<HistogramView>}, {"trajectories", made<TrajectoryView>},
                                                            {"trade-off", made<TradeoffView>}, {"curves", made<CurvesView>}};
        for (const auto &[name, make] : views)
            for (const QSize size : {QSize{240, 160}, QSize{600, 400}, QSize{3840, 2160}})
                for (const bool dark : {false, true})
                    QTest::addRow("%s %d %s", name, size.width(), dark ? "dark" : "light") << make << size << dark;
    }
    void drawsAtEverySize()
    {
        QFETCH(ViewMaker, make);
        QFETCH(QSize, size);
        QFETCH(bool, dark);
        const auto view = make();
        const auto theme = dark ? PlotTheme::dimmed() : PlotTheme::light();
        view->setTheme(theme);
        view->setData(dataOf(m_run));
        view->resize(size);
        view->show();
        QVERIFY(drawn(*view, 0));
        QCOMPARE(view->size(), size);
        QVERIFY(view->lastReplotTime().count() > 0);
        const QImage image = view->grab().toImage();
        QCOMPARE(image.pixelColor(1, image.height() - 2), theme.background);
        QVERIFY2(colours(image) > 20, qPrintable(QString::number(colours(image))));
        QVERIFY(!view->accessibleName().isEmpty());
    }

    void drawsWithoutData_data() { addViews(); }
    void drawsWithoutData()
    {
        QFETCH(ViewMaker, make);
        const auto view = make();
        view->resize(500, 350);
        view->show();
        QVERIFY(drawn(*view, 0));
        QVERIFY(colours(view->grab().toImage()) > 5); // axes and a hint
        QVERIFY(readouts(*view, 0.5).isEmpty());
        QVERIFY(!view->table().columns.isEmpty());
        QCOMPARE(view->table().rows(), 0);
    }

    void hiddenViewsCostNothing_data() { addViews(); }
    void hiddenViewsCostNothing()
    {
        QFETCH(ViewMaker, make);
        QWidget window;
        auto *view = make().release();
        view->setParent(&window);
        view->resize(400, 300);
        window.show();
        view->hide();
        QCoreApplication::processEvents(); // what was queued while it could be seen
        const auto before = view->replotCount();
        for (const auto &frame : m_run.frames) {
            view->setFrame(frame);
            QCoreApplication::processEvents();
        }
        QCOMPARE(view->replotCount(), before);
        view->setData(dataOf(m_run));
        view->show();
        QVERIFY(drawn(*view, before)); // with the newest data
        QVERIFY(!readouts(*view, 0.7).isEmpty() || view->subject().contains(QStringLiteral("compression")));
    }

    void manyChangesAreOneDrawing_data() { addViews(); }
    void manyChangesAreOneDrawing()
    {
        QFETCH(ViewMaker, make);
        const auto view = make();
        view->setData(dataOf(m_run));
        view->show();
        QVERIFY(drawn(*view, 0));
        QCoreApplication::processEvents();
        const auto before = view->replotCount();
        for (int i = 0; i < 50; ++i) {
            view->setFrame(m_run.frames[static_cast<std::size_t>(i)]);
            view->refresh();
        }
        QVERIFY(drawn(*view, before));
        QCoreApplication::processEvents();
        QCOMPARE(view->replotCount(), before + 1);
    }

    void aLongRunIsDrawnQuickly_data() { addViews(); }
    void aLongRunIsDrawnQuickly()
    {
        QFETCH(ViewMaker, make);
        auto longRun = std::make_shared<engine::History>(); // as long as one gets
        const auto &samples = m_run.history->samples();
        for (std::uint64_t step = 1; step < longRun->capacity(); ++step) {
            auto sample = samples[step * samples.size() / longRun->capacity()];
            sample.step = engine::Step{step};
            const double noise = 1 + 0.3 * (static_cast<double>(step * 7919 % 13) / 13 - 0.5);
            sample.taskLoss *= noise;
            sample.trainAccuracy *= noise;
            longRun->add(std::move(sample));
        }
        const auto view = make();
        view->resize(900, 600);
        view->show();
        const auto best = [&](const PlotData &data) { // of twenty: a busy machine must not fail this
            view->setData(data);
            auto least = std::chrono::nanoseconds::max();
            for (int i = 0; i < 20; ++i) {
                const auto before = view->replotCount();
                view->refresh();
                least = drawn(*view, before) ? std::min(least, view->lastReplotTime()) : std::chrono::hours{1};
            }
            return least;
        };
        auto data = dataOf(m_run);
        data.history = longRun;
        const auto ofShort = best(dataOf(m_run)), ofLong = best(data);
        QVERIFY2(ofLong < 15 * ofShort, qPrintable(QStringLiteral("%1 ns, %2 ns").arg(ofShort.count()).arg(ofLong.count())));
    }

    void followsThePalette_data() { addViews(); }
    void followsThePalette()
    {
        QFETCH(ViewMaker, make);
        const auto view = make();
        QPalette dark;
        dark.setColor(QPalette::Base, QColor{"#1e1e1e"});
        dark.setColor(QPalette::Window, QColor{"#2a2a2a"});
        view->show();
        QVERIFY(drawn(*view, 0));
        QVERIFY(!view->theme().dark);
        const auto before = view->replotCount();
        view->setPalette(dark);
        QVERIFY(view->theme().dark);
        QVERIFY(drawn(*view, before));
        QCOMPARE(view->grab().toImage().pixelColor(1, view->height() - 2), QColor{"#1e1e1e"});
        view->setTheme(PlotTheme::light()); // kept, whatever the palette
        QVERIFY(!view->theme().dark);
        view->setTheme({});
        QVERIFY(view->theme().dark);
    }

    void wheelZoomsAndDoubleClickShowsAll_data() { addViews(); }
    void wheelZoomsAndDoubleClickShowsAll()
    {
        QFETCH(ViewMaker, make);
        const auto view = make();
        view->setData(dataOf(m_run));
        view->resize(700, 500);
        view->show();
        QVERIFY(drawn(*view, 0));
        const QImage all = view->grab().toImage();
        auto *canvas = view->childAt(350, 250);
        QVERIFY(canvas);
        auto before = view->replotCount();
        wheel(*canvas, {300, 220});
        QVERIFY(drawn(*view, before));
        const QImage zoomed = view->grab().toImage();
        QVERIFY(zoomed != all);
        before = view->replotCount();
        view->refresh(); // new data must not undo the zoom
        QVERIFY(drawn(*view, before));
        QCOMPARE(view->grab().toImage(), zoomed);
        before = view->replotCount();
        QTest::mouseDClick(canvas, Qt::LeftButton, {}, {300, 220});
        QVERIFY(drawn(*view, before));
        QCOMPARE(view->grab().toImage(), all);
    }

    void anEmptyTradeoffSaysWhatToDo()
    {
        TradeoffView view;
        view.resize(500, 350);
        view.show();
        QVERIFY(drawn(view, 0));
        const auto hints = [&] {
            QStringList texts;
            for (const auto *part : view.findChildren<QObject *>())
                if (part->inherits("QCPItemText") && part->property("visible").toBool())
                    texts << part->property("text").toString();
            return texts;
        };
        const auto *hint = view.findChild<QLabel *>(QStringLiteral("hint"));
        QVERIFY(hint->isVisible() && hint->text().contains(QStringLiteral("Press Run")));
        const auto before = view.replotCount();
        view.setRun(m_run.description, std::make_shared<engine::History>());
        QVERIFY(drawn(view, before));
        QVERIFY(!hint->isVisible() && hints().size() == 1); // it was pressed
    }

    void histogramTellsItsNumbers()
    {
        HistogramView view;
        view.setData(dataOf(m_run));
        view.resize(900, 600);
        view.show();
        QVERIFY(drawn(view, 0));
        const QString said = readouts(view, 0.6).join(QLatin1Char('\n'));
        for (std::size_t j = 0; j < 4; ++j)
            QVERIFY2(said.contains(QStringLiteral("r%1 = ").arg(QChar(0x2081 + static_cast<char16_t>(j)))), qPrintable(said));
        const auto table = view.table();
        const auto &counts = table.columns[2].values, &occupancy = table.columns[6].values;
        const auto n = static_cast<double>(m_run.description->layers[2].weightCount);
        QCOMPARE(std::accumulate(counts.begin(), counts.end(), 0.0), n);
        QCOMPARE(std::accumulate(occupancy.begin(), occupancy.end(), 0.0), n);

        QSignalSpy changed{&view, &HistogramView::logarithmicChanged};
        const QImage logarithmic = view.grab().toImage();
        const auto before = view.replotCount();
        view.setLogarithmic(false);
        QVERIFY(drawn(view, before));
        QCOMPARE(changed.count(), 1);
        QVERIFY(view.grab().toImage() != logarithmic);
    }

    void histogramWarnsOfWhatItCannotShow()
    {
        auto frame = *m_run.last();
        HistogramView view;
        view.setData(dataOf(m_run));
        view.resize(700, 500);
        view.show();
        QVERIFY(drawn(view, 0));
        const auto warned = [&] {
            const QImage image = view.grab().toImage();
            for (int y = 0; y < 80; ++y)
                for (int x = 0; x < image.width(); ++x)
                    if (image.pixelColor(x, y) == view.theme().warning)
                        return true;
            return false;
        };
        QVERIFY(!warned());
        frame.layers[2].histogram.notANumber = 3;
        const auto before = view.replotCount();
        view.setFrame(std::make_shared<const engine::Frame>(frame));
        QVERIFY(drawn(view, before));
        QVERIFY(warned());
    }

    void anotherRunWithAnotherCodebook_data() { addViews(); }
    void anotherRunWithAnotherCodebook()
    {
        QFETCH(ViewMaker, make);
        const auto view = make();
        view->setRun(m_fine.description, m_fine.history);
        view->setFrame(m_fine.last());
        view->setLayer(engine::LayerId{2});
        view->show();
        QVERIFY(drawn(*view, 0));
        auto before = view->replotCount();
        view->setRun(m_run.description, m_run.history);
        view->setFrame(m_run.last());
        view->setLayer(engine::LayerId{2});
        QVERIFY(drawn(*view, before));
        const auto fresh = make();
        fresh->setData(dataOf(m_run));
        fresh->resize(view->size());
        fresh->show();
        QVERIFY(drawn(*fresh, 0));
        QCOMPARE(view->grab().toImage(), fresh->grab().toImage()); // nothing of the older run is left
        before = view->replotCount();
        view->setLayer(engine::LayerId{99}); // a layer that is not there
        QVERIFY(drawn(*view, before));
    }

    void trajectoriesTellTheNearestRepresentative()
    {
        TrajectoryView view;
        view.setData(dataOf(m_run));
        view.resize(700, 500);
        view.show();
        QVERIFY(drawn(view, 0));
        QVERIFY(readouts(view, 0.5).join(QLatin1Char('\n')).contains(QStringLiteral("trajectory")));
        QCOMPARE(view.table().columns.size(), 2 + 4);
        QCOMPARE(view.table().rows(), static_cast<qsizetype>(m_run.history->samples().size()));
    }

    void tradeoffShowsBaselineAndNow()
    {
        TradeoffView view;
        view.setData(dataOf(m_run));
        view.setBaseline(0.93);
        view.resize(700, 500);
        view.show();
        QVERIFY(drawn(view, 0));
        QCOMPARE(*view.layout().baseline, 0.93);
        const auto *now = view.layout().now();
        QVERIFY(now);
        QCOMPARE(now->accuracy, m_run.history->samples().back().snappedAccuracy);
        const double entropy = now->ratio;
        const auto before = view.replotCount();
        view.setCoding(Coding::Fixed);
        QVERIFY(drawn(view, before));
        QVERIFY(view.layout().now()->ratio != entropy);
        QCOMPARE(view.layout().now()->ratio, m_run.history->samples().back().fixedRatio);
    }

    void menuCopiesData_data() { addViews(); }
    void menuCopiesData()
    {
        QFETCH(ViewMaker, make);
        const auto view = make();
        view->setData(dataOf(m_run));
        view->show();
        QVERIFY(drawn(*view, 0));
        QStringList entries;
        QTimer watch;
        connect(&watch, &QTimer::timeout, view.get(), [&] {
            auto *menu = qobject_cast<QMenu *>(QApplication::activePopupWidget());
            if (!menu)
                return;
            watch.stop();
            QAction *copy = nullptr;
            for (auto *action : menu->actions()) {
                entries << action->text().remove(QLatin1Char('&'));
                if (entries.back() == QLatin1String("Copy data"))
                    copy = action;
            }
            if (copy)
                copy->trigger();
            menu->close();
        });
        watch.start(1);
        QContextMenuEvent event{QContextMenuEvent::Mouse, {50, 50}, view->mapToGlobal(QPoint{50, 50})};
        QApplication::sendEvent(view->childAt(50, 50), &event); // which is what the mouse meets
        for (const char *entry : {"Copy image", "Copy data", "Export…", "Show all"})
            QVERIFY2(entries.contains(QString::fromUtf8(entry)), qPrintable(entries.join(u',')));
        QCOMPARE(QApplication::clipboard()->text(), QString::fromUtf8(view->table().tabbed()));
        view->copyImage();
        QCOMPARE(QApplication::clipboard()->image().size(), view->size() * view->devicePixelRatioF());
    }
};

QTEST_MAIN(TstPlots)
#include "tst_plots.moc"
