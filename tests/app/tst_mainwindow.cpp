// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dockset.h"
#include "engine/recipes/recipe.h"
#include "tests/support/windowdriver.h"
#include "widgets/docks/layerdock.h"
#include "widgets/docks/messagebar.h"
#include "widgets/docks/plotdock.h"
#include "widgets/models/layertablemodel.h"
#include "widgets/plots/plotview.h"
#include <QAction>
#include <QElapsedTimer>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QTableView>
#include <QTimer>
#include <algorithm>
#include <set>

using app::MainWindow;
using widgets::RunState;

namespace {

/// Longest time for which the event loop did not come round.
class Heartbeat : public QObject {
public:
    Heartbeat()
    {
        m_clock.start();
        connect(&m_timer, &QTimer::timeout, this, [this] { m_longest = std::max(m_longest, m_clock.restart()); });
        m_timer.start(5);
    }
    qint64 longestMilliseconds() const { return m_longest; }

private:
    QTimer m_timer;
    QElapsedTimer m_clock;
    qint64 m_longest = 0;
};

} // namespace

class TstMainWindow : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        OwnFolder::clearSettings();
        m_folder.clearRuns();
    }
    void shortcutsAreUnique();
    void tabGoesFromSettingsToPlotsToTables();
    void remembersLayoutAndColours();
    void ignoresAForeignLayout();
    void maximisesAPlotAndBack();
    void aWholeSession();
    void recipesAreOpenedAndSaved();
    void theNextStageByKey();

private:
    QString file(const char *name) const { return m_folder.file(name); }
    OwnFolder m_folder;
};

void TstMainWindow::shortcutsAreUnique()
{
    MainWindow window{{shortRun()}};
    std::set<QString> keys;
    for (const auto *action : window.findChildren<QAction *>())
        for (const auto &key : action->shortcuts())
            QVERIFY2(keys.insert(key.toString()).second, qPrintable(action->text() + QStringLiteral(" takes ") + key.toString()));
    QVERIFY(keys.contains(QStringLiteral("Ctrl+S")) && keys.contains(QStringLiteral("Ctrl+R")));
    // The same for the letters within each menu.
    for (const auto *menu : window.findChildren<QMenu *>()) {
        std::set<QChar> letters;
        for (const auto *action : menu->actions())
            if (const auto place = action->text().indexOf(QLatin1Char('&')); place >= 0)
                QVERIFY2(letters.insert(action->text().at(place + 1).toLower()).second,
                         qPrintable(menu->title() + QStringLiteral(": ") + action->text()));
    }
}

void TstMainWindow::tabGoesFromSettingsToPlotsToTables()
{
    MainWindow window{{shortRun(), false}};
    window.show();
    QStringList chain;
    for (auto *widget = window.nextInFocusChain(); widget != &window; widget = widget->nextInFocusChain()) {
        if (widget->focusPolicy() & Qt::TabFocus)
            chain << widget->objectName();
    }
    const QStringList wanted{"runButton",
                             "data",
                             "lambda",
                             "advancedToggle",
                             "momentum",
                             "histogramDockView",
                             "trajectoryDockView",
                             "curvesDockView",
                             "tradeoffDockView",
                             "layerTable",
                             "packedTable",
                             "packNetworkButton",
                             "sensitivityMeasure",
                             "sensitivityDockView",
                             "journalTable"};
    QList<qsizetype> places;
    for (const auto &name : wanted)
        places << chain.indexOf(name);
    QVERIFY2(!places.contains(-1) && std::ranges::is_sorted(places), qPrintable(chain.join(u' ')));
    QVERIFY(!chain.contains(QStringLiteral("parameterScroll")));
    leave(window);
}

void TstMainWindow::remembersLayoutAndColours()
{
    {
        MainWindow window{{shortRun()}};
        window.show();
        window.docks().curves->hide();
        window.findChild<QAction *>(QStringLiteral("darkColours"))->trigger();
        leave(window);
    }
    MainWindow window{{shortRun()}};
    window.show();
    QVERIFY(window.docks().curves->isHidden());
    QVERIFY(window.docks().histogram->isVisible());
    QVERIFY(window.findChild<QAction *>(QStringLiteral("darkColours"))->isChecked());
    QVERIFY(window.palette().color(QPalette::Window).lightness() < 128);
    window.findChild<QAction *>(QStringLiteral("resetLayout"))->trigger();
    QVERIFY(window.docks().curves->isVisible());
    window.findChild<QAction *>(QStringLiteral("systemColours"))->trigger();
    leave(window);
}

void TstMainWindow::ignoresAForeignLayout()
{
    QSettings stored{QStringLiteral("Condensate"), QStringLiteral("condensate")};
    stored.setValue(QStringLiteral("schema"), 1);
    stored.setValue(QStringLiteral("window/docks"), QByteArray{"no layout"});
    stored.setValue(QStringLiteral("window/geometry"), QByteArray{"no geometry"});
    stored.sync();
    MainWindow window{{shortRun()}};
    window.show();
    for (auto *dock : window.docks().plots())
        QVERIFY(dock->isVisible());
    leave(window);
}

void TstMainWindow::maximisesAPlotAndBack()
{
    MainWindow window{{shortRun()}};
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    click(window, "trajectoryDockMaximise");
    QVERIFY(window.docks().trajectories->isVisible());
    QVERIFY(window.docks().histogram->isHidden());
    QTRY_VERIFY(window.docks().trajectories->width() > window.width() * 3 / 4);
    click(window, "trajectoryDockMaximise");
    QTRY_VERIFY(window.docks().histogram->isVisible());
    QTRY_VERIFY(window.docks().trajectories->width() < window.width() / 2);
    leave(window);
}

void TstMainWindow::aWholeSession()
{
    MainWindow window{{shortRun(), false}};
    window.resize(1440, 900);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    Heartbeat heart;
    const auto &run = window.run();

    click(window, "runButton");
    QTRY_VERIFY_WITH_TIMEOUT(run.frame() && !run.history()->empty(), 60000);
    for (auto *dock : window.docks().plots())
        QTRY_VERIFY2(dock->view().replotCount() > 0, qPrintable(dock->objectName())); // filled from the start

    // λ by keyboard, while it trains.
    auto *lambda = window.findChild<QWidget *>(QStringLiteral("lambda"));
    lambda->setFocus();
    QTest::keyClick(lambda, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClicks(lambda, QStringLiteral("0.5"));
    QTest::keyClick(lambda, Qt::Key_Return);
    QTRY_COMPARE_WITH_TIMEOUT(window.parameters().settings().real(engine::ParameterId::Lambda), 0.5, 20000);
    QCOMPARE(window.undoStack().count(), 1);

    click(window, "pauseButton");
    QTRY_COMPARE_WITH_TIMEOUT(run.state(), RunState::Paused, 20000);
    const auto paused = count(run.step());
    QTRY_VERIFY(window.findChild<QToolButton *>(QStringLiteral("stepButton"))->isEnabled());
    click(window, "stepButton");
    QTRY_COMPARE_WITH_TIMEOUT(count(run.step()), paused + 1, 20000);

    // Undo asks the run for the setting as it was.
    window.findChild<QAction *>(QStringLiteral("undo"))->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(window.parameters().settings().real(engine::ParameterId::Lambda),
                              shortRun().real(engine::ParameterId::Lambda), 20000);

    // λ of one layer, in the table.
    auto &table = window.docks().layers->table();
    QVERIFY(table.model()->setData(table.model()->index(1, widgets::LayerTableModel::Lambda), QStringLiteral("0,25")));
    QTRY_COMPARE(window.undoStack().count(), 1); // the undone change gave way to the new one
    QTRY_COMPARE(window.undoStack().undoText(), QStringLiteral("λ of features.3"));
    QCOMPARE(table.model()->index(1, widgets::LayerTableModel::Lambda).data(Qt::EditRole).toString(), QStringLiteral("0.25"));

    // A step to pause at.
    window.findChild<QAction *>(QStringLiteral("pauseAt"))->trigger();
    auto *steps = window.findChild<QDialog *>(QStringLiteral("stepDialog"));
    QVERIFY(steps);
    steps->findChild<QSpinBox *>()->setValue(static_cast<int>(paused) + 3);
    steps->accept();
    window.activateWindow();
    QTRY_VERIFY(window.isActiveWindow());
    QTest::keyClick(&window, Qt::Key_R, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(run.state() == RunState::Paused && count(run.step()) == paused + 3, 20000);

    QTest::keyClick(&window, Qt::Key_R, Qt::ControlModifier);
    QTRY_COMPARE_WITH_TIMEOUT(run.state(), RunState::Running, 20000);
    QTest::keyClick(&window, Qt::Key_F6);
    QTRY_COMPARE_WITH_TIMEOUT(run.state(), RunState::Paused, 20000);

    // Save: the run has a folder of its own, no dialog asks.
    QTest::keyClick(&window, Qt::Key_S, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(!window.isWindowModified(), 20000);
    QVERIFY(!window.findChild<QFileDialog *>());
    QCOMPARE(QFileInfo{m_folder.savedRuns().value(0)}.fileName(), QStringLiteral("snapshot.h5"));

    window.findChild<QAction *>(QStringLiteral("saveAs"))->trigger();
    QTRY_VERIFY(window.findChild<QFileDialog *>());
    Q_EMIT window.findChild<QFileDialog *>()->fileSelected(file("session.h5"));
    window.findChild<QFileDialog *>()->close();
    QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(file("session.h5")) && !window.isWindowModified(), 20000);
    const auto saved = count(run.step());
    const auto samples = run.history()->samples().size();

    click(window, "stopButton");
    QTRY_COMPARE_WITH_TIMEOUT(run.state(), RunState::Ended, 20000);
    window.openSnapshot(file("session.h5"));
    QTRY_COMPARE_WITH_TIMEOUT(run.state(), RunState::Paused, 60000);
    QTRY_VERIFY(run.frame());
    QCOMPARE(count(run.step()), saved);
    QVERIFY(run.history()->samples().size() >= samples);
    QCOMPARE(window.parameters().settings().whole(engine::ParameterId::Epochs), 200);
    QTRY_COMPARE(table.model()->index(1, widgets::LayerTableModel::Lambda).data().toString(),
                 QStringLiteral("0.25")); // the layer's own λ came along
    click(window, "runButton");
    QTRY_VERIFY_WITH_TIMEOUT(count(run.step()) > saved, 20000);
    leave(window);
    qInfo("longest stall of the event loop: %lld ms", static_cast<long long>(heart.longestMilliseconds()));
}

void TstMainWindow::recipesAreOpenedAndSaved()
{
    MainWindow window{{shortRun(), false}};
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    const auto *menu = window.findChild<QMenu *>(QStringLiteral("recipes"));
    QCOMPARE(menu->actions().size(), 6);
    window.findChild<QAction *>(QStringLiteral("fashion-mnist-ternary"))->trigger();
    const auto &settings = window.parameters().settings();
    QCOMPARE(settings.whole(engine::ParameterId::CodebookSize), 3);
    QCOMPARE(settings.text(engine::ParameterId::Symmetric), std::string{"on"});
    QCOMPARE(window.run().state(), RunState::Idle);

    window.findChild<QAction *>(QStringLiteral("saveRecipe"))->trigger();
    QTRY_VERIFY(window.findChild<QFileDialog *>());
    Q_EMIT window.findChild<QFileDialog *>()->fileSelected(file("mine.toml"));
    window.findChild<QFileDialog *>()->close();
    QTRY_VERIFY(QFileInfo::exists(file("mine.toml")));
    QTRY_VERIFY(!window.findChild<QFileDialog *>());
    const auto saved = engine::readRecipe(file("mine.toml").toStdString());
    QVERIFY(saved && saved->settings == settings);
    QVERIFY(saved->changes.empty());

    QFile broken{file("broken.toml")};
    QVERIFY(broken.open(QIODevice::WriteOnly) && broken.write("k = many\n"));
    broken.close();
    window.findChild<QAction *>(QStringLiteral("openRecipe"))->trigger();
    QTRY_VERIFY(window.findChild<QFileDialog *>());
    Q_EMIT window.findChild<QFileDialog *>()->fileSelected(file("broken.toml"));
    QVERIFY(window.parameters().settings() == saved->settings); // nothing half-taken
    QTRY_VERIFY(window.findChild<widgets::MessageBar *>()->isVisible());
    leave(window);
}

void TstMainWindow::theNextStageByKey()
{
    MainWindow window{{shortRun(), false}};
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    click(window, "runButton");
    QTRY_VERIFY_WITH_TIMEOUT(count(window.run().step()) > 0, 60000);
    QCOMPARE(window.run().stage(), engine::Stage::Warmup);
    const auto planned = window.run().description()->totalSteps();
    QTest::keyClick(&window, Qt::Key_F8);
    QTRY_COMPARE_WITH_TIMEOUT(window.run().stage(), engine::Stage::Cluster, 20000);
    QVERIFY(window.run().description()->totalSteps() < planned);
    leave(window);
}

QTEST_MAIN(TstMainWindow)
#include "tst_mainwindow.moc"
