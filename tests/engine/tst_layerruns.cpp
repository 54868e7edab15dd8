// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/run.h"
#include "tests/support/follower.h"
#include "tests/support/quickrun.h"
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <string>

using namespace engine;
using support::applied, support::quick;

/// Runs in which layers go ways of their own: other ramps, codebooks that shrink.
class TstLayerRuns : public QObject {
    Q_OBJECT
private slots:
    /// 30 steps warm-up, 24 cluster: λ of each layer after 35 steps, by hand.
    void layersRampAtTheirOwnPace()
    {
        const std::string rules =
            "features.0:ramp=linear,ramp-start=0.5,ramp-share=0.5; classifier.5:ramp-start=0.0001; classifier.3:k=3,lambda=2";
        Run run{FromSettings{quick({{ParameterId::Layers, rules.c_str()}, {ParameterId::Lambda, "0.4"}, {ParameterId::Repulsion, "0.1"}})}};
        Follower follower{run};
        run.post(PauseAt{Step{34}});
        run.start();
        QVERIFY(follower.await<Paused>());
        QVERIFY(applied(follower.ask(StepOnce{})));
        QVERIFY(follower.await<Paused>());
        const auto lambdaIs = [&](std::size_t layer, double expected) {
            const bool shown = follower.await<Sampled>();
            const auto frame = run.frames().take();
            return shown && frame && count(frame->step) == 35 && std::abs(frame->layers[layer].lambda - expected) < 1e-9;
        };
        auto frame = run.frames().take();
        QVERIFY(frame && count(frame->step) == 35);
        const double quarter = std::pow(0.01, 0.75); // of the network's ramp: 6 of 24 steps
        QVERIFY(std::abs(frame->layers[0].lambda - 0.4 * 0.75) < 1e-9);
        QVERIFY(std::abs(frame->layers[1].lambda - 0.4 * quarter) < 1e-9);
        QCOMPARE(frame->layers[3].lambdaTarget, 2.0);
        QVERIFY(std::abs(frame->layers[3].lambda - 2 * quarter) < 1e-9);
        QVERIFY(std::abs(frame->layers[4].lambda - 0.4 * 0.001) < 1e-9);

        const auto set = [&](const std::string &text) { return follower.ask(SetParameter{ParameterId::Layers, text}); };
        QVERIFY(applied(set("features.0:ramp=linear,ramp-start=0.1,ramp-share=0.5; classifier.3:k=3,lambda=2")));
        QVERIFY(lambdaIs(0, 0.4 * 0.55));
        QVERIFY(applied(set("classifier.5:ramp-share=0; classifier.3:k=3,lambda=2")));
        QVERIFY(lambdaIs(4, 0.4));
        QVERIFY(applied(follower.ask(SetParameter{ParameterId::RampStart, 1.0}))); // the others follow the network
        QVERIFY(lambdaIs(3, 2));
        QVERIFY(applied(set("classifier.3:k=3"))); // it follows the network, too
        QVERIFY(lambdaIs(3, 0.4));
        for (const char *tooMuch : {"classifier.3:k=4,lambda=2", "classifier.3:k=3,lambda=2; features.0:float"})
            QVERIFY(std::holds_alternative<NeedsRestart>(set(tooMuch)));
        QVERIFY(std::holds_alternative<Rejected>(set("nowhere:ramp=linear")));
    }

    /// Where they stand in the network, also between ranges of channels, and after a snapshot.
    void floatLayersAreListed()
    {
        Run run{FromSettings{quick({{ParameterId::Layers, "features.3:float; classifier.5:float"},
                       {ParameterId::Scope, "channels"},
                       {ParameterId::ChannelGroups, "3"}})}};
        Follower follower{run};
        run.start({.paused = true});
        const auto *prepared = follower.await<Prepared>();
        QVERIFY(prepared);
        const auto &description = *prepared->description;
        QCOMPARE(description.layers.size(), std::size_t{9}); // three of five, three ranges each
        QCOMPARE(description.floatLayers.size(), std::size_t{2});
        QCOMPARE(description.floatLayers[0].info.name, std::string{"features.3"});
        QCOMPARE(description.floatLayers[0].info.kind, std::string{"conv"});
        QCOMPARE(description.floatLayers[0].quantizedBefore, std::uint64_t{3});
        QCOMPARE(description.floatLayers[1].info.name, std::string{"classifier.5"});
        QCOMPARE(description.floatLayers[1].info.weightCount, std::uint64_t{840});
        QCOMPARE(description.floatLayers[1].quantizedBefore, std::uint64_t{9});
        const QTemporaryDir folder;
        const auto file = folder.filePath("float.h5").toStdString();
        QVERIFY(applied(follower.ask(TakeSnapshot{file})));
        QVERIFY(follower.await<SnapshotSaved>());
        run.stop();
        run.wait();
        const auto resumed = std::make_unique<Run>(FromSnapshot{file});
        Follower after{*resumed};
        resumed->start({.paused = true});
        prepared = after.await<Prepared>();
        QVERIFY(prepared);
        QCOMPARE(prepared->description->floatLayers.size(), std::size_t{2});
        QCOMPARE(prepared->description->floatLayers[1].info.name, std::string{"classifier.5"});
        QCOMPARE(prepared->description->floatLayers[1].quantizedBefore, std::uint64_t{9});
    }

    /// The auxiliary terms ramp with λ: without a λ, the loss of a layer tells the ramp's factor.
    void theOtherTermsFollowTheLayersRamp_data()
    {
        QTest::addColumn<int>("term");
        QTest::newRow("entropy") << int(ParameterId::Entropy);
        QTest::newRow("repulsion") << int(ParameterId::Repulsion);
    }
    void theOtherTermsFollowTheLayersRamp()
    {
        QFETCH(int, term);
        Run run{FromSettings{quick({{ParameterId::WarmupShare, "0"},
                       {ParameterId::Lambda, "0"},
                       {static_cast<ParameterId>(term), "1"},
                       {ParameterId::CodebookSize, "16"},
                       {ParameterId::Layers, "features.0:ramp=linear,ramp-start=0.25"}})}};
        Follower follower{run};
        run.start({.paused = true});
        QVERIFY(follower.await<Paused>());
        QVERIFY(applied(follower.ask(StepOnce{})));
        QVERIFY(follower.await<Paused>());
        const double ramped = run.frames().take()->layers[0].regularizerLoss;
        QVERIFY(applied(follower.ask(SetParameter{ParameterId::TemperatureEnd, 0.3}))); // so that a ramp leaves the temperature alone
        QVERIFY(follower.await<Sampled>());
        const double before = run.frames().take()->layers[0].regularizerLoss;
        QVERIFY(applied(follower.ask(SetParameter{ParameterId::Layers, std::string{"features.0:ramp-share=0"}})));
        QVERIFY(follower.await<Sampled>());
        const double whole = run.frames().take()->layers[0].regularizerLoss;
        QVERIFY(ramped > 0 && whole > 0);
        const double factor = 0.25 + 0.75 * 2 / 54; // of 54 steps one is done, the second is due
        QVERIFY2(std::abs(before / whole - factor) < 1e-6, std::to_string(before / whole).c_str());
    }

    /// Equally spaced representatives among few weights: some have none from the start.
    void deadRepresentativesAreDropped()
    {
        Run run{FromSettings{quick({{ParameterId::WarmupShare, "0.5"},
                       {ParameterId::Initialiser, "linear"},
                       {ParameterId::Layers, "features.0:k=64; classifier.1:k=40,regularizer=periodic"},
                       {ParameterId::Dead, "drop"}})}};
        Follower follower{run};
        run.post(PauseAt{Step{30}});
        run.start();
        QVERIFY(follower.await<Paused>());
        const auto preview = run.frames().take();
        QCOMPARE(preview->layers[0].k(), 64);
        const int dead = preview->layers[0].deadCount();
        QVERIFY(dead > 0);
        QVERIFY(applied(follower.ask(StepOnce{}))); // an epoch of the cluster stage begins
        const auto *note = follower.await<Note>([](const Note &n) { return n.text.find("dropped") != std::string::npos; });
        QVERIFY(note);
        QCOMPARE(note->text, std::string{"features.0: "} + std::to_string(dead) + " dead representatives dropped, " +
                                 std::to_string(64 - dead) + " remain.");
        QVERIFY(follower.await<Paused>());
        const auto after = run.frames().take();
        QCOMPARE(after->layers[0].k(), 64 - dead);
        QCOMPARE(after->layers[0].trajectories, std::size_t{64});
        QCOMPARE(after->layers[2].k(), 40); // a grid
        QVERIFY(after->layers[0].size.fixedBytes < preview->layers[0].size.fixedBytes);
        QVERIFY(after->layers[0].changedShare < 0.2); // codes count anew, weights stay where they are
        QVERIFY(applied(follower.ask(Resume{})));
        const auto *finished = follower.await<Finished>();
        QVERIFY(finished);
        const auto last = run.frames().take();
        QVERIFY(last->layers[0].k() <= 64 - dead);
        QCOMPARE(last->layers[0].deadCount(), 0); // the cluster stage's last ones went before the commit
        QCOMPARE(last->layers[0].size, layerSize(last->layers[0].occupancy));
        QCOMPARE(finished->summary.size, last->size);
    }

    void aRunWithoutCommitEndsWithoutDeadOnes()
    {
        Run run{FromSettings{quick({{ParameterId::Epochs, "1"},
                       {ParameterId::CommitShare, "0"},
                       {ParameterId::Initialiser, "linear"},
                       {ParameterId::Layers, "features.0:k=64"},
                       {ParameterId::Dead, "drop"}})}}; // no epoch begins in its cluster stage
        Follower follower{run};
        run.start();
        QVERIFY(follower.await<Note>([](const Note &n) { return n.text.find("dropped") != std::string::npos && count(n.step) == 30; }));
        QVERIFY(follower.await<Finished>());
        const auto last = run.frames().take();
        for (const auto &layer : last->layers)
            QCOMPARE(layer.deadCount(), 0);
    }
};

QTEST_APPLESS_MAIN(TstLayerRuns)
#include "tst_layerruns.moc"
