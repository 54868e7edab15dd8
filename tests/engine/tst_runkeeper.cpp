// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/parameters.h"
#include "engine/run/runkeeper.h"
#include "tests/support/samplesnapshot.h"
#include <QTemporaryDir>
#include <QTest>

using namespace engine;
using namespace std::chrono_literals;

/// When a run saves itself, and where.
class TstRunKeeper : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    RunKeeper::Clock::time_point m_now{};
    std::mutex m_mutex;
    std::vector<Event> m_told;

    std::filesystem::path file(const char *name) const { return m_folder.filePath(QString::fromLatin1(name)).toStdString(); }
    KeptFiles files() const
    {
        return {.newest = file("snapshot.h5"), .previous = file("previous.h5"), .warmupEnd = file("warmup.h5"), .clusterEnd = {}};
    }
    std::unique_ptr<RunKeeper> keeper(const KeptFiles &files)
    {
        const auto tell = [this](Event event) {
            const std::scoped_lock lock{m_mutex};
            m_told.push_back(std::move(event));
        };
        return std::make_unique<RunKeeper>(files, tell, [this] { return m_now; });
    }
    static SnapshotData at(std::uint64_t step)
    {
        auto data = support::sampleSnapshot(support::lenetLayers(), 5, 1);
        data.run.step = Step{step};
        return data;
    }
    std::uint64_t stepIn(const char *name) const
    {
        const auto read = readSnapshot(file(name));
        return read ? static_cast<std::uint64_t>(read->run.step) : 0;
    }

private slots:
    void cleanup()
    {
        m_told.clear();
        for (const auto *name : {"snapshot.h5", "previous.h5", "warmup.h5"})
            std::filesystem::remove(file(name));
    }

    void everyFiveMinutes()
    {
        const double minutes = std::get<RealRange>(spec(ParameterId::AutosaveMinutes).range).initial;
        const auto keeps = keeper(files());
        QVERIFY(!keeps->isDue(minutes));
        m_now += 5min - 1ms;
        QVERIFY(!keeps->isDue(minutes));
        m_now += 1ms;
        QVERIFY(keeps->isDue(minutes));
        keeps->save(at(7));
        keeps->drain();
        QVERIFY(!keeps->isDue(minutes));
        m_now += 5min;
        QVERIFY(keeps->isDue(minutes));
    }

    void neverWhereThatIsAskedForOrThereIsNoFile()
    {
        const auto keeps = keeper(files()), has = keeper({});
        m_now += 48h;
        QVERIFY(!keeps->isDue(0));
        QVERIFY(!has->isDue(5) && !has->keeps());
    }

    /// A disk may have room again.
    void soonAgainAfterAFailure()
    {
        auto nowhere = files();
        nowhere.newest = file("no folder/snapshot.h5");
        const auto keeps = keeper(nowhere);
        keeps->save(at(7));
        keeps->drain();
        QVERIFY(m_told.size() == 1 && std::holds_alternative<SnapshotFailed>(m_told[0]));
        m_now += 29s;
        QVERIFY(!keeps->isDue(5));
        m_now += 1s;
        QVERIFY(keeps->isDue(5));
        QVERIFY(std::filesystem::create_directory(file("no folder")));
        keeps->save(at(8));
        keeps->drain();
        QVERIFY(m_told.size() == 2 && std::holds_alternative<SnapshotSaved>(m_told[1]));
        m_now += 30s;
        QVERIFY(!keeps->isDue(5));
    }

    void theLastTwoAreKept()
    {
        const auto keeps = keeper(files());
        for (const std::uint64_t step : {3, 5, 9})
            keeps->save(at(step));
        keeps->drain();
        QCOMPARE(stepIn("snapshot.h5"), 9u);
        QCOMPARE(stepIn("previous.h5"), 5u);
    }

    void theEndOfAStageHasANameOfItsOwn()
    {
        const auto keeps = keeper(files());
        QVERIFY(keeps->keepsStageEnd(Stage::Warmup) && !keeps->keepsStageEnd(Stage::Cluster) && !keeps->keepsStageEnd(Stage::Commit));
        keeps->save(at(3));
        m_now += 5min;
        keeps->saveStageEnd(at(6), Stage::Warmup);
        keeps->drain();
        QVERIFY(!keeps->isDue(5));
        QCOMPARE(stepIn("warmup.h5"), 6u);
        QCOMPARE(stepIn("snapshot.h5"), 6u);
        QCOMPARE(stepIn("previous.h5"), 3u);
        keeps->save(at(8));
        keeps->drain();
        QCOMPARE(stepIn("warmup.h5"), 6u);
    }

    void theEndOfAStageNeedsNoOtherFile()
    {
        const auto keeps = keeper({.newest = {}, .previous = {}, .warmupEnd = file("warmup.h5"), .clusterEnd = {}});
        keeps->saveStageEnd(at(6), Stage::Warmup);
        keeps->drain();
        QCOMPARE(stepIn("warmup.h5"), 6u);
        QVERIFY(m_told.size() == 1 && std::holds_alternative<SnapshotSaved>(m_told[0]));
    }

    /// "Save as…" is where it saves itself from then on; a copy is not.
    void goesOnInTheFileThatSomebodyChose()
    {
        const auto keeps = keeper(files());
        keeps->take(at(3), {}, {.file = file("copy.h5"), .use = SnapshotUse::Copy});
        keeps->save(at(4));
        keeps->drain();
        QCOMPARE(stepIn("copy.h5"), 3u);
        QCOMPARE(stepIn("snapshot.h5"), 4u);
        keeps->take(at(5), {}, {.file = file("chosen.h5"), .use = SnapshotUse::Keep});
        keeps->drain();
        keeps->save(at(6));
        keeps->drain();
        QCOMPARE(stepIn("chosen.h5"), 6u);
        QCOMPARE(stepIn("snapshot.h5"), 4u);
    }
};

QTEST_GUILESS_MAIN(TstRunKeeper)
#include "tst_runkeeper.moc"
