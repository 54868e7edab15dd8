// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/parallelfor.h"
#include <QtTest>
#include <algorithm>
#include <atomic>
#include <latch>
#include <mutex>
#include <new>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace engine;

namespace {

Result<void> error(std::size_t i)
{
    return fail(ErrorCode::BadFormat, std::to_string(i));
}

/// What an exception says, and "nothing" where none comes.
template <typename Work>
std::string thrownBy(const Work &work)
{
    try {
        work();
    } catch (const std::exception &thrown) {
        return thrown.what();
    }
    return "nothing";
}

} // namespace

class TstParallelFor : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void callsEachNumberOnce_data()
    {
        QTest::addColumn<int>("count");
        QTest::addColumn<int>("threads");
        QTest::newRow("nothing to do") << 0 << 4;
        QTest::newRow("one, which is the caller's") << 1 << 4;
        QTest::newRow("one thread") << 100 << 1;
        QTest::newRow("more threads than numbers") << 3 << 8;
        QTest::newRow("many") << 10'000 << 5;
        QTest::newRow("a thread for each processor") << 1'000 << 0;
    }
    void callsEachNumberOnce()
    {
        QFETCH(int, count);
        QFETCH(int, threads);
        std::vector<std::atomic<int>> calls(static_cast<std::size_t>(count));
        const auto done = parallelFor(calls.size(), static_cast<unsigned>(threads), {}, [&](std::size_t i) -> Result<void> {
            ++calls[i];
            return {};
        });
        QVERIFY(done);
        QVERIFY(std::ranges::all_of(calls, [](int times) { return times == 1; }));
    }

    void worksOnThreadsAtTheSameTime()
    {
        std::latch all{3}; // of whom none gets on alone
        std::mutex guard;
        std::set<std::thread::id> threads;
        QVERIFY(parallelFor(3, 3, {}, [&](std::size_t) -> Result<void> {
            all.arrive_and_wait();
            const std::scoped_lock lock{guard};
            threads.insert(std::this_thread::get_id());
            return {};
        }));
        QCOMPARE(threads.size(), std::size_t{3});
        QVERIFY(threads.contains(std::this_thread::get_id()));
    }

    void oneThreadIsTheCallersAndGoesInOrder()
    {
        std::vector<std::size_t> order;
        QVERIFY(parallelFor(5, 1, {}, [&, caller = std::this_thread::get_id()](std::size_t i) -> Result<void> {
            order.push_back(std::this_thread::get_id() == caller ? i : 99);
            return {};
        }));
        QVERIFY((order == std::vector<std::size_t>{0, 1, 2, 3, 4}));
    }

    void theFirstInOrderThatFailsDecides_data()
    {
        QTest::addColumn<int>("threads");
        for (const int threads : {1, 2, 4, 7})
            QTest::addRow("%d threads", threads) << threads;
    }
    /// 20 fails late, after 21 has failed: it decides all the same.
    void theFirstInOrderThatFailsDecides()
    {
        QFETCH(int, threads);
        for (const bool throws : {false, true}) {
            std::latch later{threads > 1 ? 1 : 0};
            const auto body = [&](std::size_t i) -> Result<void> {
                if (i == 20) {
                    later.wait();
                    return throws ? throw std::runtime_error{"20"} : error(i);
                }
                if (i == 21) {
                    later.count_down();
                    return throws ? error(i) : throw std::runtime_error{"21"};
                }
                return i > 21 ? error(i) : Result<void>{};
            };
            Result<void> done;
            const auto thrown = thrownBy([&] { done = parallelFor(100, static_cast<unsigned>(threads), {}, body); });
            QCOMPARE(thrown, throws ? std::string{"20"} : std::string{"nothing"});
            QCOMPARE(done ? std::string{"no error"} : done.error().text, throws ? std::string{"no error"} : std::string{"20"});
        }
    }

    void anExceptionOfAnotherThreadReachesTheCaller()
    {
        std::latch both{2}; // the caller has one of the two numbers, another thread the other
        const auto caller = std::this_thread::get_id();
        QVERIFY_EXCEPTION_THROWN((void)parallelFor(2, 2, {},
                                                   [&](std::size_t) -> Result<void> {
                                                       both.arrive_and_wait();
                                                       if (std::this_thread::get_id() != caller)
                                                           throw std::bad_alloc{};
                                                       return {};
                                                   }),
                                 std::bad_alloc);
    }

    void stopsEarlyAfterAFailure()
    {
        for (const unsigned threads : {1u, 3u}) {
            std::atomic<std::size_t> calls = 0;
            QVERIFY(!parallelFor(1'000'000, threads, {}, [&](std::size_t i) -> Result<void> {
                ++calls;
                if (i > 5)
                    std::this_thread::yield(); // lets the thread that failed tell of it
                return i == 5 ? error(i) : Result<void>{};
            }));
            QVERIFY2(threads == 1 ? calls == 6 : calls < 1'000'000, qPrintable(QString::number(calls)));
        }
    }

    void givesOutNoNumberAfterAStop()
    {
        for (const unsigned threads : {1u, 4u}) {
            std::stop_source stop;
            std::atomic<std::size_t> calls = 0;
            QVERIFY(parallelFor(1'000'000, threads, stop.get_token(), [&](std::size_t i) -> Result<void> {
                ++calls;
                if (i == 5)
                    stop.request_stop();
                while (i > 5 && !stop.stop_requested())
                    std::this_thread::yield();
                return {};
            }));
            QVERIFY(calls >= 6 && calls <= 5 + threads); // those before it, and one of each thread
        }
        std::stop_source stopped;
        stopped.request_stop();
        QVERIFY(parallelFor(3, 2, stopped.get_token(), [](std::size_t i) { return error(i); })); // none was called
    }
};

QTEST_APPLESS_MAIN(TstParallelFor)
#include "tst_parallelfor.moc"
