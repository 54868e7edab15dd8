// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dockset.h"
#include "engine/coding/sizeaccount.h"
#include "tests/support/windowdriver.h"
#include "widgets/docks/layerdock.h"
#include "widgets/docks/messagebar.h"
#include "widgets/docks/packeddock.h"
#include "widgets/models/packedsizemodel.h"
#include "widgets/models/texts.h"
#include <QAction>
#include <QClipboard>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QStatusBar>
#include <QTableView>
#include <functional>

using app::MainWindow;
using widgets::RunState;

/// The dock *Packed size* and *File, Pack network…*.
class TstPackedPanel : public QObject {
    Q_OBJECT

    OwnFolder m_folder;
    QString file(const char *name) const { return m_folder.file(name); }

    /// With a paused run.
    void withRun(const std::function<void(MainWindow &)> &test)
    {
        MainWindow window{{.settings = shortRun(), .remember = false, .program = QStringLiteral(CONDENSATE_PROGRAM)}};
        window.show();
        window.startRun(true);
        QTRY_COMPARE_WITH_TIMEOUT(window.run().state(), RunState::Paused, 60000);
        test(window);
        leave(window);
    }
    /// One more step; what the run is asked before this snapshot it has been asked once that is written.
    void stepAndSave(MainWindow &window)
    {
        const auto before = window.run().step();
        click(window, "stepButton");
        QTRY_VERIFY_WITH_TIMEOUT(window.run().step() > before && window.run().state() == RunState::Paused, 20000);
        QFile::remove(file("fence.h5"));
        window.findChild<QAction *>(QStringLiteral("saveAs"))->trigger();
        auto *dialog = window.findChild<QFileDialog *>();
        Q_EMIT dialog->fileSelected(file("fence.h5"));
        delete dialog;
        QTRY_VERIFY_WITH_TIMEOUT(!window.run().hasUnsavedSteps() && QFileInfo::exists(file("fence.h5")), 20000);
    }

    static void packTo(MainWindow &window, const QString &target)
    {
        click(window, "packNetworkButton");
        auto *dialog = window.findChild<QFileDialog *>();
        QVERIFY(dialog && dialog->defaultSuffix() == QStringLiteral("cnd"));
        Q_EMIT dialog->fileSelected(target);
        delete dialog;
    }

private Q_SLOTS:
    void init() { OwnFolder::clearSettings(); }

    void fillsWhileItCanBeSeen()
    {
        withRun([this](MainWindow &window) {
            auto &dock = *window.docks().packed;
            QVERIFY(window.docks().layers->isSeen() && !dock.isSeen());
            stepAndSave(window);
            QVERIFY(!window.run().packed()); // behind another tab nobody asks
            dock.raise();
            QTRY_VERIFY_WITH_TIMEOUT(window.run().packed(), 20000);
            QTRY_COMPARE(window.run().packedStep(), window.run().step());
            const auto bytes = dock.table().model()->index(0, widgets::PackedSizeModel::Bytes).data().toString();
            QCOMPARE(bytes, widgets::wholeNumber(window.run().packed()->size.layers[0].total()));
            click(window, "stepButton"); // standing still it is measured at once
            QTRY_COMPARE_WITH_TIMEOUT(count(window.run().packedStep()), std::uint64_t{2}, 20000);
            window.docks().layers->raise();
            QTRY_VERIFY(!dock.isSeen());
            stepAndSave(window);
            QCOMPARE(count(window.run().packedStep()), std::uint64_t{2});
        });
    }

    void followsARunThatGoesOn()
    {
        withRun([](MainWindow &window) {
            window.docks().packed->raise();
            QTRY_VERIFY_WITH_TIMEOUT(window.run().packed(), 20000);
            click(window, "runButton");
            QTRY_VERIFY_WITH_TIMEOUT(count(window.run().packedStep()) > 0, 30000);
            const auto before = window.run().packedStep();
            QTRY_VERIFY_WITH_TIMEOUT(window.run().packedStep() > before, 30000);
            click(window, "stopButton");
            QTRY_COMPARE_WITH_TIMEOUT(window.run().state(), RunState::Ended, 20000);
            QVERIFY(window.run().packed()); // its pictures stay
            window.startRun(true);
            QTRY_COMPARE_WITH_TIMEOUT(window.run().state(), RunState::Paused, 60000);
            QTRY_VERIFY_WITH_TIMEOUT(window.run().packed() && count(window.run().packedStep()) == 0, 20000); // of the new run
        });
    }

    void rowsAreCopied()
    {
        withRun([](MainWindow &window) {
            auto &dock = *window.docks().packed;
            dock.raise();
            QTRY_VERIFY_WITH_TIMEOUT(window.run().packed(), 20000);
            dock.table().setFocus();
            dock.table().selectRow(1);
            window.findChild<QAction *>(QStringLiteral("copy"))->trigger();
            const auto cells = QGuiApplication::clipboard()->text().split(QLatin1Char('\t'));
            QCOMPARE(cells.size(), static_cast<int>(widgets::PackedSizeModel::ColumnCount));
            QCOMPARE(cells.front(), QStringLiteral("features.3"));
            QCOMPARE(cells[widgets::PackedSizeModel::Bytes], widgets::wholeNumber(window.run().packed()->size.layers[1].total()));
        });
    }

    /// What the panel says of the layers is what the file takes.
    void packsTheNetwork()
    {
        withRun([this](MainWindow &window) {
            window.docks().packed->raise();
            QTRY_VERIFY_WITH_TIMEOUT(window.run().packed(), 20000);
            packTo(window, file("network.cnd"));
            QTRY_VERIFY_WITH_TIMEOUT(window.statusBar()->currentMessage().contains(QStringLiteral("smaller than as float32")), 60000);
            const auto contents = engine::readPackedHeader(file("network.cnd").toStdString());
            QVERIFY(contents && engine::readPacked(file("network.cnd").toStdString()));
            const auto size = engine::accountBytes(*contents);
            QVERIFY(window.statusBar()->currentMessage().contains(widgets::wholeNumber(size.total())));
            QCOMPARE(size.total(), static_cast<std::uint64_t>(QFileInfo{file("network.cnd")}.size()));
            QCOMPARE(size.layers.size(), window.run().description()->layers.size());
            for (std::size_t i = 0; i < size.layers.size(); ++i)
                QCOMPARE(window.run().packed()->size.layers[i].total(), size.layers[i].total());
        });
    }

    /// The reason, not the remark before it that the run goes on.
    void tellsWhyItCannotPack()
    {
        withRun([this](MainWindow &window) {
            window.docks().packed->raise();
            const auto &messages = *window.findChild<widgets::MessageBar *>();
            QTRY_VERIFY_WITH_TIMEOUT(window.run().packed(), 20000);
            packTo(window, file("no-such-folder/network.cnd"));
            QTRY_VERIFY_WITH_TIMEOUT(messages.count() > 0, 60000);
            QVERIFY2(messages.text().contains(QStringLiteral("no-such-folder/network.cnd")), qPrintable(messages.text()));
        });
    }
};

QTEST_MAIN(TstPackedPanel)
#include "tst_packedpanel.moc"
