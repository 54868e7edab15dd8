// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/flags.h"
#include "tests/support/quickrun.h"
#include "tests/support/replaying.h"

using namespace engine;
using support::changesOf, support::quick, support::steer, support::toEnd, support::Turn, support::with;

namespace {

using enum ParameterId;

SetParameter set(ParameterId id, const char *text) { return {id, *parseValue(spec(id), text)}; }

/// The turns of a run that is steered a little in each of its stages: 5 of warm-up, 6 of cluster, 3 of commit.
const std::vector<Turn> kShortTurns{{3, {set(Lambda, "0.5")}},
                                    {5, {NextStage{}, set(ClusterRate, "0.01")}},
                                    {8, {set(Layers, "classifier.*:lambda=2")}},
                                    {11, {NextStage{}}},
                                    {13, {set(WeightDecay, "0.001")}}};

} // namespace

class TstReplay : public QObject {
    Q_OBJECT
private slots:
    void steeredByHand();
    void steeredWhileItRuns();
    void networksAndTerms_data();
    void networksAndTerms();
    void killedAndResumed();
    void branches_data();
    void branches();
    void lengthened_data();
    void lengthened();
    void aReplayIsReplayed();

private:
    QTemporaryDir m_folder;
    std::filesystem::path file(const char *name) const { return m_folder.filePath(QString::fromLatin1(name)).toStdString(); }
};

void TstReplay::steeredByHand()
{
    Run run{FromSettings{quick()}};
    Follower follower{run};
    const auto wrong = steer(run, follower,
                             {{0, {set(CodebookSize, "5")}},
                              {3, {set(LearningRate, "0.03"), MeasurePacked{}}},
                              {9, {set(Lambda, "0.4"), StepOnce{}}},
                              {14, {set(WeightDecay, "0.001"), set(FrameInterval, "1")}},
                              {20, {SetLayerLambda{"features.3", 2.0}, Pause{}, MeasurePacked{}}},
                              {24, {NextStage{}}},
                              {27, {set(Layers, "features.3:lambda=3;classifier.*:lambda=0.01"), set(ClusterRate, "0.01")}},
                              {33, {set(Lambda, "1.5"), MeasurePacked{}}}});
    QCOMPARE(wrong, std::string{});
    const auto middle = support::takeSnapshot(run, follower, file("middle.h5"));
    QVERIFY(middle);
    QVERIFY(support::goTo(follower, 36));
    QVERIFY(support::applied(follower.ask(SetLayerLambda{"features.3", std::nullopt})));
    QVERIFY(support::goTo(follower, 44));
    QVERIFY(support::applied(follower.ask(set(Epochs, "3"))));
    QVERIFY(support::applied(follower.ask(set(RepresentativeRate, "0.05"))));
    const auto end = toEnd(run, follower, file("end.h5"));
    QVERIFY(end);
    QCOMPARE(count(end->run.step), 90u);
    support::compareReplay(*middle);
    support::compareReplay(*end);
    support::compareRecipe(*end);
}

/// Where it falls is up to the machine; the log knows.
void TstReplay::steeredWhileItRuns()
{
    Run run{FromSettings{quick()}};
    Follower follower{run};
    run.start();
    QVERIFY(follower.await<Sampled>([](const Sampled &sampled) { return count(sampled.sample.step) >= 5; }));
    run.post(set(LearningRate, "0.04"));
    run.post(SetLayerLambda{"classifier.5", 4.0});
    run.post(MeasurePacked{});
    run.post(NextStage{});
    QVERIFY(follower.await<StageEntered>([](const StageEntered &entered) { return entered.stage == Stage::Cluster; }));
    for (const auto *lambda : {"0.2", "0.3", "0.5"})
        run.post(set(Lambda, lambda));
    QVERIFY(follower.await<Finished>());
    const auto end = support::takeSnapshot(run, follower, file("ran.h5"));
    QVERIFY(end);
    support::compareReplay(*end);
    support::compareRecipe(*end);
}

void TstReplay::networksAndTerms_data()
{
    QTest::addColumn<QStringList>("flags");
    QTest::newRow("dropout") << QStringList{"model=alexnet", "batch-size=16", "snapped-subset=16", "lr=0.002"};
    QTest::newRow("batch-norm") << QStringList{"model=vgg-small", "batch-size=16", "snapped-subset=16"};
    QTest::newRow("soft-min with learnt mixing")
        << QStringList{"regularizer=soft-min", "mixing=learnt", "representative-lr=0.1", "repulsion=0.1"};
    QTest::newRow("adam, latent") << QStringList{"optimizer=adam", "lr=0.001", "cluster-lr=0.0005", "forward=latent"};
    QTest::newRow("dead ones dropped") << QStringList{"k=64", "init=linear", "dead=drop", "batch-size=360"};
    QTest::newRow("two threads") << QStringList{"threads=2"};
}
void TstReplay::networksAndTerms()
{
    QFETCH(QStringList, flags);
    Run run{FromSettings{with(flags, quick())}};
    Follower follower{run};
    const bool isShort = flags.contains("batch-size=360"); // 10 steps
    const std::vector<Turn> few{{2, {set(Lambda, "0.5")}}, {7, {set(ClusterRate, "0.01")}}, {9, {}}};
    QCOMPARE(steer(run, follower, isShort ? few : kShortTurns), std::string{});
    const auto stored = support::takeSnapshot(run, follower, file("network.h5"));
    QVERIFY(stored);
    QVERIFY(!flags.contains("mixing=learnt") || !stored->training.layers[0].mixing.empty());
    QVERIFY(!flags.contains("dead=drop") || stored->network.layers[0].representatives.size() < 64);
    support::compareReplay(*stored);
}

/// Three times what was trained after the last snapshot is lost.
void TstReplay::killedAndResumed()
{
    StartPoint from = FromSettings{quick()};
    for (const std::uint64_t kept : {7, 28, 46}) {
        Run run{from};
        Follower follower{run};
        QCOMPARE(steer(run, follower, {{kept - 3, {set(Lambda, std::to_string(kept).c_str())}}, {kept, {}}}), std::string{});
        QVERIFY(support::takeSnapshot(run, follower, file("kept.h5")));
        follower.ask(set(Lambda, "900"));
        QVERIFY(support::goTo(follower, kept + 2));
        from = FromSnapshot{file("kept.h5")};
    }
    Run last{from};
    const auto finished = support::finishRun(last, file("last.h5"));
    QVERIFY(finished);
    const auto &entries = finished->data.run.log.entries;
    QCOMPARE(std::ranges::count_if(entries, [](const LogEntry &e) { return std::holds_alternative<Started>(e.what); }), 4);
    support::compareReplay(finished->data);
    support::compareRecipe(finished->data);
}

void TstReplay::branches_data()
{
    QTest::addColumn<QStringList>("flags");   // of the run that is left
    QTest::addColumn<int>("step");            // 60, or 10: at its end
    QTest::addColumn<QStringList>("changes"); // there
    const QStringList none;
    QTest::newRow("of warm-up") << none << 30 << QStringList{"k=6", "lambda=0.5", "regularizer=periodic"};
    QTest::newRow("within warm-up, other training") << none << 12 << QStringList{"momentum=0.5", "schedule=constant"};
    QTest::newRow("within warm-up, a longer run") << none << 12 << QStringList{"lambda=0.5", "epochs=3", "k=3"};
    QTest::newRow("within warm-up, other stages") << none << 12 << QStringList{"commit-share=0.6", "warmup-share=0.3"};
    QTest::newRow("of the cluster stage") << none << 40 << QStringList{"lambda=1", "commit-share=0.2", "epochs=3"};
    QTest::newRow("of the cluster stage, latent") << none << 40 << QStringList{"forward=latent", "regularizer=soft-min"};
    QTest::newRow("of commit") << none << 57 << QStringList{"cluster-lr=0.01", "momentum=0.5"};
    const QStringList normed{"model=vgg-small", "batch-size=180", "snapped-subset=16", "epochs=1"};
    QTest::newRow("of a finished run with batch-norm") << normed << 10 << QStringList{"cluster-lr=0.01", "epochs=2"};
    QTest::newRow("of a finished float run") << QStringList{"forward=float"} << 60 << QStringList{"forward=snapped", "epochs=4", "k=3"};
    QTest::newRow("of a float run in its warm-up") << QStringList{"forward=float"} << 12 << QStringList{"forward=snapped", "epochs=3"};
}
void TstReplay::branches()
{
    QFETCH(QStringList, flags);
    QFETCH(int, step);
    QFETCH(QStringList, changes);
    {
        Run run{FromSettings{with(flags, quick())}};
        Follower follower{run};
        QCOMPARE(steer(run, follower, {{2, {set(Lambda, "0.3")}}, {static_cast<std::uint64_t>(step) - 1, {}}}), std::string{});
        if (step == 60 || flags.contains("epochs=1")) // it ends there
            QVERIFY(toEnd(run, follower, file("left.h5")));
        else
            QVERIFY(support::goTo(follower, static_cast<std::uint64_t>(step)) && support::takeSnapshot(run, follower, file("left.h5")));
    }
    Run branch{Branch{file("left.h5"), changesOf(changes)}};
    const auto finished = support::finishRun(branch, file("branch.h5"));
    QVERIFY(finished);
    support::compareReplay(finished->data);
    if (!flags.contains("epochs=1")) // those are dear
        support::compareRecipe(finished->data);
}

void TstReplay::lengthened_data()
{
    QTest::addColumn<bool>("byHand");
    QTest::newRow("by hand") << true;
    QTest::newRow("as it is resumed") << false;
}
void TstReplay::lengthened()
{
    QFETCH(bool, byHand);
    const QString model = byHand ? "model=lenet5" : "model=vgg-small"; // the latter has statistics, and is dear
    const StartPoint from = FromSettings{with({model, "batch-size=180", "snapped-subset=16", "epochs=1"}, quick())}; // 10 steps
    Result<SnapshotData> end = fail(ErrorCode::Internal, "the run did not end");
    {
        Run run{from};
        Follower follower{run};
        QCOMPARE(steer(run, follower, {{2, {NextStage{}}}, {4, {set(Lambda, "0.7")}}}), std::string{});
        QVERIFY(toEnd(run, follower, file("short.h5")));
        if (byHand) {
            QVERIFY(support::applied(follower.ask(set(Epochs, "2"))));
            QVERIFY(follower.await<Finished>());
            end = support::takeSnapshot(run, follower, file("long.h5"));
        }
    }
    if (!byHand) {
        Run run{FromSnapshot{file("short.h5"), {set(Epochs, "2")}}};
        if (auto finished = support::finishRun(run, file("long.h5")))
            end = std::move(finished->data);
    }
    QVERIFY(end);
    QCOMPARE(count(end->run.step), 20u);
    support::compareReplay(*end);
    if (byHand)
        support::compareRecipe(*end);
}

/// Its log is enough, too: what it took from a fork it took at once.
void TstReplay::aReplayIsReplayed()
{
    {
        Run run{FromSettings{quick()}};
        Follower follower{run};
        QCOMPARE(steer(run, follower, {{12, {}}}), std::string{});
        QVERIFY(support::takeSnapshot(run, follower, file("left.h5")));
    }
    Run branch{Branch{file("left.h5"), {set(Epochs, "3"), set(CodebookSize, "3")}}};
    const auto finished = support::finishRun(branch, file("branch.h5"));
    QVERIFY(finished);
    const auto again = support::runAgain(*replayOf(finished->data.run));
    QVERIFY(again && again->run.log.isComplete);
    support::compareReplay(*again);
    support::compareRecipe(*again);
}

QTEST_APPLESS_MAIN(TstReplay)
#include "tst_replay.moc"
