// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/longrun.h"
#include <QTemporaryDir>
#include <QtTest>
#include <csignal>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

using support::contents;
using support::LongRun;
using support::longTrain;
using support::stepOf;
using support::write;

namespace {

constexpr int kWriteAnywhere = 1, kReadAnywhere = 2; // CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH

} // namespace

/// A run whose folder fails it says so, and goes on.
class TstFailingfolders : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString path(const char *name) const { return m_folder.filePath(QString::fromLatin1(name)); }

private slots:
    void whatVanishesIsWrittenAnew()
    {
        const QString folder = path("vanishing");
        LongRun run{folder};
        run.start(longTrain(folder, {"--json", "--quiet"}));
        QVERIFY(run.prints("\"event\":\"epoch\""));
        const auto first = run.saves(SIGUSR1);
        QVERIFY(first > 0);
        for (const auto &name : QDir{folder}.entryList({"*.h5", "*.toml"}, QDir::Files))
            QVERIFY(QFile::remove(folder + '/' + name));
        QVERIFY(run.prints("\"event\":\"epoch\""));
        QVERIFY(run.saves(SIGUSR1) > first);
        QCOMPARE(run.endsBy(SIGTERM), 130);
        QVERIFY2(!run.said().contains("failed"), run.said().constData());
    }

    void aFolderThatFailsTheRunDoesNotEndIt_data()
    {
        QTest::addColumn<QString>("trouble");
        for (const auto *trouble : {"may not be written", "goes away", "becomes a file", "files may not grow"})
            QTest::newRow(trouble) << trouble;
    }
    void aFolderThatFailsTheRunDoesNotEndIt()
    {
        QFETCH(QString, trouble);
        const QString folder = m_folder.filePath(trouble), aside = m_folder.filePath(trouble + ", aside");
        LongRun run{folder};
        run.process().setChildProcessModifier([] {
            for (const int capability : {kWriteAnywhere, kReadAnywhere}) // folders that may not be written are so for root, too
                ::prctl(PR_CAPBSET_DROP, capability);
        });
        run.start(longTrain(folder, {"--json"}));
        QVERIFY(run.prints("\"event\":\"epoch\""));
        const auto first = run.saves(SIGUSR1);
        QVERIFY(first > 0);
        const auto before = contents(run.snapshot());
        const pid_t trains = run.pid();
        const auto limit = [trains](rlim_t bytes) {
            const rlimit files{.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};
            return ::prlimit(trains, RLIMIT_FSIZE, &files, nullptr) == 0;
        };
        const auto usual = QFile::permissions(folder);
        if (trouble == "may not be written")
            QVERIFY(QFile::setPermissions(folder, QFile::ReadOwner | QFile::ExeOwner));
        else if (trouble == "files may not grow")
            QVERIFY(limit(10000));
        else
            QVERIFY(QDir{}.rename(folder, aside));
        if (trouble == "becomes a file")
            write(folder, "no folder");
        ::kill(trains, SIGUSR1);
        QVERIFY(run.prints("\"event\":\"snapshot_failed\""));
        QVERIFY(run.hasPrinted("snapshot.h5\" cannot be written: "));
        QVERIFY(run.prints("\"event\":\"epoch\"") && run.prints("\"event\":\"epoch\""));
        QCOMPARE(contents(QFile::exists(aside) ? aside + "/snapshot.h5" : run.snapshot()), before);

        QVERIFY(QFile::exists(aside) || QFile::setPermissions(folder, usual));
        QVERIFY(limit(RLIM_INFINITY));
        if (QFile::exists(aside)) {
            QFile::remove(folder);
            QVERIFY(QDir{}.rename(aside, folder));
        }
        QVERIFY(run.saves(SIGUSR1) > first);
        QCOMPARE(run.endsBy(SIGTERM), 130);
        QVERIFY(stepOf(run.snapshot()) > first);
        QDir{folder}.removeRecursively();
    }

    void aDiskThatIsFullDoesNotEndTheRun()
    {
        const QString disk = path("disk"), inside = disk + "/run";
        QDir{}.mkpath(disk);
        const QString mounted = "mount -t tmpfs -o size=16m none '" + disk + "' && exec \"$@\"";
        QProcess may;
        may.start("unshare", {"--mount", "--map-root-user", "mount", "-t", "tmpfs", "none", disk});
        if (!may.waitForFinished() || may.exitStatus() != QProcess::NormalExit || may.exitCode() != 0)
            QSKIP("no disk of one's own on this machine");
        LongRun run{inside};
        run.process().start("unshare", QStringList{"--mount", "--map-root-user", "sh", "-c", mounted, "sh", CONDENSATE_PROGRAM} +
                                           longTrain(inside, {"--json"}));
        QVERIFY(run.prints("\"event\":\"epoch\""));
        const auto trains = static_cast<pid_t>(run.process().processId());
        const QString seen = QString{"/proc/%1/root%2"}.arg(trains).arg(disk); // as the run sees it
        ::kill(trains, SIGUSR1);
        QVERIFY(run.prints("\"event\":\"snapshot\""));
        const auto first = stepOf(seen + "/run/snapshot.h5");
        QVERIFY(first > 0);
        write(seen + "/filler", QByteArray{16 << 20, 'x'});
        ::kill(trains, SIGUSR1);
        QVERIFY(run.prints("\"event\":\"snapshot_failed\""));
        QVERIFY(run.hasPrinted("snapshot.h5\" cannot be written: No space left on device."));
        QCOMPARE(stepOf(seen + "/run/snapshot.h5"), first);
        QVERIFY(run.prints("\"event\":\"epoch\""));
        QVERIFY(QFile::remove(seen + "/filler"));
        ::kill(trains, SIGUSR1);
        QVERIFY(run.prints("\"event\":\"snapshot\""));
        QVERIFY(stepOf(seen + "/run/snapshot.h5") > first);
        ::kill(trains, SIGTERM);
        QCOMPARE(run.ends(), 130);
    }

    void theLastStateIsSavedElsewhere()
    {
        const QString folder = path("gone"), temporary = path("temporary");
        QDir{}.mkpath(temporary);
        LongRun run{folder};
        auto environment = QProcessEnvironment::systemEnvironment();
        environment.insert("TMPDIR", temporary);
        run.process().setProcessEnvironment(environment);
        run.start(longTrain(folder));
        QVERIFY(run.prints("epoch 1:"));
        const pid_t trains = run.pid();
        QVERIFY(QDir{folder}.removeRecursively());
        ::kill(trains, SIGTERM);
        QCOMPARE(run.ends(), 130);
        const auto files = QDir{temporary}.entryList(QDir::Files);
        QCOMPARE(files.size(), 1);
        QVERIFY(stepOf(temporary + '/' + files.first()) > 0);
        QVERIFY2(run.said().contains(("goes to " + temporary + '/' + files.first()).toUtf8()), run.said().constData());
    }
};

QTEST_GUILESS_MAIN(TstFailingfolders)
#include "tst_failingfolders.moc"
