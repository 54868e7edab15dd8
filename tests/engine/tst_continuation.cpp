// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/run.h"
#include "engine/storage/snapshot.h"
#include "tests/support/finishedrun.h"
#include "tests/support/flags.h"
#include "tests/support/samebits.h"
#include <QtTest>

using namespace engine;
using support::changesOf;
using support::compareBits;
using support::takeSnapshot;
using support::with;

namespace {

/// 20 steps: 10 warm-up, 6 cluster, 4 commit.
const QStringList kBranchable{"model=lenet5", "data=generated",    "epochs=1",        "batch-size=90",
                              "threads=1",    "snapped-subset=50", "commit-share=0.2"};

} // namespace

class TstContinuation : public QObject {
    Q_OBJECT
private slots:
    /// A run interrupted at a step, saved, opened and continued ends with the very bits of the run that never was.
    void bitForBit_data()
    {
        QTest::addColumn<QStringList>("flags");
        QTest::addColumn<int>("pauseAt");
        const QStringList small{"model=lenet5", "data=generated"};
        QTest::newRow("in warm-up") << small << 7;
        QTest::newRow("at the border of warm-up and cluster") << small << 10;
        QTest::newRow("in cluster, snapped") << small << 14;
        QTest::newRow("in cluster, latent") << (small + QStringList{"forward=latent"}) << 14;
        QTest::newRow("at the border of cluster and commit") << small << 16;
        QTest::newRow("in commit") << small << 18;
        QTest::newRow("adam") << (small + QStringList{"optimizer=adam", "lr=0.001", "cluster-lr=0.0005"}) << 14;
        QTest::newRow("float") << (small + QStringList{"forward=float"}) << 14;
        QTest::newRow("batch-norm") << QStringList{"model=vgg-small", "data=generated"} << 14;
        QTest::newRow("two threads") << (small + QStringList{"threads=2"}) << 14;
        QTest::newRow("soft-min, auxiliary terms, rules for layers")
            << (small + QStringList{"regularizer=soft-min", "entropy=0.1", "repulsion=0.1", "pin-zero=on",
                                    "layers=features.*:k=7,lambda=0.5;classifier.5:init=quantile,regularizer=harmonic"}) << 14;
        QTest::newRow("ramps of single layers")
            << (small + QStringList{"regularizer=soft-min", "repulsion=0.1",
                                    "layers=features.*:ramp=linear,ramp-start=0.3;classifier.5:ramp-share=0.3"})
            << 14;
        const QStringList mixed = small + QStringList{"regularizer=soft-min", "mixing=learnt", "representative-lr=0.1"};
        QTest::newRow("learnt mixing, before the codebooks are made") << mixed << 7;
        QTest::newRow("learnt mixing of single layers")
            << (mixed + QStringList{"regularizer=nearest-l2", "layers=features.*:regularizer=soft-min"}) << 14;
        QTest::newRow("learnt mixing of ranges of channels") << (mixed + QStringList{"scope=channels"}) << 14;
        QTest::newRow("learnt mixing of a codebook for all layers of a kind")
            << (mixed + QStringList{"scope=unified", "forward=latent"}) << 14;
        QTest::newRow("learnt mixing in commit") << mixed << 18;
        QTest::newRow("a grid, latent") << (small + QStringList{"regularizer=periodic", "forward=latent", "symmetric=on"}) << 14;
        QTest::newRow("a grid in commit") << (small + QStringList{"regularizer=periodic"}) << 18;
        QTest::newRow("a codebook for each range of channels") << (small + QStringList{"scope=channels", "channel-groups=3"}) << 14;
        QTest::newRow("a codebook for all layers of a kind") << (small + QStringList{"scope=unified", "forward=latent"}) << 14;
        QTest::newRow("the same in commit") << (small + QStringList{"scope=unified"}) << 18;
        QTest::newRow("a layer that stays float") << (small + QStringList{"layers=features.0:float;classifier.5:float"}) << 14;
        const QStringList sparse{"model=lenet5", "data=generated",         "epochs=2", "batch-size=180",
                                 "init=linear",  "layers=features.0:k=64", "dead=drop"};
        QTest::newRow("before representatives are dropped") << sparse << 10; // an epoch begins with the cluster stage
        QTest::newRow("after representatives were dropped") << sparse << 14;
        QTest::newRow("before the last are dropped") << sparse << 16;
        QTest::newRow("committed after a drop") << (sparse + QStringList{"symmetric=on"}) << 18;
        QTest::newRow("dropout") << QStringList{"model=alexnet", "data=generated", "batch-size=30", "snapped-subset=16", "lr=0.002"} << 13;
    }
    void bitForBit()
    {
        QFETCH(QStringList, flags);
        QFETCH(int, pauseAt);
        const Settings settings = with(kBranchable + flags);
        const int last = flags.contains("batch-size=30") ? 16 : 19; // one step short of the final evaluation, or early for the dear one
        QTemporaryDir folder;
        const std::filesystem::path base = folder.path().toStdString();

        Run whole{FromSettings{settings}};
        Follower wholeFollower{whole};
        whole.post(PauseAt{Step{static_cast<std::uint64_t>(last)}});
        whole.start();
        QVERIFY(wholeFollower.await<Paused>());
        const auto expected = takeSnapshot(whole, wholeFollower, base / "whole.h5");
        QVERIFY2(expected, expected ? "" : expected.error().text.c_str());

        Run first{FromSettings{settings}};
        Follower firstFollower{first};
        first.post(PauseAt{Step{static_cast<std::uint64_t>(pauseAt)}});
        first.start();
        QVERIFY(firstFollower.await<Paused>());
        QVERIFY(takeSnapshot(first, firstFollower, base / "half.h5"));
        const auto second = std::make_unique<Run>(FromSnapshot{base / "half.h5"});
        Follower secondFollower{*second};
        second->post(PauseAt{Step{static_cast<std::uint64_t>(last)}});
        second->start();
        const auto *prepared = secondFollower.await<Prepared>();
        QVERIFY(prepared && !prepared->history->empty());
        QVERIFY(secondFollower.await<Paused>());
        const auto found = takeSnapshot(*second, secondFollower, base / "second.h5");
        QVERIFY2(found, found ? "" : found.error().text.c_str());

        QCOMPARE(count(found->run.step), static_cast<std::uint64_t>(last));
        compareBits(*found, *expected);
        if (flags.contains("mixing=learnt"))
            QVERIFY(!expected->training.layers[0].mixing.empty() &&
                    expected->training.layers[4].mixing.empty() == flags.contains("regularizer=nearest-l2"));
        if (flags.contains("dead=drop"))
            QVERIFY(expected->network.layers[0].representatives.size() < 64);
    }

    /// Stages that were cut short by hand are short in the continued run, too.
    void stagesCutShort()
    {
        QTemporaryDir folder;
        const std::filesystem::path base = folder.path().toStdString();
        std::vector<SnapshotData> ends;
        for (const bool interrupted : {false, true}) {
            auto run = std::make_unique<Run>(FromSettings{with(kBranchable)});
            auto follower = std::make_unique<Follower>(*run);
            run->post(PauseAt{Step{4}});
            run->start();
            QVERIFY(follower->await<Paused>());
            QVERIFY(std::holds_alternative<Applied>(follower->ask(NextStage{}))); // cluster from 4 to 10, commit to 14
            if (interrupted) {
                QVERIFY(takeSnapshot(*run, *follower, base / "short.h5"));
                follower.reset();
                run = std::make_unique<Run>(FromSnapshot{base / "short.h5"});
                follower = std::make_unique<Follower>(*run);
                run->start({.paused = true});
                QVERIFY(follower->await<Paused>());
            }
            QVERIFY(std::holds_alternative<Applied>(follower->ask(PauseAt{Step{13}})));
            QVERIFY(std::holds_alternative<Applied>(follower->ask(Resume{})));
            QVERIFY(follower->await<Paused>());
            const auto data = takeSnapshot(*run, *follower, base / "end.h5");
            QVERIFY(data);
            ends.push_back(*data);
            follower.reset();
        }
        QVERIFY(ends.front().run.stage == Stage::Commit);
        compareBits(ends.back(), ends.front());
    }

    /// A run that branches off another one's warm-up ends with the very bits of a run that had its settings
    /// from the start.
    void branchesAreRunsOfTheirOwn_data()
    {
        QTest::addColumn<QStringList>("changes");
        QTest::newRow("another forward mode") << QStringList{"forward=latent"};
        QTest::newRow("another strength and start") << QStringList{"lambda=2", "init=linear"};
        QTest::newRow("more representatives") << QStringList{"k=7"};
        QTest::newRow("another regularizer") << QStringList{"regularizer=periodic", "pin-zero=on"};
        QTest::newRow("rules for layers") << QStringList{"layers=classifier.*:k=9,lambda=2,regularizer=harmonic"};
    }
    void branchesAreRunsOfTheirOwn()
    {
        QFETCH(QStringList, changes);
        QTemporaryDir folder;
        const std::filesystem::path base = folder.path().toStdString();
        const Settings original = with(kBranchable);
        Run first{FromSettings{original}};
        Follower firstFollower{first};
        first.post(PauseAt{Step{10}});
        first.start();
        QVERIFY(firstFollower.await<Paused>());
        QVERIFY(takeSnapshot(first, firstFollower, base / "warmup.h5"));

        const auto branch = std::make_unique<Run>(Branch{base / "warmup.h5", changesOf(changes)});
        Follower branchFollower{*branch};
        branch->post(PauseAt{Step{19}});
        branch->start();
        QVERIFY(branchFollower.await<Paused>());
        const auto found = takeSnapshot(*branch, branchFollower, base / "branch.h5");
        QVERIFY2(found, found ? "" : found.error().text.c_str());
        QVERIFY(found->run.seconds > 0);

        Run whole{FromSettings{with(kBranchable + changes)}};
        Follower wholeFollower{whole};
        whole.post(PauseAt{Step{19}});
        whole.start();
        QVERIFY(wholeFollower.await<Paused>());
        const auto expected = takeSnapshot(whole, wholeFollower, base / "whole.h5");
        QVERIFY2(expected, expected ? "" : expected.error().text.c_str());
        QVERIFY(found->run.description.settings == expected->run.description.settings);
        compareBits(*found, *expected);
    }

    void branchesAreRefused_data()
    {
        QTest::addColumn<int>("takenAt");
        QTest::addColumn<QStringList>("changes");
        QTest::addColumn<QString>("mentions");
        QTest::newRow("another seed") << 5 << QStringList{"seed=9"} << "seed: expected 1, with which it was trained so far, found 9";
        QTest::newRow("another network") << 5 << QStringList{"model=alexnet"} << "model: expected lenet5";
        QTest::newRow("a shorter warm-up") << 10 << QStringList{"warmup-share=0.1"} << "warm-up of at least 10 steps";
        QTest::newRow("shares that do not fit") << 5 << QStringList{"warmup-share=0.9"} << "commit-share";
    }
    void branchesAreRefused()
    {
        QFETCH(int, takenAt);
        QFETCH(QStringList, changes);
        QFETCH(QString, mentions);
        QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath("run.h5").toStdString();
        Run first{FromSettings{with(kBranchable)}};
        Follower firstFollower{first};
        first.post(PauseAt{Step{static_cast<std::uint64_t>(takenAt)}});
        first.start();
        QVERIFY(firstFollower.await<Paused>());
        QVERIFY(takeSnapshot(first, firstFollower, file));
        const auto branch = std::make_unique<Run>(Branch{file, changesOf(changes)});
        Follower follower{*branch};
        branch->start();
        const auto *failed = follower.await<Failed>();
        QVERIFY(failed);
        QVERIFY2(QString::fromStdString(failed->why.text).contains(mentions), failed->why.text.c_str());
    }

    void aForeignFileIsRefused()
    {
        QTemporaryDir folder;
        QFile file{folder.filePath("note.h5")};
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("not a snapshot");
        file.close();
        const auto run = std::make_unique<Run>(FromSnapshot{file.fileName().toStdString()});
        Follower follower{*run};
        run->start();
        const auto *failed = follower.await<Failed>();
        QVERIFY(failed);
        QVERIFY(QString::fromStdString(failed->why.text).contains("note.h5"));
    }

    void aSnapshotThatCannotBeWrittenIsReportedAndTrainingGoesOn()
    {
        Settings settings;
        QVERIFY(settings.setText(ParameterId::Data, "generated"));
        QVERIFY(settings.setText(ParameterId::Threads, "1"));
        Run run{FromSettings{settings}};
        Follower follower{run};
        run.start({.paused = true});
        QVERIFY(follower.await<Paused>());
        run.post(TakeSnapshot{"/no/such/folder/run.h5"});
        const auto *failed = follower.await<SnapshotFailed>();
        QVERIFY(failed);
        QVERIFY(QString::fromStdString(failed->why.text).contains("/no/such/folder"));
        QVERIFY(std::holds_alternative<Applied>(follower.ask(StepOnce{})));
        QVERIFY(follower.await<Paused>());
    }
};

QTEST_APPLESS_MAIN(TstContinuation)
#include "tst_continuation.moc"
