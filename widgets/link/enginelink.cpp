// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/link/enginelink.h"
#include "engine/core/machine.h"
#include <QPointer>

namespace widgets {
namespace {

TickPacer::Time now()
{
    return std::chrono::steady_clock::now().time_since_epoch();
}

} // namespace

EngineLink::EngineLink(RunDoor door, QObject *parent) : QObject{parent}, m_door{door}
{
    m_tick.setSingleShot(true);
    m_tick.setTimerType(Qt::PreciseTimer);
    connect(&m_tick, &QTimer::timeout, this, &EngineLink::pull);
    m_door.wake.listen([this] { QMetaObject::invokeMethod(this, &EngineLink::schedule, Qt::QueuedConnection); });
    schedule(); // what came before there was a listener woke nobody
}

EngineLink::~EngineLink()
{
    m_door.wake.listen(nullptr);
}

void EngineLink::schedule()
{
    if (m_tick.isActive()) // start, never restart: a fast run must not starve the screen
        return;
    m_tick.start(std::chrono::ceil<std::chrono::milliseconds>(m_pacer.untilNext(now())));
}

void EngineLink::expedite()
{
    m_pacer.hurry();
    m_tick.stop(); // at most once a command, and commands come at most once a tick
    schedule();
}

void EngineLink::pull()
{
    m_pacer.began(now());
    const auto begin = engine::threadTime(); // waiting for a busy processor is not the window's cost
    const QPointer<EngineLink> self{this}; // a listener may end the run, and this link with it
    m_door.wake.rearm();                   // before taking: what comes later wakes again
    for (const auto &event : m_door.events.takeAll()) {
        Q_EMIT eventArrived(event);
        if (!self)
            return;
    }
    if (const auto frame = m_door.frames.take())
        Q_EMIT frameArrived(frame);
    if (!self)
        return;
    Q_EMIT pulled();
    if (self && !m_measuring) {
        m_measuring = true;
        measureCost(begin, 3);
    }
}

/// Plots draw in queued calls and the window system paints after those: the cost is known some rounds later.
void EngineLink::measureCost(TickPacer::Time begin, int rounds)
{
    if (rounds > 0) {
        QTimer::singleShot(0, this, [=, this] { measureCost(begin, rounds - 1); });
        return;
    }
    m_measuring = false;
    m_pacer.cost(engine::threadTime() - begin);
}

} // namespace widgets
