// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/link/enginelink.h"
#include <QElapsedTimer>
#include <QTest>
#include <thread>

using namespace std::chrono_literals;
using widgets::EngineLink;
using widgets::TickPacer;

/// The ends of a run, without a run.
struct Ends {
    engine::EventQueue<engine::Event> events;
    engine::LatestSlot<engine::Frame> frames;
    engine::Wake wake;

    widgets::RunDoor door() { return {events, frames, wake}; }
    void put(engine::Event event)
    {
        events.put(std::move(event));
        wake.notify();
    }
    void putFrame(std::uint64_t step)
    {
        auto frame = std::make_shared<engine::Frame>();
        frame->step = engine::Step{step};
        frames.put(std::move(frame));
        wake.notify();
    }
};

class TstEngineLink : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void bringsAllEventsInOrder();
    void bringsTheNewestFrame();
    void bringsWhatCameBeforeItListened();
    void keepsPullingFromARunThatNeverRests();
    void stopsListeningWhenItGoes();
    void mayBeDestroyedByAListener();
    void pacesByCost_data();
    void pacesByCost();
    void hurriesOnce();
};

void TstEngineLink::bringsAllEventsInOrder()
{
    Ends ends;
    EngineLink link{ends.door()};
    std::vector<std::uint64_t> steps;
    connect(&link, &EngineLink::eventArrived, this, [&](const engine::Event &event) {
        steps.push_back(count(std::get<engine::Note>(event).step));
    });
    constexpr std::uint64_t kEvents = 20000; // far above the high-water mark: the writer must wait, not drop
    std::jthread writer{[&] {
        for (std::uint64_t i = 0; i < kEvents; ++i)
            ends.put(engine::Note{engine::Step{i}, "n"});
    }};
    QTRY_COMPARE_WITH_TIMEOUT(steps.size(), kEvents, 30000);
    for (std::uint64_t i = 0; i < kEvents; ++i)
        QCOMPARE(steps[i], i);
}

void TstEngineLink::bringsTheNewestFrame()
{
    Ends ends;
    EngineLink link{ends.door()};
    std::uint64_t seen = 0;
    int frames = 0;
    connect(&link, &EngineLink::frameArrived, this, [&](const auto &frame) {
        QVERIFY(count(frame->step) > seen);
        seen = count(frame->step);
        ++frames;
    });
    for (std::uint64_t step = 1; step <= 500; ++step)
        ends.putFrame(step);
    QTRY_COMPARE(seen, std::uint64_t{500});
    QCOMPARE(frames, 1); // all were put before the event loop ran
}

void TstEngineLink::bringsWhatCameBeforeItListened()
{
    Ends ends;
    ends.put(engine::Note{engine::Step{7}, "early"});
    EngineLink link{ends.door()};
    int events = 0;
    connect(&link, &EngineLink::eventArrived, this, [&] { ++events; });
    QTRY_COMPARE(events, 1);
}

void TstEngineLink::keepsPullingFromARunThatNeverRests()
{
    Ends ends;
    EngineLink link{ends.door()};
    int pulls = 0;
    connect(&link, &EngineLink::pulled, this, [&] { ++pulls; });
    std::atomic<bool> stop{false};
    std::jthread writer{[&] {
        for (std::uint64_t step = 1; !stop; ++step)
            ends.putFrame(step);
    }};
    QElapsedTimer clock;
    clock.start();
    QTRY_VERIFY_WITH_TIMEOUT(pulls >= 5, 20000);
    stop = true;
    // Never more often than the tick allows: five pulls are four intervals.
    QVERIFY2(clock.elapsed() >= 4 * 33 - 5, qPrintable(QString::number(clock.elapsed())));
}

void TstEngineLink::stopsListeningWhenItGoes()
{
    Ends ends;
    auto link = std::make_unique<EngineLink>(ends.door());
    int events = 0;
    connect(link.get(), &EngineLink::eventArrived, this, [&] { ++events; });
    ends.put(engine::Note{engine::Step{1}, "a queued call is under way"});
    link.reset();
    ends.put(engine::Note{engine::Step{2}, "nobody listens"});
    QCoreApplication::processEvents();
    QCOMPARE(events, 0);
    QCOMPARE(ends.events.takeAll().size(), std::size_t{2}); // and nothing was lost
}

void TstEngineLink::mayBeDestroyedByAListener()
{
    Ends ends;
    auto link = std::make_unique<EngineLink>(ends.door());
    connect(link.get(), &EngineLink::eventArrived, this, [&] { link.reset(); });
    ends.put(engine::Note{engine::Step{1}, "last"});
    ends.putFrame(1);
    QTRY_VERIFY(!link);
}

void TstEngineLink::pacesByCost_data()
{
    QTest::addColumn<int>("costMicroseconds");
    QTest::addColumn<int>("intervalMilliseconds");
    QTest::newRow("nothing: thirty a second") << 0 << 33;
    QTest::newRow("cheap: still thirty a second") << 500 << 33;
    QTest::newRow("5 ms: four a second") << 5000 << 250;
    QTest::newRow("20 ms: one a second") << 20000 << 1000;
    QTest::newRow("dear: never seems dead") << 500000 << 2000;
}

void TstEngineLink::pacesByCost()
{
    QFETCH(int, costMicroseconds);
    QFETCH(int, intervalMilliseconds);
    TickPacer pacer;
    QCOMPARE(pacer.untilNext(10s), TickPacer::Time{0}); // the first is due at once
    pacer.began(10s);
    pacer.cost(std::chrono::microseconds{costMicroseconds});
    QCOMPARE(pacer.interval(), TickPacer::Time{std::chrono::milliseconds{intervalMilliseconds}});
    QCOMPARE(pacer.untilNext(10s + 10ms), TickPacer::Time{std::chrono::milliseconds{intervalMilliseconds - 10}});
    QCOMPARE(pacer.untilNext(20s), TickPacer::Time{0});
}

void TstEngineLink::hurriesOnce()
{
    TickPacer pacer;
    pacer.began(10s);
    pacer.cost(20ms);
    pacer.hurry();
    QCOMPARE(pacer.untilNext(10s), TickPacer::Time{33ms});
    pacer.began(10s + 33ms);
    QCOMPARE(pacer.interval(), TickPacer::Time{1s});
    pacer.cost(0ms); // falls are believed by and by
    QVERIFY(pacer.interval() > 500ms);
}

QTEST_MAIN(TstEngineLink)
#include "tst_enginelink.moc"
