// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/h5edits.h"
#include "tests/support/quickrun.h"
#include "tests/support/replaying.h"
#include "tests/support/runprogram.h"
#include <QDir>

using namespace engine;
using support::Outcome, support::quick;

/// `condensate replay`: the same run from the first step, and every bit compared.
class TstReplayCommand : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void theSameBits_data();
    void theSameBits();
    void alteredWeightsAreNamed();
    void anAlteredArrayIsNamed();
    void refuses_data();
    void refuses();
    void aRecipeWithChanges();
    void aNetworkOfOnesOwnWithDropout();

private:
    Outcome replay(const QString &snapshot, const QString &out) const
    {
        return support::run({"replay", snapshot, "--out", file(out), "--quiet"});
    }
    QString file(const QString &name) const { return m_folder.filePath(name); }
    std::filesystem::path path(const char *name) const { return file(QString::fromLatin1(name)).toStdString(); }
    template <typename Edit>
    void alter(const QString &copy, const Edit &edit) const;

    QTemporaryDir m_folder;
};

/// A run that was steered by hand, as it stood on its way and at its end.
void TstReplayCommand::initTestCase()
{
    Run run{FromSettings{quick()}};
    Follower follower{run};
    const auto wrong = support::steer(run, follower,
                                      {{4, {SetParameter{ParameterId::LearningRate, 0.03}}},
                                       {20, {SetLayerLambda{"features.3", 2.0}, NextStage{}}},
                                       {26, {SetParameter{ParameterId::Lambda, 0.5}, StepOnce{}}}});
    QCOMPARE(wrong, std::string{});
    QVERIFY(support::goTo(follower, 31));
    QVERIFY(support::takeSnapshot(run, follower, path("middle.h5")));
    QVERIFY(support::toEnd(run, follower, path("end.h5")));
}

void TstReplayCommand::theSameBits_data()
{
    QTest::addColumn<QString>("snapshot");
    QTest::addColumn<int>("step");
    QTest::newRow("on its way") << "middle.h5" << 31;
    QTest::newRow("at its end") << "end.h5" << 50;
}
void TstReplayCommand::theSameBits()
{
    QFETCH(QString, snapshot);
    QFETCH(int, step);
    const QString out = "of " + snapshot;
    const Outcome outcome = replay(file(snapshot), out);
    QVERIFY2(outcome.code == 0, qPrintable(outcome.out + outcome.err));
    QCOMPARE(outcome.out, QStringLiteral("The same bits at step %1: every weight and representative of 5 layers, and every other "
                                         "array.\n").arg(step));
    QCOMPARE(outcome.err, QString{});
    const auto reached = readSnapshot(file(out + "/snapshot.h5").toStdString());
    const auto stored = readSnapshot(file(snapshot).toStdString());
    QVERIFY(reached && stored);
    support::compareBits(*reached, *stored);
    const Outcome again = replay(file(out + "/snapshot.h5"), "again " + snapshot); // what it leaves is a run as any other
    QVERIFY2(again.code == 0, qPrintable(again.out + again.err));
}

template <typename Edit>
void TstReplayCommand::alter(const QString &copy, const Edit &edit) const
{
    QVERIFY(QFile::copy(file("middle.h5"), file(copy)));
    const hid_t opened = H5Fopen(file(copy).toUtf8().constData(), H5F_ACC_RDWR, H5P_DEFAULT);
    QVERIFY(opened >= 0);
    edit(opened);
    H5Fclose(opened);
}

void TstReplayCommand::alteredWeightsAreNamed()
{
    alter("altered.h5", [](hid_t opened) { support::clear(opened, "/run/layers/001 features.3/weights"); });
    const Outcome outcome = replay(file("altered.h5"), "altered");
    QCOMPARE(outcome.code, 1);
    QVERIFY2(outcome.out.startsWith("Other bits at step 31:\n  features.3: 2400 weights and 0 representatives differ\n"),
             qPrintable(outcome.out + outcome.err));
    QVERIFY(!outcome.out.contains("features.0") && !outcome.out.contains("classifier"));
}

void TstReplayCommand::anAlteredArrayIsNamed()
{
    alter("biased.h5", [](hid_t opened) { support::clear(opened, "/run/state/network/classifier.5.bias"); });
    const Outcome outcome = replay(file("biased.h5"), "biased");
    QCOMPARE(outcome.code, 1);
    QVERIFY2(outcome.out.contains("  other arrays that differ: network/classifier.5.bias\n"), qPrintable(outcome.out + outcome.err));
}

void TstReplayCommand::refuses_data()
{
    QTest::addColumn<QString>("snapshot");
    QTest::addColumn<QString>("out");
    QTest::addColumn<QString>("says");
    QVERIFY(QDir{}.mkpath(file("occupied")) && QFile::copy(file("end.h5"), file("occupied/snapshot.h5")));
    QTest::newRow("a folder with a run") << file("middle.h5") << "occupied" << "occupied";
    QTest::newRow("no such snapshot") << file("none.h5") << "new" << "none.h5";
    QTest::newRow("an older one") << QStringLiteral(TEST_SOURCE_DIR "/golden/snapshot-1.3/run.h5") << "new"
                                  << "expected a snapshot that knows all that was done in its run";
}
void TstReplayCommand::refuses()
{
    QFETCH(QString, snapshot);
    QFETCH(QString, out);
    QFETCH(QString, says);
    const bool wasThere = QFile::exists(file(out));
    const Outcome outcome = replay(snapshot, out);
    QCOMPARE(outcome.code, 2);
    QVERIFY2(outcome.err.startsWith("condensate: ") && outcome.err.contains(says) && outcome.err.count('\n') == 1, qPrintable(outcome.err));
    QVERIFY(outcome.out.isEmpty());
    QCOMPARE(QFile::exists(file(out)), wasThere);
}

/// A run that a recipe steers, its recipe and its packed file.
void TstReplayCommand::aRecipeWithChanges()
{
    const auto stored = readSnapshot(path("end.h5"));
    QVERIFY(stored && writeRecipe(recipeOf(stored->run.log), "steered", path("steered.toml")));
    const Outcome trained = support::run({"train", file("steered.toml"), "--out", file("steered"), "--quiet"});
    QVERIFY2(trained.code == 0, qPrintable(trained.err));
    const auto found = readSnapshot(path("steered/snapshot.h5"));
    QVERIFY(found);
    support::compareBits(*found, *stored);
    const auto left = readRecipe(path("steered/recipe.toml"));
    QVERIFY(left && left->changes == recipeOf(stored->run.log).changes);
    const Outcome outcome = replay(file("steered/snapshot.h5"), "steered again");
    QVERIFY2(outcome.code == 0, qPrintable(outcome.out + outcome.err));
}

void TstReplayCommand::aNetworkOfOnesOwnWithDropout()
{
    constexpr int kNoPyTorch = 77; // as scripted_modules.py says
    const int code = QProcess::execute("/usr/bin/python3", {"-B", TEST_SOURCE_DIR "/support/scripted_modules.py", m_folder.path()});
    if (code == kNoPyTorch)
        QSKIP("python3-torch is not installed");
    QCOMPARE(code, 0);
    const auto model = "torchscript:" + path("separable.pt").string();
    {
        Run run{FromSettings{quick({{ParameterId::Model, model.c_str()}, {ParameterId::SnappedSubset, "16"}})}};
        Follower follower{run};
        const auto wrong = support::steer(run, follower,
                                          {{3, {SetParameter{ParameterId::LearningRate, 0.01}, MeasurePacked{}}},
                                           {6, {NextStage{}}},
                                           {9, {SetLayerLambda{"head", 2.0}}},
                                           {12, {}}});
        QCOMPARE(wrong, std::string{});
        QVERIFY(support::takeSnapshot(run, follower, path("own.h5")));
    }
    const Outcome outcome = replay(file("own.h5"), "own");
    QVERIFY2(outcome.code == 0 && outcome.out.startsWith("The same bits at step 12"), qPrintable(outcome.out + outcome.err));
    QVERIFY(QFile::remove(file("separable.pt")) && QFile::copy(file("momentum.pt"), file("separable.pt")));
    const Outcome other = replay(file("own.h5"), "own again");
    QCOMPARE(other.code, 2);
    QVERIFY2(other.err.contains("expected the network that the run trained, found another"), qPrintable(other.err));
}

QTEST_APPLESS_MAIN(TstReplayCommand)
#include "tst_replaycommand.moc"
