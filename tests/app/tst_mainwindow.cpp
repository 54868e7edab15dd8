// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dockset.h"
#include "app/gui/mainwindow.h"
#include "widgets/docks/layerdock.h"
#include "widgets/docks/messagebar.h"
#include "widgets/docks/plotdock.h"
#include "widgets/plots/plotview.h"
#include <QAction>
#include <QDateTime>
#include <QDir>
#include <QDropEvent>
#include <QElapsedTimer>
#include <QFileDialog>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QSettings>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QToolButton>
#include <functional>
#include <set>

using app::MainWindow;
using widgets::RunState;

namespace {

using Way = std::function<void(MainWindow &, const QString &)>; // leaves a run for another, which may be in a file

/// Small enough for a test, long enough to be watched: some ten thousand steps.
engine::Settings shortRun()
{
    engine::Settings settings;
    (void)settings.setText(engine::ParameterId::Data, "generated");
    (void)settings.setText(engine::ParameterId::Epochs, "200");
    (void)settings.setText(engine::ParameterId::BatchSize, "32");
    (void)settings.setText(engine::ParameterId::Threads, "1");
    return settings;
}

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
    void init() { QSettings{QStringLiteral("Condensate"), QStringLiteral("condensate")}.clear(); }
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, m_folder.path()); // nobody's real settings
    }
    void shortcutsAreUnique();
    void remembersLayoutAndColours();
    void ignoresAForeignLayout();
    void maximisesAPlotAndBack();
    void hearsOfABadSnapshot();
    void aBadSnapshotLeavesTheRunAlone();
    void aWholeSession();
    void closingAsks();
    void aFailedSaveKeepsTheFile();
    void replacingAsks_data();
    void replacingAsks();
    void replacingSavesFirst();

private:
    QString file(const char *name) const { return m_folder.filePath(QString::fromLatin1(name)); }
    static void click(MainWindow &window, const char *button)
    {
        QTest::mouseClick(window.findChild<QToolButton *>(QString::fromLatin1(button)), Qt::LeftButton);
    }
    static QMessageBox *question(const MainWindow &window) { return window.findChild<QMessageBox *>(QStringLiteral("leaveBox")); }
    static void answer(const MainWindow &window, const char *button)
    {
        QTest::mouseClick(question(window)->findChild<QPushButton *>(QString::fromLatin1(button)), Qt::LeftButton);
        QTRY_VERIFY(!question(window));
    }
    /// A window that can be left at once: no question, no run.
    static void leave(MainWindow &window);

    QTemporaryDir m_folder;
};

void TstMainWindow::leave(MainWindow &window)
{
    window.close();
    if (auto *box = window.findChild<QMessageBox *>(QStringLiteral("leaveBox")))
        QTest::mouseClick(box->findChild<QPushButton *>(QStringLiteral("leaveNow")), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(!window.isVisible(), 30000);
}

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

void TstMainWindow::hearsOfABadSnapshot()
{
    MainWindow window{{shortRun(), false}};
    window.show();
    window.openSnapshot(file("missing.h5"));
    const auto &messages = *window.findChild<widgets::MessageBar *>();
    QTRY_VERIFY(messages.text().contains(QStringLiteral("missing.h5")));
    QCOMPARE(window.run().state(), RunState::Ended);
    QVERIFY(window.findChild<QToolButton *>(QStringLiteral("runButton"))->isEnabled());
    leave(window);
}

void TstMainWindow::aBadSnapshotLeavesTheRunAlone()
{
    MainWindow window{{shortRun(), false}};
    const auto &run = window.run();
    window.show();
    window.startRun(true);
    QTRY_COMPARE_WITH_TIMEOUT(run.state(), RunState::Paused, 60000);
    click(window, "stepButton");
    QTRY_VERIFY_WITH_TIMEOUT(run.hasUnsavedSteps() && run.state() == RunState::Paused, 20000);
    const auto before = run.description();
    const auto step = run.step();
    window.openSnapshot(file("missing.h5"));
    answer(window, "leaveNow");
    const auto &messages = *window.findChild<widgets::MessageBar *>();
    QTRY_VERIFY_WITH_TIMEOUT(messages.text().contains(QStringLiteral("missing.h5")), 20000);
    QCOMPARE(run.description(), before);
    QCOMPARE(run.step(), step);
    click(window, "stepButton"); // and it still answers
    QTRY_COMPARE_WITH_TIMEOUT(count(run.step()), count(step) + 1, 20000);
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
    QVERIFY(table.model()->setData(table.model()->index(1, 4), QStringLiteral("2")));
    QTRY_COMPARE(window.undoStack().count(), 1); // the undone change gave way to the new one

    QTest::keyClick(&window, Qt::Key_R, Qt::ControlModifier);
    QTRY_COMPARE_WITH_TIMEOUT(run.state(), RunState::Running, 20000);
    QTest::keyClick(&window, Qt::Key_F6);
    QTRY_COMPARE_WITH_TIMEOUT(run.state(), RunState::Paused, 20000);

    // Save: the run has no file yet, so a dialog asks.
    QTest::keyClick(&window, Qt::Key_S, Qt::ControlModifier);
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
    QTRY_COMPARE(table.model()->index(1, 4).data().toString(), QStringLiteral("2")); // the layer's own λ came along
    click(window, "runButton");
    QTRY_VERIFY_WITH_TIMEOUT(count(run.step()) > saved, 20000);
    leave(window);
    qInfo("longest stall of the event loop: %lld ms", static_cast<long long>(heart.longestMilliseconds()));
}

void TstMainWindow::closingAsks()
{
    MainWindow window{{shortRun(), false}};
    window.show();
    window.startRun();
    QTRY_VERIFY_WITH_TIMEOUT(window.run().frame(), 60000);
    window.close();
    QVERIFY(window.isVisible());
    auto *box = window.findChild<QMessageBox *>(QStringLiteral("leaveBox"));
    QVERIFY(box);
    QTest::keyClick(box, Qt::Key_Escape);
    QTRY_VERIFY(!window.findChild<QMessageBox *>(QStringLiteral("leaveBox")));
    QVERIFY(window.isVisible() && window.run().isLive()); // cancelled: it trains on

    window.close();
    QTest::mouseClick(window.findChild<QPushButton *>(QStringLiteral("saveFirst")), Qt::LeftButton);
    QTRY_VERIFY(window.findChild<QFileDialog *>());
    Q_EMIT window.findChild<QFileDialog *>()->fileSelected(file("left.h5"));
    QTRY_VERIFY_WITH_TIMEOUT(!window.isVisible(), 30000);
    QVERIFY(QFileInfo::exists(file("left.h5")));
}

void TstMainWindow::aFailedSaveKeepsTheFile()
{
    MainWindow window{{shortRun(), false}};
    window.show();
    window.startRun(true);
    QTRY_COMPARE_WITH_TIMEOUT(window.run().state(), RunState::Paused, 60000);
    const auto saveAs = [&](const QString &target) {
        window.findChild<QAction *>(QStringLiteral("saveAs"))->trigger();
        auto *dialog = window.findChild<QFileDialog *>();
        const auto suggested = dialog->selectedFiles().value(0);
        Q_EMIT dialog->fileSelected(target);
        delete dialog;
        return QFileInfo{suggested}.fileName();
    };
    QCOMPARE(saveAs(file("kept.cnds.h5")), QStringLiteral("lenet5-generated-patterns-not-real-data.cnds.h5"));
    QTRY_VERIFY_WITH_TIMEOUT(window.windowTitle().contains(QStringLiteral("kept.cnds.h5")), 20000);
    click(window, "stepButton");
    QTRY_VERIFY_WITH_TIMEOUT(window.isWindowModified(), 20000);

    QVERIFY(QDir{m_folder.path()}.mkdir(QStringLiteral("taken.h5"))); // no file can be written over a folder
    saveAs(file("taken.h5"));
    QTRY_VERIFY_WITH_TIMEOUT(window.findChild<widgets::MessageBar *>()->text().contains(QStringLiteral("taken.h5")), 20000);
    QVERIFY(window.windowTitle().contains(QStringLiteral("kept.cnds.h5")));
    const auto before = QFileInfo{file("kept.cnds.h5")}.lastModified();
    window.findChild<QAction *>(QStringLiteral("save"))->trigger(); // into the file that is still the run's
    QTRY_VERIFY_WITH_TIMEOUT(!window.isWindowModified(), 20000);
    QVERIFY(!window.findChild<QFileDialog *>());
    QVERIFY(QFileInfo{file("kept.cnds.h5")}.lastModified() > before);
    leave(window);
}

/// Every way to another run, each from a run that is paused with steps that no file holds.
void TstMainWindow::replacingAsks_data()
{
    QTest::addColumn<Way>("leaveFor");
    QTest::addColumn<RunState>("expected");
    const auto drop = [](MainWindow &window, const QString &file) {
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(file)});
        QDragEnterEvent enter{QPoint{10, 10}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier};
        QCoreApplication::sendEvent(&window, &enter);
        QDropEvent event{QPointF{10, 10}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier};
        QCoreApplication::sendEvent(&window, &event);
    };
    const auto action = [](const char *name) {
        return [=](MainWindow &window, const QString &) { window.findChild<QAction *>(QString::fromLatin1(name))->trigger(); };
    };
    const auto open = [](MainWindow &window, const QString &file) {
        window.findChild<QAction *>(QStringLiteral("open"))->trigger();
        Q_EMIT window.findChild<QFileDialog *>()->fileSelected(file);
    };
    const auto recent = [](MainWindow &window, const QString &) {
        for (auto *entry : window.findChildren<QAction *>())
            if (entry->text().contains(QStringLiteral("other.h5")))
                return entry->trigger();
        QFAIL("no recent file");
    };
    QTest::newRow("new run") << Way{action("new")} << RunState::Idle;
    QTest::newRow("open") << Way{open} << RunState::Paused;
    QTest::newRow("open recent") << Way{recent} << RunState::Paused;
    QTest::newRow("drop") << Way{drop} << RunState::Paused;
}

void TstMainWindow::replacingAsks()
{
    QFETCH(Way, leaveFor);
    QFETCH(RunState, expected);
    const auto other = file("other.h5");
    MainWindow window{{shortRun(), false}};
    const auto &run = window.run();
    window.show();
    window.startRun(true);
    QTRY_COMPARE_WITH_TIMEOUT(run.state(), RunState::Paused, 60000);
    window.findChild<QAction *>(QStringLiteral("saveAs"))->trigger();
    Q_EMIT window.findChild<QFileDialog *>()->fileSelected(other);
    window.findChild<QFileDialog *>()->close();
    QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(other) && !window.findChild<QFileDialog *>(), 20000);
    const auto saved = run.description();
    window.openSnapshot(other); // nothing is lost: no question
    QVERIFY(!question(window));
    QTRY_VERIFY_WITH_TIMEOUT(run.description() && run.description() != saved && run.state() == RunState::Paused, 60000);
    click(window, "stepButton");
    QTRY_VERIFY_WITH_TIMEOUT(run.hasUnsavedSteps(), 20000);
    const auto before = run.description();
    const auto step = run.step();

    leaveFor(window, other);
    QVERIFY(question(window));
    QTest::keyClick(question(window), Qt::Key_Escape);
    QTRY_VERIFY(!question(window));
    QCOMPARE(run.description(), before); // cancelled: all as it was
    QCOMPARE(run.step(), step);

    leaveFor(window, other);
    answer(window, "leaveNow");
    QTRY_VERIFY_WITH_TIMEOUT(run.state() == expected && run.description() != before, 60000);
    QVERIFY(run.step() < step);
    leave(window);
}

void TstMainWindow::replacingSavesFirst()
{
    auto settings = shortRun();
    (void)settings.setText(engine::ParameterId::Epochs, "1");
    MainWindow window{{settings, false}};
    const auto &run = window.run();
    window.show();
    window.startRun();
    QTRY_COMPARE_WITH_TIMEOUT(run.state(), RunState::Finished, 60000);
    const auto before = run.description();

    click(window, "runButton"); // Run again: the finished run is in no file yet
    QVERIFY(question(window));
    answer(window, "saveFirst");
    QTRY_VERIFY(window.findChild<QFileDialog *>());
    window.findChild<QFileDialog *>()->reject(); // no file after all
    QTRY_VERIFY(!window.findChild<QFileDialog *>());
    QCOMPARE(run.description(), before);

    click(window, "runButton");
    answer(window, "saveFirst");
    QTRY_VERIFY(window.findChild<QFileDialog *>());
    Q_EMIT window.findChild<QFileDialog *>()->fileSelected(file("first.h5"));
    QTRY_VERIFY_WITH_TIMEOUT(run.description() && run.description() != before, 60000);
    QVERIFY(QFileInfo::exists(file("first.h5")));
    window.findChild<QFileDialog *>()->close();
    leave(window);
}

QTEST_MAIN(TstMainWindow)
#include "tst_mainwindow.moc"
