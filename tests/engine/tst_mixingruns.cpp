// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/run.h"
#include "tests/support/follower.h"
#include "tests/support/quickrun.h"
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <numeric>

using namespace engine;
using support::applied, support::quick;

namespace {

bool isLearnt(const LayerFrame &layer)
{
    const double sum = std::accumulate(layer.mixing.begin(), layer.mixing.end(), 0.0);
    return layer.mixing.size() == layer.representatives.size() && std::abs(sum - 1) < 1e-9 && std::ranges::min(layer.mixing) > 0;
}

/// Largest distance of a proportion from its cell's share of weights.
double departure(const LayerFrame &layer)
{
    const auto n = static_cast<double>(std::accumulate(layer.occupancy.begin(), layer.occupancy.end(), std::uint64_t{0}));
    double most = 0;
    for (std::size_t j = 0; j < layer.mixing.size(); ++j)
        most = std::max(most, std::abs(layer.mixing[j] - static_cast<double>(layer.occupancy[j]) / n));
    return most;
}

bool saysThatMixingIsIdle(const Follower &follower)
{
    return std::ranges::any_of(follower.events, [](const Event &event) {
        const auto *note = std::get_if<Note>(&event);
        return note && note->text.starts_with("mixing has no effect");
    });
}

std::shared_ptr<const Frame> stepOnce(Run &run, Follower &follower)
{
    return applied(follower.ask(StepOnce{})) && follower.await<Paused>() ? run.frames().take() : nullptr;
}

} // namespace

/// Runs in which soft-min learns its mixing proportions.
class TstMixingRuns : public QObject {
    Q_OBJECT
private slots:
    void theyBeginWithTheSharesAndDepart()
    {
        Run run{FromSettings{
            quick({{ParameterId::Regularizer, "soft-min"}, {ParameterId::Mixing, "learnt"}, {ParameterId::RepresentativeRate, "0.05"}})}};
        Follower follower{run};
        run.post(PauseAt{Step{30}});
        run.start();
        QVERIFY(follower.await<Paused>());
        const auto preview = run.frames().take();
        for (const auto &layer : preview->layers)
            QVERIFY(isLearnt(layer) && departure(layer) < 1e-3);
        QVERIFY(applied(follower.ask(Resume{})));
        QVERIFY(follower.await<Finished>());
        QVERIFY(!saysThatMixingIsIdle(follower));
        const auto last = run.frames().take();
        for (const auto &layer : last->layers) {
            QVERIFY(isLearnt(layer));
            QVERIFY(std::ranges::any_of(layer.mixing, [](double share) { return std::abs(share - 0.25) > 0.05; })); // uniform no more
        }
    }

    void onlyLayersWithSoftMinHaveThem()
    {
        Run run{FromSettings{quick(
            {{ParameterId::WarmupShare, "0"}, {ParameterId::Mixing, "learnt"}, {ParameterId::Layers, "features.*:regularizer=soft-min"}})}};
        Follower follower{run};
        run.start({.paused = true});
        QVERIFY(follower.await<Paused>());
        const auto frame = stepOnce(run, follower);
        QVERIFY(frame && !saysThatMixingIsIdle(follower));
        for (std::size_t layer = 0; layer < frame->layers.size(); ++layer)
            QVERIFY(layer < 2 ? isLearnt(frame->layers[layer]) : frame->layers[layer].mixing.empty());
    }

    void withoutSoftMinThatIsTold()
    {
        Run run{FromSettings{quick({{ParameterId::Mixing, "learnt"}})}};
        Follower follower{run};
        run.start({.paused = true});
        QVERIFY(follower.await<Paused>());
        QVERIFY(saysThatMixingIsIdle(follower));
        const auto frame = run.frames().take();
        QVERIFY(std::ranges::all_of(frame->layers, [](const LayerFrame &layer) { return layer.mixing.empty(); }));
    }

    void theyCanComeAndGoWhileARunGoesOn_data()
    {
        QTest::addColumn<QByteArray>("scope");
        for (const char *scope : {"layer", "channels", "unified"})
            QTest::newRow(scope) << QByteArray{scope};
    }
    void theyCanComeAndGoWhileARunGoesOn()
    {
        QFETCH(QByteArray, scope);
        Run run{FromSettings{quick({{ParameterId::WarmupShare, "0"},
                                    {ParameterId::Regularizer, "soft-min"},
                                    {ParameterId::Scope, scope.constData()},
                                    {ParameterId::RepresentativeRate, "0.5"},
                                    {ParameterId::RateRise, "0"}})}};
        Follower follower{run};
        run.start({.paused = true});
        QVERIFY(follower.await<Paused>());
        auto frame = stepOnce(run, follower);
        QVERIFY(frame && frame->layers[0].mixing.empty());
        const auto set = [&](const char *value) { return applied(follower.ask(SetParameter{ParameterId::Mixing, std::string{value}})); };
        QVERIFY(set("learnt"));
        frame = stepOnce(run, follower);
        const auto first = frame->layers[0].mixing;
        QVERIFY(std::ranges::all_of(frame->layers, isLearnt));
        QCOMPARE(frame->layers[1].mixing == first, scope == "unified"); // both are convolutions
        frame = stepOnce(run, follower);
        QVERIFY(std::ranges::all_of(frame->layers, isLearnt));
        QVERIFY(frame->layers[0].mixing != first);
        QVERIFY(set("uniform"));
        frame = stepOnce(run, follower);
        QVERIFY(std::ranges::all_of(frame->layers, [](const LayerFrame &layer) { return layer.mixing.empty(); }));
        QVERIFY(applied(follower.ask(Resume{})));
        QVERIFY(follower.await<Finished>());
    }

    void droppedOnesLeaveTheirShareToTheOthers()
    {
        Run run{FromSettings{quick({{ParameterId::Regularizer, "soft-min"},
                                    {ParameterId::Mixing, "learnt"},
                                    {ParameterId::Initialiser, "linear"},
                                    {ParameterId::Layers, "features.0:k=64"},
                                    {ParameterId::Dead, "drop"}})}};
        Follower follower{run};
        run.start();
        QVERIFY(follower.await<Finished>());
        const auto frame = run.frames().take();
        QVERIFY(frame->layers[0].k() < 64);
        QVERIFY(std::ranges::all_of(frame->layers, isLearnt));
    }
};

QTEST_APPLESS_MAIN(TstMixingRuns)
#include "tst_mixingruns.moc"
