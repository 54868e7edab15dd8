// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/run.h"
#include "tests/support/finishedrun.h"
#include "tests/support/quickrun.h"
#include "tests/support/samplesnapshot.h"
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <array>
#include <cmath>
#include <future>
#include <iterator>
#include <map>
#include <ranges>

using namespace engine;
using support::applied, support::Changes, support::quick;
Q_DECLARE_METATYPE(Changes)

namespace {

Changes operator+(Changes changes, const Changes &more)
{
    changes.insert(changes.end(), more.begin(), more.end());
    return changes;
}

/// What two runs share of which one was watched more often.
} // namespace

class TstRun : public QObject {
    Q_OBJECT
private slots:
    void runsThroughAllStages()
    {
        Run run{FromSettings{quick()}};
        Follower follower{run};
        run.start();
        const auto *finished = follower.await<Finished>();
        QVERIFY(finished);
        const Summary &summary = finished->summary;
        QCOMPARE(count(summary.step), 60u);
        QVERIFY(summary.snappedTestAccuracy > 0.8);
        QCOMPARE(summary.latentTestAccuracy, summary.snappedTestAccuracy); // committed
        QVERIFY(summary.size.entropyRatio() >= summary.size.fixedRatio());

        std::vector<Stage> stages;
        std::vector<int> epochs;
        Step lastSample{};
        const RunDescription *description = nullptr;
        for (const auto &event : follower.events) {
            if (const auto *prepared = std::get_if<Prepared>(&event))
                description = prepared->description.get();
            if (const auto *stage = std::get_if<StageEntered>(&event))
                stages.push_back(stage->stage);
            if (const auto *epoch = std::get_if<EpochEnded>(&event))
                epochs.push_back(epoch->epoch);
            if (const auto *sampled = std::get_if<Sampled>(&event)) {
                QVERIFY(sampled->sample.step >= lastSample);
                lastSample = sampled->sample.step;
                QCOMPARE(sampled->sample.layers.size(), 5u);
            }
        }
        QVERIFY((stages == std::vector{Stage::Warmup, Stage::Cluster, Stage::Commit, Stage::Finished}));
        QVERIFY((epochs == std::vector{1, 2}));
        QVERIFY(description);
        QCOMPARE(description->totalSteps(), 60u);
        QCOMPARE(description->layers.size(), 5u);
        QVERIFY(QString::fromStdString(description->dataName).contains("generated"));
    }

    void theFirstFrameComesBeforeTheFirstStep()
    {
        Run run{FromSettings{quick()}};
        Follower follower{run};
        run.start({.paused = true});
        QVERIFY(follower.await<Paused>());
        const auto frame = run.frames().take();
        QVERIFY(frame);
        QCOMPARE(count(frame->step), 0u);
        QVERIFY(!frame->codebooksAreLive);
        QVERIFY(!std::isnan(frame->snappedAccuracy) && !std::isnan(frame->latentAccuracy));
        for (const auto &layer : frame->layers) {
            QCOMPARE(layer.k(), 4);
            std::uint64_t weights = 0;
            for (const auto members : layer.occupancy)
                weights += members;
            QCOMPARE(layer.histogram.total(), weights);
            QCOMPARE(layer.size.weights, weights);
            QVERIFY(layer.meanDistance > 0);
        }
    }

    void pauseStepResume()
    {
        Run run{FromSettings{quick()}};
        Follower follower{run};
        run.start({.paused = true});
        QVERIFY(follower.await<Paused>());
        QVERIFY(applied(follower.ask(StepOnce{})));
        const auto *paused = follower.await<Paused>();
        QVERIFY(paused);
        QCOMPARE(count(paused->step), 1u);
        QCOMPARE(count(run.frames().take()->step), 1u); // a single step is shown
        QVERIFY(applied(follower.ask(PauseAt{Step{17}})));
        QVERIFY(applied(follower.ask(Resume{})));
        paused = follower.await<Paused>();
        QVERIFY(paused);
        QCOMPARE(count(paused->step), 17u);
        QVERIFY(std::holds_alternative<Rejected>(follower.ask(PauseAt{Step{5}})));
        QVERIFY(applied(follower.ask(Resume{})));
        QVERIFY(std::holds_alternative<Rejected>(follower.ask(StepOnce{}))); // not while it runs
        run.stop();
        QVERIFY(follower.await<Stopped>());
        run.wait();
        QVERIFY(run.ended());
        QVERIFY(std::holds_alternative<Rejected>(follower.ask(Resume{})));
    }

    void answersToParameters()
    {
        Run run{FromSettings{quick()}};
        Follower follower{run};
        run.start({.paused = true});
        QVERIFY(follower.await<Paused>());
        QVERIFY(applied(follower.ask(SetParameter{ParameterId::Lambda, 0.25})));
        QVERIFY(applied(follower.ask(SetLayerLambda{"features.3", 3.0})));
        QVERIFY(applied(follower.ask(SetParameter{ParameterId::CodebookSize, std::int64_t{8}}))); // warm-up: not made yet
        QVERIFY(std::holds_alternative<NeedsRestart>(follower.ask(SetParameter{ParameterId::Model, std::string{"vgg16"}})));
        QVERIFY(std::holds_alternative<Rejected>(follower.ask(SetParameter{ParameterId::Lambda, -1.0})));
        QVERIFY(std::holds_alternative<Rejected>(follower.ask(SetLayerLambda{"features.99", 1.0})));
        QVERIFY(std::holds_alternative<Rejected>(follower.ask(SetLayerLambda{"features.0", std::nan("")})));
        QVERIFY(applied(follower.ask(StepOnce{})));
        QVERIFY(follower.await<Paused>());
        const auto frame = run.frames().take();
        QCOMPARE(frame->layers[0].lambdaTarget, 0.25);
        QCOMPARE(frame->layers[1].lambdaTarget, 3.0);
        QCOMPARE(frame->layers[0].k(), 8);
        QVERIFY(applied(follower.ask(PauseAt{Step{40}})));
        QVERIFY(applied(follower.ask(Resume{})));
        QVERIFY(follower.await<Paused>());
        QVERIFY(std::holds_alternative<NeedsRestart>(follower.ask(SetParameter{ParameterId::CodebookSize, std::int64_t{4}})));
        QVERIFY(applied(follower.ask(SetLayerLambda{"features.3", std::nullopt})));
    }

    void nextStageEndsTheOneItIsIn()
    {
        Run run{FromSettings{quick()}};
        Follower follower{run};
        run.start({.paused = true});
        const auto goTo = [&](std::uint64_t step) {
            return applied(follower.ask(PauseAt{Step{step}})) && applied(follower.ask(Resume{})) && follower.await<Paused>();
        };
        QVERIFY(follower.await<Paused>());
        QVERIFY(goTo(3));
        QVERIFY(applied(follower.ask(NextStage{})));
        QVERIFY(goTo(5));
        QVERIFY(applied(follower.ask(NextStage{})));
        QVERIFY(goTo(6));
        QVERIFY(applied(follower.ask(NextStage{})));
        QVERIFY(applied(follower.ask(Resume{})));
        const auto *finished = follower.await<Finished>();
        QVERIFY(finished);
        QCOMPARE(count(finished->summary.step), 6u);
        QVERIFY(std::holds_alternative<Rejected>(follower.ask(NextStage{})));
        std::vector<std::array<std::uint64_t, 3>> told;
        std::vector<std::pair<Stage, std::uint64_t>> entered;
        for (const auto &event : follower.events) {
            if (const auto *stage = std::get_if<StageEntered>(&event))
                entered.emplace_back(stage->stage, count(stage->step));
            if (const auto *changed = std::get_if<StagesChanged>(&event))
                told.push_back({changed->description->warmupSteps, changed->description->clusterSteps, changed->description->commitSteps});
        }
        QVERIFY(
            (entered ==
             decltype(entered){{Stage::Warmup, 0}, {Stage::Cluster, 4}, {Stage::Commit, 6}, {Stage::Finished, 6}})); // after its first step
        QCOMPARE(told.size(), std::size_t{3});
        const auto commit = told.front()[2];
        QVERIFY((told[1] == std::array<std::uint64_t, 3>{3, 2, commit}) && (told[2] == std::array<std::uint64_t, 3>{3, 2, 1}));
    }

    void rulesForSingleLayersAndHeldCodebooks()
    {
        Run run{FromSettings{quick({{ParameterId::WarmupShare, "0"},
                                    {ParameterId::Layers, "features.*:k=3,lambda=2;classifier.1:regularizer=periodic"},
                                    {ParameterId::PinZero, "on"},
                                    {ParameterId::TemperatureEnd, "0.5"}})}};
        Follower follower{run};
        run.start({.paused = true});
        const auto *note = follower.await<Note>();
        QVERIFY(note && note->text.find("tau-end has no effect") != std::string::npos);
        QVERIFY(follower.await<Paused>());
        QVERIFY(applied(follower.ask(PauseAt{Step{12}})));
        QVERIFY(applied(follower.ask(Resume{})));
        QVERIFY(follower.await<Paused>());
        const auto frame = run.frames().take();
        for (const auto &layer : frame->layers) {
            const bool early = index(layer.id) < 2; // features.0, features.3
            QCOMPARE(layer.k(), early ? 3 : 4);
            QCOMPARE(layer.lambdaTarget, early ? 2.0 : 0.1);
            QVERIFY(std::ranges::find(layer.representatives, 0.0f) != layer.representatives.end());
        }
        const auto &grid = frame->layers[2].representatives;
        QVERIFY(std::abs((grid[1] - grid[0]) - (grid[3] - grid[2])) < 1e-6f);
    }

    void floatLayersTrainAndAreCounted()
    {
        Run run{FromSettings{quick({{ParameterId::Layers, "features.0:float"}, {ParameterId::Epochs, "1"}})}};
        Follower follower{run};
        run.start();
        const auto *prepared = follower.await<Prepared>();
        QVERIFY(prepared);
        QCOMPARE(prepared->description->layers.size(), std::size_t{4});
        QCOMPARE(prepared->description->layers.front().name, std::string{"features.3"});
        Run whole{FromSettings{quick({{ParameterId::Epochs, "1"}})}};
        Follower wholeFollower{whole};
        whole.start();
        const auto *all = wholeFollower.await<Prepared>();
        QCOMPARE(prepared->description->floatParameters, all->description->floatParameters + all->description->layers.front().weightCount);
        QVERIFY(
            follower.await<Note>([](const Note &note) { return note.text.find("features.0.weight stays float") != std::string::npos; }));
        QVERIFY(follower.await<Finished>());
        QVERIFY(std::holds_alternative<Rejected>(follower.ask(SetParameter{ParameterId::Lambda, 0.1}))); // it has finished
    }

    void aNumberThatIsNotFinitePausesAndKeepsTheState_data()
    {
        QTest::addColumn<Changes>("changes");
        const Changes wild{{ParameterId::LearningRate, "10"}, {ParameterId::ClusterRate, "10"}, {ParameterId::Momentum, "0.99"},
                           {ParameterId::CommitShare, "0"}};
        QTest::newRow("in warm-up") << wild + Changes{{ParameterId::WarmupShare, "1"}};
        QTest::newRow("in the cluster stage") << wild + Changes{{ParameterId::WarmupShare, "0"}, {ParameterId::Forward, "latent"}};
        QTest::newRow("batch-norm") << Changes{{ParameterId::Model, "vgg-small"}, {ParameterId::LearningRate, "10"}};
        QTest::newRow("dropout")
            << Changes{{ParameterId::Model, "alexnet"}, {ParameterId::BatchSize, "30"}, {ParameterId::LearningRate, "10"}};
    }
    void aNumberThatIsNotFinitePausesAndKeepsTheState()
    {
        QFETCH(Changes, changes);
        Run scout{FromSettings{quick(changes)}};
        Follower scoutFollower{scout};
        scout.start();
        const auto *failed = scoutFollower.await<Paused>();
        QVERIFY(failed);
        const auto reason = QString::fromStdString(failed->reason);
        QVERIFY2(reason.contains("not a finite number"), qPrintable(reason));
        QVERIFY2(reason.contains("features.") || reason.contains("classifier."), qPrintable(reason));

        const QTemporaryDir folder;
        Run run{FromSettings{quick(changes)}};
        Follower follower{run};
        run.post(PauseAt{failed->step});
        run.start();
        const auto *paused = follower.await<Paused>();
        QVERIFY(paused && paused->step == failed->step && paused->reason.empty());
        const auto before = support::takeSnapshot(run, follower, folder.filePath("before.h5").toStdString());
        QVERIFY(before);
        QVERIFY(applied(follower.ask(Resume{})));
        paused = follower.await<Paused>();
        QVERIFY(paused && paused->step == failed->step);
        QCOMPARE(paused->reason, failed->reason);
        auto after = support::takeSnapshot(run, follower, folder.filePath("after.h5").toStdString());
        QVERIFY(after);
        support::compareBits(*after, *before);
        QVERIFY(applied(follower.ask(SetParameter{ParameterId::LearningRate, 0.0}))); // the run can still be talked to
    }

    void postNeverBlocks_data()
    {
        QTest::addColumn<int>("before");
        QTest::newRow("to a run that has failed") << 0;
        QTest::newRow("to a run that is about to fail") << 5000;
    }
    /// Nobody reads a single event meanwhile; there are far more than a running run may have ahead.
    void postNeverBlocks()
    {
        QFETCH(int, before);
        Run run{FromSettings{quick({{ParameterId::Data, "imagenet"}})}};
        std::map<CommandId, int> replies;
        const auto post = [&](int commands) {
            for (int i = 0; i < commands; ++i)
                replies.emplace(run.post(Resume{}), 0);
        };
        auto posted = std::async(std::launch::async, [&] {
            post(before);
            run.start();
            run.wait();
            post(10'000 - before);
        });
        const bool atOnce = posted.wait_for(std::chrono::seconds{60}) == std::future_status::ready;
        std::vector<Event> events;
        do { // where it does block, reading lets it go
            std::ranges::move(run.events().takeAll(), std::back_inserter(events));
        } while (posted.wait_for(std::chrono::milliseconds{1}) != std::future_status::ready);
        std::ranges::move(run.events().takeAll(), std::back_inserter(events));
        QVERIFY2(atOnce, "post waited for somebody to read events");
        QVERIFY(std::holds_alternative<Failed>(events.front()));
        for (const auto &event : events | std::views::drop(1)) {
            const auto *replied = std::get_if<CommandReplied>(&event);
            QVERIFY(replied && std::holds_alternative<Rejected>(replied->reply));
            ++replies.at(replied->id);
        }
        QCOMPARE(replies.size(), std::size_t{10'000});
        QVERIFY(std::ranges::all_of(replies, [](const auto &reply) { return reply.second == 1; }));
    }

    void startsThatCannotBe_data()
    {
        QTest::addColumn<int>("parameter");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QString>("mentions");
        QTest::newRow("no such data") << int(ParameterId::Data) << QByteArray{"fashion-mnist:/no/such/folder"} << "/no/such/folder";
        QTest::newRow("unknown data") << int(ParameterId::Data) << QByteArray{"imagenet"} << "imagenet";
        QTest::newRow("a rule for no layer") << int(ParameterId::Layers) << QByteArray{"feature.*:k=3"} << "feature.*";
        QTest::newRow("minibatch larger than the data") << int(ParameterId::BatchSize) << QByteArray{"4000"} << "4000";
    }
    void startsThatCannotBe()
    {
        QFETCH(int, parameter);
        QFETCH(QByteArray, value);
        QFETCH(QString, mentions);
        Run run{FromSettings{quick({{static_cast<ParameterId>(parameter), value.constData()}})}};
        Follower follower{run};
        run.start();
        const auto *failed = follower.await<Failed>();
        QVERIFY(failed);
        QVERIFY2(QString::fromStdString(failed->why.text).contains(mentions), failed->why.text.c_str());
        run.wait();
        QVERIFY(run.ended());
    }

    void stopsFromAnyState()
    {
        for (const bool paused : {false, true}) {
            Run run{FromSettings{quick()}};
            run.start({.paused = paused});
            run.stop(); // perhaps while loading
            run.wait();
            QVERIFY(run.ended());
        }
        const Run neverStarted{FromSettings{quick()}};
    }

    void theSameSeedGivesTheSameRun()
    {
        const QTemporaryDir folder;
        std::vector<SnapshotData> ends;
        for (const auto *interval : {"1", "3"}) {
            Run run{FromSettings{quick({{ParameterId::Epochs, "1"}, {ParameterId::FrameInterval, interval}})}}; // watching changes nothing
            auto finished = support::finishRun(run, folder.filePath("run.h5").toStdString());
            QVERIFY(finished);
            ends.push_back(std::move(finished->data));
        }
        support::compareBits(ends[0], ends[1]);
    }
};

QTEST_APPLESS_MAIN(TstRun)
#include "tst_run.moc"
