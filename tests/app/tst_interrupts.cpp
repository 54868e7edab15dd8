// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/longrun.h"
#include "tests/support/terminal.h"
#include <QTemporaryDir>
#include <QtTest>
#include <csignal>

using support::LongRun;
using support::longTrain;
using support::stepOf;

/// Signals, the terminal and whoever reads along: what comes from there saves a run or ends it, and loses nothing.
class TstInterrupts : public QObject {
    Q_OBJECT

private slots:
    /// Of a pipeline all get the signal, the reader too, which dies of it.
    void controlCInAPipelineSaves_data()
    {
        QTest::addColumn<QString>("script");
        QTest::newRow("standard error, too, goes to the reader") << "\"$@\" 2>&1";
        QTest::newRow("events go to the reader") << "\"$@\" --json";
        QTest::newRow("nothing is printed") << "\"$@\" --quiet";
    }
    void controlCInAPipelineSaves()
    {
        QFETCH(QString, script);
        support::Terminal terminal{80};
        if (!terminal.isThere())
            QSKIP("no pseudo-terminal on this machine");
        QTemporaryDir folder;
        const QString log = folder.filePath("log");
        LongRun run{folder.filePath("run")};
        terminal.control(run.process());
        const QString pipeline = "{ trap : INT; " + script + "; echo $? >code; } | { trap : INT; tee log; echo $? >reader; }";
        run.startInShell("cd '" + folder.path() + "'; trap : INT; " + pipeline, longTrain(folder.filePath("run")));
        QVERIFY(run.begins());
        QVERIFY(run.reaches([&] {
            terminal.read(0); // or the reader would wait
            return script.contains("--quiet") || support::contents(log).contains("epoch");
        }));
        terminal.type("\x03");
        QVERIFY(run.reaches([&] {
            terminal.read(0);
            return run.process().state() == QProcess::NotRunning;
        }));
        for (const auto *code : {"code", "reader"})
            QCOMPARE(support::contents(folder.filePath(code)), "130\n");
        QVERIFY(stepOf(run.snapshot()) >= 0);
        QVERIFY(!QFile::exists(run.file("run.lock")));
    }

    void aSignalSavesAndTheRunGoesOn_data()
    {
        QTest::addColumn<int>("signal");
        QTest::newRow("SIGHUP") << SIGHUP;
        QTest::newRow("SIGUSR1") << SIGUSR1;
    }
    void aSignalSavesAndTheRunGoesOn()
    {
        QFETCH(int, signal);
        QTemporaryDir folder;
        LongRun run{folder.path()};
        run.start(longTrain(folder.path(), {"--json", "--quiet"}));
        QVERIFY(run.prints("\"event\":\"epoch\""));
        QVERIFY(!QFile::exists(run.snapshot())); // it is not time yet
        const auto first = run.saves(signal);
        QVERIFY(first > 0);
        QVERIFY(run.prints("\"event\":\"snapshot\"") && run.prints("\"event\":\"epoch\""));
        const auto second = run.saves(signal);
        QVERIFY2(second > first, qPrintable(QString::number(second)));
        QCOMPARE(stepOf(run.file("previous.h5")), first);
        QVERIFY(run.prints("\"event\":\"epoch\""));
        QCOMPARE(run.endsBy(SIGTERM), 130);
        QVERIFY(stepOf(run.snapshot()) > second);
        QCOMPARE(stepOf(run.file("previous.h5")), second);
        QVERIFY2(!run.said().contains("\"event\":\"paused\"") && !run.said().contains("failed"), run.said().constData());
    }

    void anEndSavesAndEnds_data()
    {
        QTest::addColumn<int>("signal");
        QTest::newRow("SIGINT") << SIGINT;
        QTest::newRow("SIGTERM") << SIGTERM;
    }
    void anEndSavesAndEnds()
    {
        QFETCH(int, signal);
        QTemporaryDir folder;
        LongRun run{folder.path()};
        run.start(longTrain(folder.path(), {"--json", "--quiet"}));
        QVERIFY(run.prints("\"event\":\"epoch\""));
        QCOMPARE(run.endsBy(signal), 130);
        const auto saved = stepOf(run.snapshot());
        QVERIFY(saved > 0);
        QVERIFY2(run.said().contains("\"step\":" + QByteArray::number(saved) + "}"), run.said().right(500).constData());
        QVERIFY(!run.said().contains("\"event\":\"finished\""));
        LongRun again{folder.path()};
        again.start({"train", "--resume", folder.path(), "--json", "--quiet"});
        QVERIFY(again.prints("\"event\":\"stage\""));
        QVERIFY2(again.prints("\"step\":" + QByteArray::number(saved) + ","), again.said().constData());
        QVERIFY(again.prints("\"event\":\"epoch\""));
        QCOMPARE(again.endsBy(signal), 130);
        QVERIFY(stepOf(run.snapshot()) > saved);
    }

    /// Whatever becomes of what is printed, signals are obeyed and the run goes on in between.
    void signalsAreObeyedUnheard_data()
    {
        QTest::addColumn<QString>("command");
        QTest::addColumn<QString>("reader");
        const QString none, head = " | head -n 1";
        QTest::newRow("standard error on a full disk") << "\"$@\" 2>/dev/full" << none;
        QTest::newRow("standard error closed") << "\"$@\" 2>&-" << none;
        QTest::newRow("events on a full disk") << "\"$@\" --json >/dev/full" << none;
        QTest::newRow("all closed") << "\"$@\" --json <&- >&- 2>&-" << none;
        QTest::newRow("the reader of all goes away") << "\"$@\" 2>&1" << head;
        QTest::newRow("the reader of the events goes away") << "\"$@\" --json --quiet" << head;
    }
    void signalsAreObeyedUnheard()
    {
        QFETCH(QString, command);
        QFETCH(QString, reader);
        QTemporaryDir folder;
        const QString code = folder.filePath("code");
        LongRun run{folder.filePath("run")};
        run.startInShell("{ " + command + "; echo $? >'" + code + "'; }" + reader, longTrain(folder.filePath("run")));
        QVERIFY(run.begins());
        const auto first = run.saves(SIGUSR1);
        QVERIFY(first >= 0);
        auto second = first;
        for (int tries = 0; tries < 20 && second == first; ++tries) // it may have been saved twice before its first step
            second = run.saves(SIGHUP);
        QVERIFY(second > first);
        run.endsBy(SIGTERM);
        QCOMPARE(support::contents(code), "130\n");
        QVERIFY(stepOf(run.snapshot()) >= second);
    }

    void aLostTerminalSavesAndTheRunGoesOn()
    {
        support::Terminal terminal{80};
        if (!terminal.isThere())
            QSKIP("no pseudo-terminal on this machine");
        QTemporaryDir folder;
        LongRun run{folder.path()};
        terminal.control(run.process());
        run.start(longTrain(folder.path()));
        QByteArray seen;
        QVERIFY(run.reaches([&] { return (seen += terminal.read(0)).contains("epoch 1:"); }));
        QVERIFY(!QFile::exists(run.snapshot()));
        terminal.hangUp();
        QVERIFY(run.reaches([&] { return QFile::exists(run.snapshot()); }));
        const auto first = stepOf(run.snapshot());
        QVERIFY(first > 0);
        const auto second = run.saves(SIGUSR1);
        QVERIFY(second > first);
        QCOMPARE(run.endsBy(SIGTERM), 130);
        QVERIFY(stepOf(run.snapshot()) >= second);
    }

    /// Long before the first autosave: a run that is cut off then goes on from there.
    void theEndOfAStageIsInTheRunsOwnFileToo()
    {
        QTemporaryDir folder;
        LongRun run{folder.path()};
        run.start(longTrain(folder.path(), {"--warmup-share", "0.00002", "--json", "--quiet"}));
        QVERIFY(run.prints("\"stage\":\"cluster\""));
        QVERIFY(run.reaches([&] { return QFile::exists(run.snapshot()); }));
        run.endsBy(SIGKILL);
        const auto kept = stepOf(run.file("warmup.h5"));
        QVERIFY(kept > 0);
        QCOMPARE(stepOf(run.snapshot()), kept);
    }
};

QTEST_GUILESS_MAIN(TstInterrupts)
#include "tst_interrupts.moc"
