// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/snapshot.h"
#include "tests/support/windowdriver.h"
#include "widgets/docks/messagebar.h"
#include <QAction>
#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QDropEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QMimeData>
#include <functional>

using app::MainWindow;
using widgets::RunState;
using Way = std::function<void(MainWindow &, const QString &)>; // leaves a run for another, which may be in a file

/// What becomes of a run when the window closes, when another run is to take its place, and when a file is no good.
class TstLeaving : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        OwnFolder::clearSettings();
        m_folder.clearRuns();
    }
    void hearsOfABadSnapshot();
    void aBadSnapshotLeavesTheRunAlone();
    void closingAsks();
    void aFailedSaveKeepsTheFile();
    void replacingAsks_data();
    void replacingAsks();
    void aFinishedRunIsSavedWithoutAQuestion();
    void aBranchPointStaysAsItIs();

private:
    QString file(const char *name) const { return m_folder.file(name); }
    OwnFolder m_folder;
};
void TstLeaving::hearsOfABadSnapshot()
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

void TstLeaving::aBadSnapshotLeavesTheRunAlone()
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

void TstLeaving::closingAsks()
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
    QVERIFY(!window.findChild<QFileDialog *>()); // the run has a folder of its own
    const auto step = window.run().step();
    QTRY_VERIFY_WITH_TIMEOUT(!window.isVisible(), 30000);
    const auto left = m_folder.savedRuns();
    QCOMPARE(left.size(), 1);
    const auto snapshot = engine::readSnapshot(left.front().toStdString());
    QVERIFY(snapshot && snapshot->run.step >= step);
}

void TstLeaving::aFailedSaveKeepsTheFile()
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

    QVERIFY(QDir{}.mkdir(file("taken.h5"))); // no file can be written over a folder
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
void TstLeaving::replacingAsks_data()
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

void TstLeaving::replacingAsks()
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

/// A finished run is being saved, or is: there is nothing to ask, and nothing is lost.
void TstLeaving::aFinishedRunIsSavedWithoutAQuestion()
{
    auto settings = shortRun();
    (void)settings.setText(engine::ParameterId::Epochs, "1");
    MainWindow window{{settings, false}};
    const auto &run = window.run();
    window.show();
    window.startRun();
    QTRY_COMPARE_WITH_TIMEOUT(run.state(), RunState::Finished, 60000);
    const auto before = run.description();
    const auto steps = before->totalSteps();

    click(window, "runButton"); // Run again
    QVERIFY(!question(window));
    QTRY_VERIFY_WITH_TIMEOUT(run.description() && run.description() != before, 60000);
    const auto first = m_folder.savedRuns().value(0);
    const auto snapshot = engine::readSnapshot(first.toStdString());
    QVERIFY(snapshot && count(snapshot->run.step) == steps && snapshot->run.stage == engine::Stage::Finished);
    leave(window);
    for (const char *left : {"model.cnd", "report.md", "recipe.toml"})
        QVERIFY2(QFileInfo::exists(QFileInfo{first}.dir().filePath(QString::fromLatin1(left))), left);
}

/// The end of the warm-up is opened, trained on and saved: in a folder of its own.
void TstLeaving::aBranchPointStaysAsItIs()
{
    auto settings = shortRun();
    (void)settings.setText(engine::ParameterId::Epochs, "1");
    MainWindow window{{settings, false}};
    const auto &run = window.run();
    window.show();
    window.startRun();
    QTRY_COMPARE_WITH_TIMEOUT(run.state(), RunState::Finished, 60000);
    QTRY_VERIFY_WITH_TIMEOUT(!run.hasUnsavedSteps(), 20000);
    const auto first = m_folder.savedRuns().value(0);
    const auto warmup = QFileInfo{first}.dir().filePath(QStringLiteral("warmup.h5"));
    const auto bytes = [](const QString &name) {
        QFile stored{name};
        return stored.open(QIODevice::ReadOnly) ? stored.readAll() : QByteArray{};
    };
    const auto branchPoint = bytes(warmup), newest = bytes(first);
    QVERIFY(!branchPoint.isEmpty() && !newest.isEmpty());

    const auto before = run.description();
    window.openSnapshot(warmup);
    QTRY_VERIFY_WITH_TIMEOUT(run.description() != before && run.state() == RunState::Paused, 60000);
    const auto step = next(run.step());
    click(window, "stepButton");
    QTRY_VERIFY_WITH_TIMEOUT(run.step() == step && run.state() == RunState::Paused, 20000);
    window.close();
    answer(window, "saveFirst"); // the default button
    QTRY_VERIFY_WITH_TIMEOUT(!window.isVisible(), 30000);
    QVERIFY(bytes(warmup) == branchPoint && bytes(first) == newest);
    auto others = m_folder.savedRuns();
    others.removeAll(first);
    QCOMPARE(others.size(), 1);
    const auto saved = engine::readSnapshot(others.front().toStdString());
    QVERIFY(saved && saved->run.step == step);
}

QTEST_MAIN(TstLeaving)
#include "tst_leaving.moc"
