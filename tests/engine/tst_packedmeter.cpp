// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/packing/packsnapshot.h"
#include "engine/packing/snapshotmodel.h"
#include "engine/run/packedmeter.h"
#include "engine/runs/replay.h"
#include "tests/support/finishedrun.h"
#include "tests/support/quickrun.h"
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>
#include <new>
#include <semaphore>
#include <vector>

using namespace engine;
using support::Changes;
Q_DECLARE_METATYPE(Changes)

namespace {

const PackedMeasured *measure(Run &run, Follower &follower)
{
    run.post(MeasurePacked{});
    return follower.await<PackedMeasured>();
}

std::unique_ptr<const PackableRun> dataAt(std::uint64_t step)
{
    auto data = std::make_unique<PackableRun>();
    data->run.step = Step{step};
    return data;
}

void compareLayers(const PackedAccount &found, const PackedContents &file)
{
    const auto size = accountBytes(file);
    QCOMPARE(found.contents.kernels.size(), file.kernels.size());
    for (std::size_t i = 0; i < file.kernels.size(); ++i) {
        const auto &entry = found.contents.kernels[i], &expected = file.kernels[i];
        QCOMPARE(entry.name, expected.name);
        QCOMPARE(entry.firstChannel, expected.firstChannel);
        QCOMPARE(entry.weights, expected.weights);
        QCOMPARE(entry.k, expected.k);
        QCOMPARE(entry.used, expected.used);
        QCOMPARE(entry.entropy, expected.entropy);
        QVERIFY(entry.coder == expected.coder);
        QCOMPARE(found.size.layers[i].codes, size.layers[i].codes);
        QCOMPARE(found.size.layers[i].tables, size.layers[i].tables);
        QCOMPARE(found.size.layers[i].codebook, size.layers[i].codebook);
        QCOMPARE(found.size.layers[i].total(), size.layers[i].total());
    }
    QCOMPARE(found.size.floats, size.floats);
    QCOMPARE(found.size.floatBytes, size.floatBytes);
    QCOMPARE(found.size.provenance, size.provenance);
}

std::uint64_t networkBytes(const PackedContents &contents)
{
    return std::ranges::find(contents.sections, "NETW", &PackedSection::type)->bytes;
}

/// A measurement that waits until it is let go, or told to give up.
struct Gate {
    Result<PackedAccount> pass(const std::stop_token &stop)
    {
        begun.release();
        std::unique_lock lock{mutex};
        changed.wait(lock, stop, [this] { return isOpen; });
        return PackedAccount{};
    }
    void open()
    {
        {
            const std::scoped_lock lock{mutex};
            isOpen = true;
        }
        changed.notify_all();
    }

    std::counting_semaphore<> begun{0};
    std::mutex mutex;
    std::condition_variable_any changed;
    bool isOpen = false;
};

} // namespace

/// The bytes that a run would take as a packed file, while it goes on.
class TstPackedMeter : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;
    std::filesystem::path file(const char *name) const { return std::filesystem::path{m_folder.path().toStdString()} / name; }

private Q_SLOTS:
    void tellsTheBytesThatPackWrites_data()
    {
        QTest::addColumn<Changes>("changes");
        QTest::addColumn<int>("step"); // 0: once it has finished
        const Changes batchNorm{{ParameterId::Model, "vgg-small"}, {ParameterId::Epochs, "1"}, {ParameterId::BatchSize, "180"}}; // 10 steps
        const Changes sparse{{ParameterId::CodebookSize, "64"}, {ParameterId::Initialiser, "linear"}, {ParameterId::Dead, "drop"}};
        QTest::newRow("in warm-up") << Changes{} << 7;
        QTest::newRow("in the cluster stage") << batchNorm << 7;
        QTest::newRow("in the commit stage") << Changes{} << 57;
        QTest::newRow("dead representatives that the end would drop") << sparse << 40;
        QTest::newRow("dead representatives of a preview") << sparse << 7;
        QTest::newRow("never quantized, going on") << Changes{{ParameterId::Forward, "float"}} << 40;
        QTest::newRow("finished") << Changes{} << 0;
        QTest::newRow("finished, not committed") << Changes{{ParameterId::CommitShare, "0"}} << 0;
        QTest::newRow("finished, never quantized") << Changes{{ParameterId::Forward, "float"}} << 0;
        QTest::newRow("finished, dead representatives dropped") << sparse << 0;
        QTest::newRow("finished, ranges of channels") << Changes{{ParameterId::Scope, "channels"}, {ParameterId::ChannelGroups, "3"}} << 0;
        QTest::newRow("finished, a codebook for each kind of layer") << Changes{{ParameterId::Scope, "unified"}} << 0;
        QTest::newRow("finished, layers that stay float") << Changes{{ParameterId::Layers, "features.0:float;classifier.5:float"}} << 0;
    }
    void tellsTheBytesThatPackWrites()
    {
        QFETCH(Changes, changes);
        QFETCH(int, step);
        Run run{FromSettings{support::quick(changes)}};
        Follower follower{run};
        if (step > 0)
            run.post(PauseAt{Step{static_cast<std::uint64_t>(step)}});
        run.start();
        if (step > 0)
            QVERIFY(follower.await<Paused>());
        else
            QVERIFY(follower.await<Finished>());
        const auto *measured = measure(run, follower);
        QVERIFY(measured);
        const auto data = support::takeSnapshot(run, follower, file("run.h5"));
        QVERIFY(data);
        QCOMPARE(isReadyToPack(data->run, data->network), step == 0);
        QCOMPARE(measured->step, data->run.step);
        QVERIFY(measured->account->seconds > 0);
        const auto packed = packSnapshot(*data, file("model.cnd"));
        QVERIFY2(packed, packed ? "" : packed.error().text.c_str());
        compareLayers(*measured->account, *packed);
        if (QTest::currentTestFailed())
            return;
        if (step == 0)
            QCOMPARE(measured->account->size.total(), std::filesystem::file_size(file("model.cnd")));
        else // the accuracies, which only packing measures, are 16 bytes of the network's section, deflated
            QCOMPARE(measured->account->size.total() - networkBytes(measured->account->contents),
                     packed->fileBytes - networkBytes(*packed));
        const auto before = networkBytes(measured->account->contents), after = networkBytes(*packed);
        QVERIFY(std::max(before, after) - std::min(before, after) <= 20);
    }

    /// Asked all the time, a run ends with the bits of one that nobody asked.
    void changesNoBitOfTheRun_data()
    {
        QTest::addColumn<Changes>("changes");
        QTest::newRow("snapped") << Changes{};
        QTest::newRow("dead representatives dropped") << Changes{{ParameterId::CodebookSize, "16"},
                                                                 {ParameterId::Initialiser, "linear"},
                                                                 {ParameterId::Dead, "drop"},
                                                                 {ParameterId::CommitShare, "0"}};
        QTest::newRow("channels side by side in memory")
            << Changes{{ParameterId::Model, "vgg-small"}, {ParameterId::Epochs, "1"}, {ParameterId::BatchSize, "180"}};
    }
    void changesNoBitOfTheRun()
    {
        QFETCH(Changes, changes);
        Run left{FromSettings{support::quick(changes)}};
        const auto expected = support::finishRun(left, file("left.h5"));
        QVERIFY(expected);
        Run asked{FromSettings{support::quick(changes)}};
        Follower follower{asked};
        asked.start();
        const auto hasFinished = [&follower] {
            return std::ranges::any_of(follower.events, [](const Event &event) { return std::holds_alternative<Finished>(event); });
        };
        int answers = 0;
        for (; !hasFinished(); ++answers)
            QVERIFY(measure(asked, follower));
        QVERIFY(answers > 3);
        const auto found = support::takeSnapshot(asked, follower, file("asked.h5"));
        QVERIFY(found);
        QCOMPARE(describe(compareStates(expected->data, *found), found->run), describe({}, found->run));
    }

    void everyRequestIsAnsweredUntilTheRunEnds()
    {
        Run run{FromSettings{support::quick()}};
        Follower follower{run};
        run.start({.paused = true});
        QVERIFY(follower.await<Paused>());
        for (int i = 0; i < 30; ++i)
            QVERIFY(support::applied(follower.ask(MeasurePacked{})));
        QVERIFY(follower.await<PackedMeasured>([](const auto &measured) { return measured.account->size.total() > 0; }));
        run.stop();
        QVERIFY(follower.await<Stopped>());
        run.wait();
        QVERIFY(run.events().takeAll().empty()); // nothing comes after the end
        QVERIFY(std::holds_alternative<Rejected>(follower.ask(MeasurePacked{})));
    }

    void theNewestWaitsAlone()
    {
        Gate gate;
        std::promise<void> all;
        std::vector<std::uint64_t> steps; // written by the meter's thread, read once it has told all
        PackedMeter meter{[&gate](const PackableRun &, const std::stop_token &stop) { return gate.pass(stop); },
                          [&](Step step, const Result<PackedAccount> &account) {
                              steps.push_back(account ? count(step) : 0);
                              if (count(step) == 4)
                                  all.set_value();
                          }};
        meter.measure(dataAt(1), 0);
        gate.begun.acquire();
        for (const std::uint64_t step : {2, 3, 4})
            meter.measure(dataAt(step), 0);
        gate.open();
        QVERIFY(all.get_future().wait_for(std::chrono::seconds{60}) == std::future_status::ready);
        QVERIFY((steps == std::vector<std::uint64_t>{1, 4}));
    }

    void givesUpWhenItGoes()
    {
        Gate gate; // never opened
        bool told = false;
        {
            PackedMeter meter{[&gate](const PackableRun &, const std::stop_token &stop) { return gate.pass(stop); },
                              [&told](Step, const auto &) { told = true; }};
            meter.measure(dataAt(1), 0);
            gate.begun.acquire();
            meter.measure(dataAt(2), 0);
        }
        QVERIFY(!told);
    }

    void anExceptionIsAnAnswer()
    {
        std::promise<Result<PackedAccount>> answer;
        PackedMeter meter{[](const PackableRun &, const std::stop_token &) -> Result<PackedAccount> { throw std::bad_alloc{}; },
                          [&answer](Step, Result<PackedAccount> account) { answer.set_value(std::move(account)); }};
        meter.measure(dataAt(1), 0);
        const auto told = answer.get_future().get();
        QVERIFY(!told && told.error().code == ErrorCode::Internal);
        QCOMPARE(told.error().text, std::string{"The packed size cannot be measured: not enough memory."});
    }
};

QTEST_GUILESS_MAIN(TstPackedMeter)
#include "tst_packedmeter.moc"
