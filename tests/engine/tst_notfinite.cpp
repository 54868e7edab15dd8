// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/run.h"
#include "engine/storage/snapshot.h"
#include "tests/support/follower.h"
#include "tests/support/quickrun.h"
#include "tests/support/samebits.h"
#include <QTemporaryDir>
#include <QtTest>

using namespace engine;
using support::applied;
using support::Changes;
using support::quick;

namespace {

Changes both(Changes a, const Changes &b)
{
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

/// A run as a user drives it.
struct Driven {
    QTemporaryDir folder;
    Run run;
    Follower follower{run};

    explicit Driven(const Settings &settings) : run{FromSettings{settings}} {}

    /// The pause, or nullptr.
    const Paused *resumeUntil(std::uint64_t step)
    {
        if (!applied(follower.ask(PauseAt{Step{step}})) || !applied(follower.ask(Resume{})))
            return nullptr;
        return follower.await<Paused>();
    }
    bool set(const Changes &changes)
    {
        return std::ranges::all_of(changes, [&](const auto &change) {
            return applied(follower.ask(SetParameter{change.first, *parseValue(spec(change.first), change.second.toStdString())}));
        });
    }
    Result<SnapshotData> snapshot()
    {
        const std::filesystem::path file = folder.filePath("run.h5").toStdString();
        run.post(TakeSnapshot{file});
        if (!follower.await<SnapshotSaved>())
            return fail(ErrorCode::Internal, "the snapshot was not saved");
        return readSnapshot(file);
    }
};

} // namespace

/// Runs that a live command drives out of the finite numbers.
class TstNotFinite : public QObject {
    Q_OBJECT
private slots:
    void aBadStepLeavesNothingBehind_data()
    {
        QTest::addColumn<Changes>("flags");
        QTest::addColumn<int>("from");
        QTest::addColumn<Changes>("bad");
        // 30 steps of warm-up, 24 of cluster, 6 of commit
        const Changes rate{{ParameterId::LearningRate, "10"}, {ParameterId::ClusterRate, "10"}, {ParameterId::WeightDecay, "1"}};
        const Changes spring{{ParameterId::ClusterRate, "10"}, {ParameterId::Lambda, "1000"}, {ParameterId::RampStart, "1"}};
        const Changes plain{{ParameterId::Forward, "float"}}, latent{{ParameterId::Forward, "latent"}};
        const Changes adam{{ParameterId::Optimizer, "adam"}, {ParameterId::LearningRate, "0.001"}, {ParameterId::ClusterRate, "0.001"}};
        QTest::newRow("float, learning rate") << plain << 10 << rate;
        QTest::newRow("warm-up, learning rate") << Changes{} << 10 << rate;
        QTest::newRow("snapped, learning rate") << Changes{} << 34 << rate;
        QTest::newRow("snapped, strength of the regularizer") << Changes{} << 34 << spring;
        QTest::newRow("latent, strength of the regularizer") << latent << 34 << spring;
        QTest::newRow("snapped, entropy term and learning rate")
            << Changes{{ParameterId::Entropy, "0.1"}, {ParameterId::TemperatureEnd, "0.1"}} << 34
            << both(rate, {{ParameterId::Entropy, "1000"}});
        QTest::newRow("latent, adam, learning rate") << both(latent, adam) << 34 << rate;
        QTest::newRow("in the step that commits") << Changes{{ParameterId::Schedule, "constant"}} << 51
                                                  << both(spring, {{ParameterId::RepresentativeRate, "1"}});
        QTest::newRow("one codebook for all, strength of the regularizer") << Changes{{ParameterId::Scope, "unified"}} << 34 << spring;
    }
    /// The state is that of a run which was stopped before the bad step, a snapshot can be taken of it, and it goes on
    /// the same.
    void aBadStepLeavesNothingBehind()
    {
        QFETCH(Changes, flags);
        QFETCH(int, from);
        QFETCH(Changes, bad);
        Changes good;
        for (const auto &change : bad)
            good.push_back({change.first, QString::fromStdString(toText(quick(flags).value(change.first)))});
        Driven first{quick(flags)}, second{quick(flags)};
        for (Driven *driven : {&first, &second}) {
            driven->run.start({.paused = true});
            QVERIFY(driven->follower.await<Paused>());
            QVERIFY(driven->resumeUntil(static_cast<std::uint64_t>(from)));
            QVERIFY(driven->set(bad));
        }
        const Paused *paused = first.resumeUntil(60);
        QVERIFY(paused);
        QVERIFY2(QString::fromStdString(paused->reason).contains("not a finite number"), qPrintable(QString::number(count(paused->step))));
        const auto at = count(paused->step);
        QVERIFY(at > static_cast<std::uint64_t>(from)); // it takes some steps
        QVERIFY(second.resumeUntil(at));
        const auto found = first.snapshot(), expected = second.snapshot();
        QVERIFY2(found, found ? "" : found.error().text.c_str());
        QVERIFY(expected);
        support::compareBits(*found, *expected);
        if (QTest::currentTestFailed())
            return;

        QVERIFY(first.set(good) && second.set(good));
        std::vector<Step> ends;
        for (Driven *driven : {&first, &second}) {
            const Paused *end = driven->resumeUntil(at + 2);
            QVERIFY(end);
            ends.push_back(end->step);
        }
        QVERIFY(ends.front() == ends.back());
        const auto foundLater = first.snapshot(), expectedLater = second.snapshot();
        QVERIFY(foundLater && expectedLater);
        support::compareBits(*foundLater, *expectedLater);
    }
};

QTEST_APPLESS_MAIN(TstNotFinite)
#include "tst_notfinite.moc"
