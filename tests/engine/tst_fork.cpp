// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/run.h"
#include "engine/training/fork.h"
#include "tests/support/flags.h"
#include "tests/support/quicksnapshot.h"
#include <QtTest>
#include <map>

using namespace engine;
using support::changesOf;
using support::quick;

namespace {

StageLengths stagesOf(const SnapshotData &data)
{
    const RunDescription &run = data.run.description;
    return {run.warmupSteps, run.clusterSteps, run.commitSteps};
}

constexpr int kEnd = 60, kFloatEnd = 160; ///< at which rows leave a run: 30 of warm-up, 24 of cluster, 6 of commit

} // namespace

/// What a run can become that goes on from a snapshot: forkRun, the stages it plans, and the runs of it.
class TstFork : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void isAllowed_data();
    void isAllowed();
    void isRefused_data();
    void isRefused();
    void layersAreRefused_data();
    void layersAreRefused();
    void lengthensAStage_data();
    void lengthensAStage();
    void moreEpochsOfARun_data();
    void moreEpochsOfARun();
    void aBranchTrainsOn();
    void aRunThatIsLookedAtStaysFinished();

private:
    std::map<int, SnapshotData> m_left; ///< snapshots by step
    QTemporaryDir m_folder;
    std::filesystem::path path(const char *name) const { return m_folder.filePath(QString::fromLatin1(name)).toStdString(); }
};

void TstFork::initTestCase()
{
    for (const int step : {12, 30, 40, 54, 57, kEnd, kFloatEnd}) {
        const bool ends = step >= kEnd;
        const auto settings = quick({{ParameterId::Forward, step == kFloatEnd ? "float" : "snapped"}});
        auto data = support::snapshotAt(settings, ends ? std::nullopt : std::optional{Step{static_cast<std::uint64_t>(step)}});
        QVERIFY2(data, data ? "" : data.error().text.c_str());
        m_left.emplace(step, *std::move(data));
    }
}

void TstFork::isAllowed_data()
{
    QTest::addColumn<int>("step");
    QTest::addColumn<QStringList>("changes");
    QTest::addColumn<QList<int>>("stages");
    const QList<int> asTheyWere{30, 24, 6};
    QTest::newRow("in warm-up, nothing") << 12 << QStringList{} << asTheyWere;
    QTest::newRow("in warm-up, codebooks") << 12 << QStringList{"k=7", "init=linear", "pin-zero=on", "regularizer=periodic"} << asTheyWere;
    QTest::newRow("in warm-up, another pass") << 12 << QStringList{"forward=float"} << asTheyWere;
    QTest::newRow("in warm-up, longer") << 12 << QStringList{"epochs=3"} << QList<int>{45, 36, 9};
    QTest::newRow("in warm-up, shorter") << 12 << QStringList{"epochs=1"} << QList<int>{15, 12, 3};
    QTest::newRow("in warm-up, shares") << 12 << QStringList{"warmup-share=0.2", "commit-share=0.3"} << QList<int>{12, 30, 18};
    QTest::newRow("at its end") << 30 << QStringList{"k=3", "symmetric=on"} << asTheyWere;
    QTest::newRow("in cluster, strengths") << 40 << QStringList{"lambda=2", "entropy=0.1", "layers=features.*:lambda=3"} << asTheyWere;
    QTest::newRow("in cluster, the pull") << 40 << QStringList{"regularizer=harmonic", "forward=latent"} << asTheyWere;
    QTest::newRow("in cluster, rates") << 40 << QStringList{"momentum=0.5", "schedule=constant", "cluster-lr=0.1"} << asTheyWere;
    QTest::newRow("in cluster, longer") << 40 << QStringList{"epochs=4"} << QList<int>{30, 84, 6};
    QTest::newRow("in cluster, more of commit") << 40 << QStringList{"commit-share=0.25"} << QList<int>{30, 15, 15};
    QTest::newRow("at its end, longer") << 54 << QStringList{"epochs=3"} << QList<int>{30, 54, 6};
    QTest::newRow("in commit, longer") << 57 << QStringList{"epochs=3", "momentum=0.5"} << QList<int>{30, 24, 36};
    QTest::newRow("what it was") << 57 << QStringList{"k=4", "forward=snapped", "seed=1"} << asTheyWere;
    QTest::newRow("finished, longer") << kEnd << QStringList{"epochs=3", "weight-decay=0"} << QList<int>{30, 24, 36};
    QTest::newRow("a float network, quantized")
        << kFloatEnd << QStringList{"forward=snapped", "epochs=4", "k=16"} << QList<int>{60, 48, 12};
    QTest::newRow("a float network, longer") << kFloatEnd << QStringList{"epochs=3"} << QList<int>{30, 24, 36};
}
void TstFork::isAllowed()
{
    QFETCH(int, step);
    QFETCH(QStringList, changes);
    QFETCH(QList<int>, stages);
    auto data = m_left.at(step);
    const auto forked = forkRun(data, changesOf(changes));
    QVERIFY2(forked, forked ? "" : forked.error().text.c_str());
    for (const auto &change : changesOf(changes))
        QVERIFY(data.run.description.settings.value(change.id) == change.value);
    const StageLengths found = stagesOf(data);
    QCOMPARE((QList<int>{int(found.warmup), int(found.cluster), int(found.commit)}), stages);
    QVERIFY(data.run.stage != Stage::Finished && !data.run.latentTestAccuracy && !data.run.snappedTestAccuracy);
    QCOMPARE(count(data.run.step), count(m_left.at(step).run.step));
}

void TstFork::isRefused_data()
{
    QTest::addColumn<int>("step");
    QTest::addColumn<QStringList>("changes");
    QTest::addColumn<QStringList>("says");
    const auto soFar = [](int step, const char *change, const QString &says) {
        QTest::addRow("%s at %d", change, step) << step << QStringList{change} << QStringList{says, "with which it was trained so far"};
    };
    for (const int step : {12, 40, 57, kEnd}) {
        soFar(step, "model=alexnet", "model: expected lenet5");
        soFar(step, "seed=2", "seed: expected 1");
        soFar(step, "batch-size=30", "batch-size: expected 60");
        soFar(step, "optimizer=adam", "optimizer: expected sgd");
        soFar(step, "scope=channels", "scope: expected layer");
        soFar(step, "validation-share=0.2", "validation-share: expected 0.1");
    }
    for (const int step : {40, 57, kEnd}) {
        QTest::addRow("k at %d", step) << step << QStringList{"k=8"}
                                       << QStringList{"k: expected 4", "found 8", "branch from the end of its warm-up (warmup.h5)"};
        QTest::addRow("the start at %d", step) << step << QStringList{"init=linear"} << QStringList{"init: expected kmeans", "warmup.h5"};
        QTest::addRow("float at %d", step) << step << QStringList{"forward=float"}
                                           << QStringList{"forward: expected snapped", step == 40 ? "warmup.h5" : "cluster.h5"};
        QTest::addRow("fewer epochs at %d", step)
            << step << QStringList{"epochs=1"} << QStringList{"epochs: expected at least 2", "found 1"};
    }
    for (const int step : {57, kEnd}) {
        for (const char *change : {"regularizer=harmonic", "forward=latent", "commit-share=0.5"})
            QTest::addRow("%s at %d", change, step)
                << step << QStringList{change, "epochs=3"}
                << QStringList{QString{change}.section('=', 0, 0) + ": expected ", "assignments are frozen",
                               "branch from the end of its cluster stage (cluster.h5)"};
    }
    QTest::newRow("a warm-up that is over")
        << 30 << QStringList{"warmup-share=0.4"} << QStringList{"warm-up of at least 30 steps", "found 24"};
    QTest::newRow("fewer epochs in warm-up") << 30 << QStringList{"epochs=1"} << QStringList{"warm-up of at least 30 steps", "found 15"};
    QTest::newRow("no step left") << kEnd << QStringList{"lambda=2"} << QStringList{"all 2 epochs are done", "lengthen the commit stage"};
    QTest::newRow("no step left of a float run") << kFloatEnd << QStringList{"forward=snapped"} << QStringList{"all 2 epochs are done"};
    QTest::newRow("what does not fit together") << 12 << QStringList{"warmup-share=0.9", "commit-share=0.3"}
                                                << QStringList{"warmup-share + commit-share"};
    QTest::newRow("no value of it") << 12 << QStringList{"scope=layer", "symmetric=on", "pin-zero=on"} << QStringList{"k: expected an odd"};
}
void TstFork::isRefused()
{
    QFETCH(int, step);
    QFETCH(QStringList, changes);
    QFETCH(QStringList, says);
    auto data = m_left.at(step);
    const auto forked = forkRun(data, changesOf(changes));
    QVERIFY(!forked);
    QCOMPARE(int(forked.error().code), int(ErrorCode::BadValue));
    const auto text = QString::fromStdString(forked.error().text);
    for (const auto &part : says)
        QVERIFY2(text.contains(part) && text.endsWith('.'), qPrintable(text));
    QVERIFY(data.run.description.settings == m_left.at(step).run.description.settings);
}

void TstFork::layersAreRefused_data()
{
    QTest::addColumn<int>("step");
    QTest::addColumn<QString>("rules");
    QTest::addColumn<QString>("says");
    QTest::newRow("k of one") << 40 << "features.3:k=8" << "expected features.3 to keep the codebook that is made";
    QTest::newRow("the pull of one, committed") << 57 << "features.3:regularizer=harmonic" << "expected features.3 to keep";
    QTest::newRow("float") << 12 << "classifier.*:float" << "to be quantized, as it was so far, found float";
}
void TstFork::layersAreRefused()
{
    QFETCH(int, step);
    QFETCH(QString, rules);
    QFETCH(QString, says);
    auto data = m_left.at(step);
    const auto forked = forkRun(data, {{ParameterId::Layers, rules.toStdString()}});
    QVERIFY(!forked);
    QVERIFY2(QString::fromStdString(forked.error().text).contains(says), forked.error().text.c_str());
    const QString strength = rules.section(':', 0, 0) + ":lambda=2"; // which can always change
    QVERIFY(forkRun(data, {{ParameterId::Layers, strength.toStdString()}}));
}

void TstFork::lengthensAStage_data()
{
    QTest::addColumn<int>("stage");
    QTest::addColumn<int>("commit");
    QTest::addColumn<QList<int>>("stages");
    QTest::newRow("warm-up") << int(Stage::Warmup) << 2 << QList<int>{15, 3, 2};
    QTest::newRow("cluster") << int(Stage::Cluster) << 2 << QList<int>{5, 13, 2};
    QTest::newRow("commit") << int(Stage::Commit) << 2 << QList<int>{5, 3, 12};
    QTest::newRow("finished: the last") << int(Stage::Finished) << 2 << QList<int>{5, 3, 12};
    QTest::newRow("finished without commit") << int(Stage::Finished) << 0 << QList<int>{5, 15, 0};
}
void TstFork::lengthensAStage()
{
    QFETCH(int, stage);
    QFETCH(int, commit);
    const auto found = lengthened({5, 3, static_cast<std::uint64_t>(commit)}, static_cast<Stage>(stage), 20);
    QTEST((QList<int>{int(found.warmup), int(found.cluster), int(found.commit)}), "stages");
    QCOMPARE(lengthened(found, Stage::Commit, 20).total(), 20u);
    QVERIFY(lastStage({5, 0, 0}) == Stage::Warmup && lastStage({5, 1, 0}) == Stage::Cluster && lastStage({5, 0, 1}) == Stage::Commit);
}

void TstFork::moreEpochsOfARun_data()
{
    QTest::addColumn<int>("step");
    QTest::addColumn<QList<int>>("stages");
    QTest::newRow("in warm-up") << 12 << QList<int>{60, 24, 6};
    QTest::newRow("in cluster") << 40 << QList<int>{30, 54, 6};
    QTest::newRow("in commit") << 57 << QList<int>{30, 24, 36};
    QTest::newRow("finished") << kEnd << QList<int>{30, 24, 36};
}
/// As --resume with --epochs: stages that are done keep their steps. Other changes are for branches, fewer epochs
/// for none.
void TstFork::moreEpochsOfARun()
{
    QFETCH(int, step);
    QVERIFY(writeSnapshot(m_left.at(step), path("left.h5")));
    const auto failure = [this](const QStringList &changes) {
        Run run{FromSnapshot{path("left.h5"), changesOf(changes)}};
        Follower follower{run};
        run.start({.paused = true});
        const auto *failed = follower.await<Failed>();
        return failed ? QString::fromStdString(failed->why.text) : QString{};
    };
    QVERIFY(failure({"epochs=1"}).contains("epochs: expected at least 2"));
    QVERIFY(failure({"lambda=1"}).contains("a branch can have others"));
    Run run{FromSnapshot{path("left.h5"), changesOf({"epochs=3"})}};
    Follower follower{run};
    run.start({.paused = true});
    const auto *prepared = follower.await<Prepared>();
    QVERIFY(prepared && follower.await<Paused>());
    const RunDescription &found = *prepared->description;
    QTEST((QList<int>{int(found.warmupSteps), int(found.clusterSteps), int(found.commitSteps)}), "stages");
    const auto &last = prepared->log->entries.back();
    QVERIFY(std::get<SetParameter>(last.what).id == ParameterId::Epochs && count(last.step) == static_cast<std::uint64_t>(step));
    follower.ask(StepOnce{});
    const auto *paused = follower.await<Paused>();
    QVERIFY(paused);
    QCOMPARE(count(paused->step), static_cast<std::uint64_t>(step) + 1);
}

void TstFork::aBranchTrainsOn()
{
    for (const auto &[step, left] : m_left) {
        QVERIFY(writeSnapshot(left, path("left.h5")));
        Run run{Branch{path("left.h5"), changesOf({"epochs=3", "lambda=0.5"})}};
        Follower follower{run};
        run.start();
        const auto *finished = follower.await<Finished>();
        QVERIFY(finished);
        QCOMPARE(count(finished->summary.step), 90u);
    }
    QVERIFY(readSnapshot(path("left.h5"))->run.stage == Stage::Finished); // that of the run it left stays
}

void TstFork::aRunThatIsLookedAtStaysFinished()
{
    QVERIFY(writeSnapshot(m_left.at(kEnd), path("left.h5")));
    Run run{Branch{path("left.h5"), changesOf({"lambda=0.5"})}};
    Follower follower{run};
    run.start();
    const auto *failed = follower.await<Failed>();
    QVERIFY(failed && failed->why.text.find("all 2 epochs are done") != std::string::npos);
    Run look{FromSnapshot{path("left.h5")}};
    Follower looking{look};
    look.start();
    QVERIFY(looking.await<Finished>());
    QVERIFY(std::holds_alternative<Rejected>(looking.ask(SetParameter{ParameterId::Epochs, std::int64_t{1}})));
    QVERIFY(support::applied(looking.ask(SetParameter{ParameterId::Epochs, std::int64_t{3}})));
    const auto *finished = looking.await<Finished>();
    QVERIFY(finished);
    QCOMPARE(count(finished->summary.step), 90u);
}

QTEST_APPLESS_MAIN(TstFork)
#include "tst_fork.moc"
