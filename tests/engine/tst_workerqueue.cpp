// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/workerqueue.h"
#include <QtTest>
#include <algorithm>
#include <atomic>
#include <memory>
#include <new>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace engine;

namespace {

/// Holds up the first job until the test lets it go.
struct Gate {
    std::binary_semaphore entered{0}, open{0};
    void pass()
    {
        entered.release();
        open.acquire();
    }
};

/// A job that only moves, as those of the engine.
struct Job {
    std::unique_ptr<int> number;
};
using Queue = WorkerQueue<Job>;
Job job(int number) { return {std::make_unique<int>(number)}; }

const auto ignore = [](Job &, std::string_view, const std::stop_token &) {};

} // namespace

class TstWorkerQueue : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void worksInOrderOnOneThreadOfItsOwn()
    {
        std::vector<int> done; // read after drain, which hands it over
        std::vector<std::thread::id> threads;
        Queue queue{Queue::Keep::All,
                    [&](Job &one, const std::stop_token &) {
                        done.push_back(*one.number);
                        threads.push_back(std::this_thread::get_id());
                    },
                    ignore};
        for (int i = 0; i < 1000; ++i)
            queue.post(job(i));
        queue.drain();
        QCOMPARE(done.size(), std::size_t{1000});
        for (int i = 0; i < 1000; ++i)
            QCOMPARE(done[static_cast<std::size_t>(i)], i);
        QVERIFY(std::ranges::all_of(threads, [&](auto id) { return id == threads.front() && id != std::this_thread::get_id(); }));
    }

    void theNewestTakesThePlaceOfTheOneThatWaits()
    {
        Gate gate;
        std::vector<int> done;
        Queue queue{Queue::Keep::Newest,
                    [&](Job &one, const std::stop_token &) {
                        if (*one.number == 1)
                            gate.pass();
                        done.push_back(*one.number);
                    },
                    ignore};
        queue.post(job(1));
        gate.entered.acquire();
        for (const int number : {2, 3, 4})
            queue.post(job(number));
        gate.open.release();
        queue.drain();
        QVERIFY((done == std::vector{1, 4}));
    }

    void whatIsDisplacedGoesAtOnce()
    {
        Gate gate;
        const auto shared = std::make_shared<int>(0);
        {
            WorkerQueue<std::shared_ptr<int>> queue{WorkerQueue<std::shared_ptr<int>>::Keep::Newest,
                                                    [&](std::shared_ptr<int> &one, const std::stop_token &) {
                                                        if (!one)
                                                            gate.pass();
                                                    },
                                                    [](auto &, std::string_view, const std::stop_token &) {}};
            queue.post(nullptr);
            gate.entered.acquire();
            queue.post(shared);
            QCOMPARE(shared.use_count(), 2l);
            queue.post(nullptr);
            QCOMPARE(shared.use_count(), 1l);
            gate.open.release();
            gate.entered.acquire();
            gate.open.release();
            queue.drain();
        }
        QCOMPARE(shared.use_count(), 1l);
    }

    void aJobsExceptionIsTold_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("why");
        QTest::newRow("no memory") << 0 << "not enough memory";
        QTest::newRow("another exception") << 1 << "the disk is on fire";
        QTest::newRow("no exception of the library's") << 2 << "for no known reason";
    }
    void aJobsExceptionIsTold()
    {
        QFETCH(int, kind);
        QFETCH(QString, why);
        std::vector<std::string> told;
        const auto work = [&](Job &one, const std::stop_token &) {
            if (*one.number == 2 && kind == 0)
                throw std::bad_alloc{};
            if (*one.number == 2 && kind == 1)
                throw std::runtime_error{"the disk is on fire"};
            if (*one.number == 2)
                throw 2;
            told.push_back(std::to_string(*one.number));
        };
        const auto failed = [&](Job &one, std::string_view reason, const std::stop_token &) {
            told.push_back(std::to_string(*one.number) + ": " + std::string{reason});
        };
        Queue queue{Queue::Keep::All, work, failed};
        for (const int number : {1, 2, 3})
            queue.post(job(number));
        queue.drain();
        QVERIFY((told == std::vector<std::string>{"1", "2: " + why.toStdString(), "3"})); // and the next job is done
    }

    void anExceptionWhileTellingIsLost()
    {
        std::vector<int> done;
        Queue queue{Queue::Keep::All,
                    [&](Job &one, const std::stop_token &) {
                        if (*one.number == 1)
                            throw std::bad_alloc{};
                        done.push_back(*one.number);
                    },
                    [](Job &, std::string_view, const std::stop_token &) { throw std::bad_alloc{}; }};
        queue.post(job(1));
        queue.post(job(2));
        queue.drain();
        QVERIFY((done == std::vector{2}));
    }

    void goingWithJobsWaiting_data()
    {
        QTest::addColumn<bool>("keepsAll");
        QTest::newRow("all are done first") << true;
        QTest::newRow("the newest is given up") << false;
    }
    void goingWithJobsWaiting()
    {
        QFETCH(bool, keepsAll);
        Gate gate;
        std::vector<int> done;
        bool sawStop = false;
        {
            auto queue = std::make_unique<Queue>(
                keepsAll ? Queue::Keep::All : Queue::Keep::Newest,
                [&](Job &one, const std::stop_token &stop) {
                    if (*one.number == 1) {
                        const std::stop_callback open{stop, [&gate] { gate.open.release(); }}; // the destructor lets it go
                        gate.pass();
                        sawStop = stop.stop_requested();
                    }
                    done.push_back(*one.number);
                },
                ignore);
            queue->post(job(1));
            gate.entered.acquire();
            for (const int number : {2, 3})
                queue->post(job(number));
        }
        QVERIFY(sawStop);
        QVERIFY(done == (keepsAll ? std::vector{1, 2, 3} : std::vector{1}));
    }

    void drainWaitsForTheJobInHand()
    {
        for (int trial = 0; trial < 200; ++trial) {
            std::atomic<bool> done = false;
            Queue queue{Queue::Keep::All,
                        [&](Job &, const std::stop_token &) {
                            std::this_thread::yield();
                            done = true;
                        },
                        ignore};
            queue.drain(); // nothing to wait for
            queue.post(job(1));
            queue.drain();
            QVERIFY(done);
        }
    }

    void anIdleQueueGoes()
    {
        int calls = 0;
        {
            const Queue all{Queue::Keep::All, [&](Job &, const std::stop_token &) { ++calls; }, ignore};
            const Queue newest{Queue::Keep::Newest, [&](Job &, const std::stop_token &) { ++calls; }, ignore};
        }
        QCOMPARE(calls, 0);
    }
};

QTEST_APPLESS_MAIN(TstWorkerQueue)
#include "tst_workerqueue.moc"
