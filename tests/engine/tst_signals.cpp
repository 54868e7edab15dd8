// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/signals.h"
#include <QtTest>
#include <csignal>
#include <poll.h>

using engine::Asked;
using engine::Signals;

namespace {

using Handler = void (*)(int);

Handler handlerOf(int signal)
{
    struct sigaction action {};
    ::sigaction(signal, nullptr, &action);
    return action.sa_handler;
}

bool isReadable(int descriptor)
{
    pollfd asked{.fd = descriptor, .events = POLLIN, .revents = 0};
    return ::poll(&asked, 1, 0) == 1;
}

} // namespace

class TstSignals : public QObject {
    Q_OBJECT
private slots:
    void tellsWhatIsAsked_data()
    {
        QTest::addColumn<int>("signal");
        QTest::addColumn<bool>("ends");
        QTest::newRow("SIGINT") << SIGINT << true;
        QTest::newRow("SIGTERM") << SIGTERM << true;
        QTest::newRow("SIGHUP") << SIGHUP << false;
        QTest::newRow("SIGUSR1") << SIGUSR1 << false;
    }
    void tellsWhatIsAsked()
    {
        QFETCH(int, signal);
        QFETCH(bool, ends);
        Signals system;
        QVERIFY(!system.take() && !system.endAsked() && !isReadable(system.descriptor()));
        QCOMPARE(std::raise(signal), 0);
        QVERIFY(isReadable(system.descriptor()));
        QVERIFY(system.take() == (ends ? Asked::End : Asked::Save));
        QVERIFY(!system.take() && !isReadable(system.descriptor())); // once
        QCOMPARE(system.endAsked(), ends);                           // for good
    }

    void theEndCountsWhereBothAreAsked()
    {
        Signals system;
        QVERIFY(std::raise(SIGTERM) == 0 && std::raise(SIGUSR1) == 0);
        QVERIFY(system.take() == Asked::End);
        QVERIFY(!system.take());
    }

    void aSecondOneEndsTheProcess()
    {
        const Signals system;
        QCOMPARE(std::raise(SIGINT), 0);
        QVERIFY(handlerOf(SIGINT) == SIG_DFL);
    }

    /// As nohup has them, for one.
    void givesBackWhatWasThere()
    {
        const Handler before = std::signal(SIGHUP, SIG_IGN);
        {
            const Signals system;
            QVERIFY(handlerOf(SIGHUP) != SIG_IGN);
        }
        QVERIFY(handlerOf(SIGHUP) == SIG_IGN);
        std::signal(SIGHUP, before);
    }
};

QTEST_GUILESS_MAIN(TstSignals)
#include "tst_signals.moc"
