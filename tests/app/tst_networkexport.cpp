// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/console.h"
#include "tests/support/windowdriver.h"
#include "widgets/docks/messagebar.h"
#include <QAction>
#include <QFileDialog>
#include <QFileInfo>
#include <csignal>
#include <functional>

using app::MainWindow;
using widgets::RunState;

/// *File, Export network…*: the window has the program itself do the work.
class TstNetworkExport : public QObject {
    Q_OBJECT

    OwnFolder m_folder;
    QString file(const char *name) const { return m_folder.file(name); }

    /// With a paused run that has a step which no file holds.
    void withRun(const std::function<void(MainWindow &)> &test, const QString &program = QStringLiteral(CONDENSATE_PROGRAM))
    {
        MainWindow window{{.settings = shortRun(), .remember = false, .program = program}};
        window.show();
        QVERIFY(!action(window)->isEnabled());
        window.startRun(true);
        QTRY_COMPARE_WITH_TIMEOUT(window.run().state(), RunState::Paused, 60000);
        click(window, "stepButton");
        QTRY_VERIFY_WITH_TIMEOUT(window.run().hasUnsavedSteps() && window.run().state() == RunState::Paused, 20000);
        test(window);
        leave(window);
    }
    static QAction *action(const MainWindow &window) { return window.findChild<QAction *>(QStringLiteral("exportNetwork")); }
    static void exportTo(const MainWindow &window, const QString &target)
    {
        QVERIFY(action(window)->isEnabled());
        action(window)->trigger();
        auto *dialog = window.findChild<QFileDialog *>();
        QVERIFY(dialog);
        Q_EMIT dialog->fileSelected(target);
        delete dialog;
    }
    static QString message(const MainWindow &window) { return window.findChild<widgets::MessageBar *>()->text(); }

private Q_SLOTS:
    void init()
    {
        OwnFolder::clearSettings();
        m_folder.clearRuns();
    }

    void writesTheNetworkAndLeavesTheRunAlone()
    {
        withRun([this](MainWindow &window) {
            const auto title = window.windowTitle();
            exportTo(window, file("network.onnx"));
            QTRY_VERIFY_WITH_TIMEOUT(message(window).contains(QStringLiteral("post-training quantization")), 60000); // it is in its warm-up
            QVERIFY(QFileInfo{file("network.onnx")}.size() > 61'000);
            QVERIFY(window.run().hasUnsavedSteps());
            QCOMPARE(window.windowTitle(), title); // the run's file is still none
            exportTo(window, file("network.safetensors")); // once more, in another format
            QTRY_VERIFY_WITH_TIMEOUT(QFileInfo::exists(file("network.safetensors")), 60000);

            window.findChild<QAction *>(QStringLiteral("save"))->trigger(); // the job's file did not become the run's
            QTRY_VERIFY_WITH_TIMEOUT(!window.isWindowModified(), 20000);
            QCOMPARE(m_folder.savedRuns().size(), 1);
            QCOMPARE(QString::fromStdString(window.run().file().string()), m_folder.savedRuns().front());
        });
    }

    void tellsWhyItCannot()
    {
        withRun([this](MainWindow &window) {
            exportTo(window, file("network.txt"));
            QTRY_VERIFY_WITH_TIMEOUT(message(window).contains(QStringLiteral("network.txt")), 60000);
            QVERIFY(message(window).contains(QStringLiteral(".safetensors, .pt or .onnx")) && !message(window).contains(QLatin1Char('\n')));
            QVERIFY(!QFileInfo::exists(file("network.txt")));
        });
    }

    /// What the program ignores for itself is no business of those it starts.
    void itsChildrenHaveSignalsAsUsual()
    {
        QFile script{file("signals")};
        QVERIFY(script.open(QIODevice::WriteOnly));
        script.write("#!/bin/sh\ngrep SigIgn /proc/self/status >&2\nexit 1\n");
        script.close();
        QVERIFY(script.setPermissions(QFile::ReadOwner | QFile::ExeOwner));
        const app::Console console; // as main begins
        withRun(
            [this](MainWindow &window) {
                exportTo(window, file("network.onnx"));
                QTRY_VERIFY_WITH_TIMEOUT(message(window).contains(QStringLiteral("SigIgn")), 60000);
                const auto ignored = message(window).section(QLatin1Char('\t'), 1).toULongLong(nullptr, 16);
                for (const int signal : {SIGPIPE, SIGXFSZ})
                    QVERIFY2(!(ignored >> (signal - 1) & 1), qPrintable(message(window)));
            },
            script.fileName());
        app::restoreSignals();
    }
};

QTEST_MAIN(TstNetworkExport)
#include "tst_networkexport.moc"
