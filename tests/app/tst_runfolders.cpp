// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/longrun.h"
#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest>
#include <csignal>

using support::bytesIn;
using support::contents;
using support::infoOf;
using support::LongRun;
using support::longTrain;
using support::Outcome;
using support::quickTrain;
using support::run;
using support::stepOf;
using support::training;
using support::write;

namespace {

void copyFolder(const QString &from, const QString &to)
{
    QDir{}.mkpath(to);
    for (const auto &name : QDir{from}.entryList(QDir::Files))
        QFile::copy(from + '/' + name, to + '/' + name);
}

QJsonArray layersOf(const QString &snapshot) { return infoOf(snapshot)["layers"].toArray(); }

} // namespace

/// Whose files lie in the folder of a run, and who may write there.
class TstRunfolders : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString m_finished; ///< holds a run of two epochs; nobody may change it
    std::map<QString, QByteArray> m_bytes;
    QString path(const char *name) const { return m_folder.filePath(QString::fromLatin1(name)); }
    /// A copy, to be changed.
    QString finishedRun(const char *name) const
    {
        copyFolder(m_finished, path(name));
        return path(name);
    }

private slots:
    void initTestCase()
    {
        m_finished = path("finished");
        const Outcome trained = run(quickTrain(m_finished, {"--quiet"}));
        QVERIFY2(trained.code == 0, qPrintable(trained.err));
        m_bytes = bytesIn(m_finished);
        for (const auto *name : {"snapshot.h5", "warmup.h5", "cluster.h5", "model.cnd", "recipe.toml", "report.md"})
            QVERIFY2(m_bytes.contains(name), name);
        QVERIFY(!m_bytes.contains("run.lock"));
    }
    void cleanup() { QVERIFY(bytesIn(m_finished) == m_bytes); }

    void aRunIsNotWrittenOver_data()
    {
        QTest::addColumn<QStringList>("kept");
        QTest::newRow("finished") << QStringList{};
        QTest::newRow("a snapshot alone") << QStringList{"snapshot.h5"};
        QTest::newRow("the end of a stage alone") << QStringList{"warmup.h5"};
        QTest::newRow("a packed network alone") << QStringList{"model.cnd"};
    }
    void aRunIsNotWrittenOver()
    {
        QFETCH(QStringList, kept);
        const QString foreign = finishedRun("foreign");
        for (const auto &name : QDir{foreign}.entryList(QDir::Files)) {
            if (!kept.isEmpty() && !kept.contains(name))
                QFile::remove(foreign + '/' + name);
        }
        const auto before = bytesIn(foreign);
        for (const auto &command : {quickTrain(foreign), QStringList{"train", "--branch", path("finished/warmup.h5"), "--out", foreign},
                                    QStringList{"train", "--resume", path("finished/cluster.h5"), "--out", foreign},
                                    QStringList{"replay", path("finished/snapshot.h5"), "--out", foreign}}) {
            const Outcome refused = run(command);
            QCOMPARE(refused.code, 2);
            for (const QString &way : {QString{"another name"}, "--resume " + foreign, QString{"--overwrite"}})
                QVERIFY2(refused.err.contains(way), qPrintable(refused.err));
            QVERIFY(bytesIn(foreign) == before);
        }
        QDir{foreign}.removeRecursively();
    }

    void otherFilesAreNoRun()
    {
        const QString folder = path("others");
        QDir{}.mkpath(folder);
        write(folder + "/notes.txt", "mine");
        write(folder + "/weights.h5", "mine, too");
        const Outcome trained = run(quickTrain(folder, {"--quiet"}));
        QVERIFY2(trained.code == 0, qPrintable(trained.err));
        const Outcome again = run(quickTrain(folder, {"--quiet", "--overwrite", "--forward", "float"}));
        QVERIFY2(again.code == 0, qPrintable(again.err));
        QCOMPARE(contents(folder + "/notes.txt"), "mine");
        QCOMPARE(contents(folder + "/weights.h5"), "mine, too");
        QVERIFY(!QFile::exists(folder + "/cluster.h5")); // of the run that was replaced
    }

    void nothingIsTouchedUntilAllIsGood_data()
    {
        QTest::addColumn<QStringList>("wrong");
        QTest::newRow("no such images") << QStringList{"folder:/no/such"}; // in place of those that are made
        QTest::newRow("no such network") << QStringList{"--model", "torchscript:/no/such.pt"};
        QTest::newRow("no such weights") << QStringList{"--weights", "/no/such.safetensors"};
        QTest::newRow("no such snapshot") << QStringList{"--branch", "/no/such.h5"};
    }
    void nothingIsTouchedUntilAllIsGood()
    {
        QFETCH(QStringList, wrong);
        const QString fresh = path("fresh"), old = finishedRun("old");
        const auto command = [&](const QString &out) {
            auto arguments = quickTrain(out);
            if (wrong.size() == 1)
                arguments.replaceInStrings("generated", wrong.first());
            return wrong.size() == 1 ? arguments : arguments + wrong;
        };
        const Outcome refused = run(command(fresh));
        QVERIFY2(refused.code == 2 && refused.err.contains("no/such"), qPrintable(refused.err));
        QVERIFY(!QFile::exists(fresh));
        QCOMPARE(run(command(old) + QStringList{"--overwrite"}).code, 2);
        QVERIFY(bytesIn(old) == m_bytes);
        QDir{old}.removeRecursively();
    }

    void overwritingLeavesNothingOfTheOldRun()
    {
        const QString folder = finishedRun("overwritten");
        LongRun again{folder};
        again.start(longTrain(folder, {"--overwrite", "--json", "--quiet"}));
        QVERIFY(again.prints("\"event\":\"epoch\""));
        QCOMPARE(again.endsBy(SIGTERM), 130);
        const auto now = bytesIn(folder);
        for (const auto *name : {"warmup.h5", "cluster.h5", "model.cnd", "report.md"})
            QVERIFY2(!now.contains(name), name);
        QVERIFY(now.contains("snapshot.h5") && now.at("recipe.toml").contains("100000"));
    }

    void oneProcessWritesInAFolder()
    {
        const QString folder = path("busy");
        LongRun first{folder};
        first.start(longTrain(folder, {"--json", "--quiet"}));
        QVERIFY(first.prints("\"event\":\"epoch\""));
        QVERIFY(first.saves(SIGUSR1) > 0);
        QCOMPARE(first.pid(), static_cast<pid_t>(first.process().processId()));
        const auto before = bytesIn(folder);
        const QString says = QString{"is in use: process %1 on %2 writes there"}.arg(first.pid()).arg(QSysInfo::machineHostName());
        for (const auto &command : {quickTrain(folder), quickTrain(folder, {"--overwrite"}), QStringList{"train", "--resume", folder},
                                    QStringList{"train", "--resume", first.snapshot()}}) {
            const Outcome second = run(command);
            QVERIFY2(second.code == 2 && second.err.contains(says), qPrintable(second.err));
        }
        QVERIFY(bytesIn(folder) == before);
        QVERIFY(first.prints("\"event\":\"epoch\"")); // which goes on
        QCOMPARE(first.endsBy(SIGTERM), 130);
        QVERIFY(!QFile::exists(folder + "/run.lock"));
    }

    void aKilledProcessHoldsNoFolder()
    {
        const QString folder = path("killed");
        LongRun killed{folder}, next{folder};
        killed.start(longTrain(folder, {"--json", "--quiet"}));
        QVERIFY(killed.prints("\"event\":\"epoch\""));
        killed.endsBy(SIGKILL);
        QVERIFY(QFile::exists(folder + "/run.lock"));
        next.start({"train", "--resume", folder, "--json", "--quiet"}); // from its first step: it had not saved itself
        QVERIFY(next.prints("\"event\":\"epoch\""));
        const auto saved = next.saves(SIGUSR1);
        QVERIFY(saved > 0);
        next.endsBy(SIGKILL);
        LongRun last{folder};
        last.start({"train", "--resume", folder, "--json", "--quiet"});
        QVERIFY(last.prints("\"event\":\"stage\"") && last.prints("\"step\":" + QByteArray::number(saved) + ","));
        QVERIFY(last.prints("\"event\":\"epoch\""));
        QCOMPARE(last.pid(), static_cast<pid_t>(last.process().processId()));
        QCOMPARE(last.endsBy(SIGTERM), 130);
    }

    /// On a disk that machines share nobody can ask for a process; a lock that is not touched is nobody's.
    void aLockOfAnotherMachineCountsWhileItIsTouched()
    {
        const QString folder = finishedRun("shared"), lock = folder + "/run.lock";
        write(lock, "elsewhere 4711 123\n");
        const auto before = bytesIn(folder);
        const Outcome refused = run(quickTrain(folder, {"--overwrite"}));
        QVERIFY2(refused.code == 2 && refused.err.contains("is in use: process 4711 on elsewhere writes there"), qPrintable(refused.err));
        QVERIFY(bytesIn(folder) == before);
        QFile old{lock};
        QVERIFY(old.open(QIODevice::ReadWrite));
        QVERIFY(old.setFileTime(QDateTime::currentDateTime().addSecs(-3600), QFileDevice::FileModificationTime));
        old.close();
        const Outcome trained = run(quickTrain(folder, {"--overwrite", "--quiet"}));
        QVERIFY2(trained.code == 0, qPrintable(trained.err));
        QVERIFY(!QFile::exists(lock));
    }

    void elsewhereARunLeavesItsSnapshotAlone()
    {
        const QString other = path("other"), unfinished = path("unfinished"), more = path("more");
        const Outcome unnamed = run({"train", "--resume", path("finished/cluster.h5")}); // which would not be that any more
        QVERIFY2(unnamed.code == 2 && unnamed.err.contains("--out"), qPrintable(unnamed.err));
        const Outcome trained = run({"train", "--resume", path("finished/cluster.h5"), "--out", other, "--quiet"});
        QVERIFY2(trained.code == 0, qPrintable(trained.err));
        QCOMPARE(layersOf(other + "/snapshot.h5"), layersOf(path("finished/snapshot.h5")));

        LongRun first{unfinished}, second{more};
        first.start(longTrain(unfinished, {"--json", "--quiet"}));
        QVERIFY(first.prints("\"event\":\"epoch\""));
        QCOMPARE(first.endsBy(SIGTERM), 130);
        const auto before = bytesIn(unfinished);
        second.start({"train", "--resume", first.snapshot(), "--out", more, "--json", "--quiet"});
        QVERIFY(second.prints("\"event\":\"epoch\""));
        QVERIFY(second.saves(SIGUSR1) > 0);
        QCOMPARE(second.endsBy(SIGTERM), 130);
        QVERIFY(bytesIn(unfinished) == before);
        QVERIFY(stepOf(more + "/snapshot.h5") > stepOf(first.snapshot()));
    }

    void aRunGoesOnInItsFolder()
    {
        const QString folder = path("goeson"), whole = path("whole");
        constexpr int kEpochs = 12;
        LongRun first{folder};
        first.start(training(kEpochs, folder, {"--json", "--quiet"}));
        QVERIFY(first.prints("\"event\":\"epoch\""));
        QCOMPARE(first.endsBy(SIGINT), 130);
        QVERIFY(!QFile::exists(folder + "/report.md"));
        const auto recipe = contents(folder + "/recipe.toml");
        const Outcome rest = run({"train", "--resume", folder, "--quiet"});
        QVERIFY2(rest.code == 0, qPrintable(rest.err));
        QCOMPARE(run(training(kEpochs, whole, {"--quiet"})).code, 0);
        QCOMPARE(layersOf(folder + "/snapshot.h5"), layersOf(whole + "/snapshot.h5"));
        QCOMPARE(contents(folder + "/recipe.toml"), contents(whole + "/recipe.toml"));
        QVERIFY(!recipe.isEmpty() && contents(folder + "/report.md").startsWith("# lenet5 on generated"));
        QVERIFY(QFile::exists(folder + "/model.cnd"));
    }

    void aFinishedRunSaysWhatCanBeDone()
    {
        const QString folder = finishedRun("done");
        for (const QString &from : {folder, folder + "/snapshot.h5"}) {
            const Outcome done = run({"train", "--resume", from});
            QCOMPARE(done.code, 2);
            for (const QString &way : {"--resume " + folder + " --epochs 4", "--branch " + folder + "/cluster.h5 --epochs 4"})
                QVERIFY2(done.err.contains(way), qPrintable(done.err));
            QVERIFY(bytesIn(folder) == m_bytes);
        }
        const Outcome shorter = run({"train", "--resume", folder, "--epochs", "1"});
        QVERIFY2(shorter.code == 2 && shorter.err.contains("epochs"), qPrintable(shorter.err));
        QVERIFY(bytesIn(folder) == m_bytes);

        const Outcome longer = run({"train", "--resume", folder, "--epochs", "4", "--quiet"});
        QVERIFY2(longer.code == 0, qPrintable(longer.err));
        QCOMPARE(stepOf(folder + "/snapshot.h5"), 2 * stepOf(path("finished/snapshot.h5")));
        QVERIFY(contents(folder + "/report.md").contains("| epochs | 4 |"));
        QVERIFY(contents(folder + "/recipe.toml") != m_bytes["recipe.toml"]);
        QDir{folder}.removeRecursively();
    }

    void aBranchChangesWhatItStillCan()
    {
        const QString branch = path("branch");
        const Outcome trained = run({"train", "--branch", path("finished/cluster.h5"), "--lambda", "0.3", "--commit-share", "0.3",
                                     "--epochs", "3", "--out", branch, "--quiet"});
        QVERIFY2(trained.code == 0, qPrintable(trained.err));
        QVERIFY(contents(branch + "/report.md").contains("| lambda | 0.3 |"));
        QVERIFY(stepOf(branch + "/snapshot.h5") > stepOf(path("finished/snapshot.h5")));
    }

    void aBranchSaysWhatItCannotChange_data()
    {
        QTest::addColumn<QString>("snapshot");
        QTest::addColumn<QStringList>("change");
        QTest::addColumn<QString>("reason");
        const QString codebooks = "with which its codebooks were made; to change that, branch from the end of its warm-up (warmup.h5)";
        QTest::newRow("k") << "cluster.h5" << QStringList{"--k", "8"} << codebooks;
        QTest::newRow("init") << "cluster.h5" << QStringList{"--init", "linear"} << codebooks;
        QTest::newRow("seed") << "warmup.h5" << QStringList{"--seed", "2"} << "with which it was trained so far";
        QTest::newRow("regularizer") << "snapshot.h5" << QStringList{"--regularizer", "soft-min", "--epochs", "3"}
                                     << "its assignments are frozen and it can only commit longer";
        QTest::newRow("epochs") << "cluster.h5" << QStringList{"--epochs", "1"} << "expected at least 2, of which the snapshot is a part";
    }
    void aBranchSaysWhatItCannotChange()
    {
        QFETCH(QString, snapshot);
        QFETCH(QStringList, change);
        QFETCH(QString, reason);
        const Outcome refused =
            run(QStringList{"train", "--branch", m_finished + '/' + snapshot, "--out", path("refused")} + change);
        QCOMPARE(refused.code, 2);
        QVERIFY2(refused.err.contains(change.first().mid(2)) && refused.err.contains(reason), qPrintable(refused.err));
        QVERIFY(!QFile::exists(path("refused")));
    }
};

QTEST_GUILESS_MAIN(TstRunfolders)
#include "tst_runfolders.moc"
