// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/live/eventqueue.h"
#include "engine/live/latestslot.h"
#include "engine/live/wake.h"
#include "engine/messages/messages.h"
#include "widgets/link/tickpacer.h"
#include <QObject>
#include <QTimer>
#include <memory>

namespace widgets {

/// The ends of a run that a window holds; borrowed, they must outlive the link. Three parts instead of an engine::Run,
/// so that a view can be driven without training anything.
struct RunDoor {
    engine::EventQueue<engine::Event> &events;
    engine::LatestSlot<engine::Frame> &frames;
    engine::Wake &wake;
};

/// Brings what a run tells to the GUI thread: one queued call for each wake, then at the next tick all events in order
/// and the newest frame. Lives on the GUI thread; its destructor stops listening.
class EngineLink : public QObject {
    Q_OBJECT

public:
    explicit EngineLink(RunDoor door, QObject *parent = nullptr);
    ~EngineLink() override;

    /// The user waits for an answer: pull at the next possible moment.
    void expedite();
    /// Takes what is there now, without waiting for the tick: for the end of a run.
    void pull();
    const TickPacer &pacer() const noexcept { return m_pacer; }

Q_SIGNALS:
    void eventArrived(const engine::Event &event);
    void frameArrived(const std::shared_ptr<const engine::Frame> &frame);
    void pulled(); ///< the batch is complete: show it

private:
    void schedule();
    void measureCost(TickPacer::Time begin, int rounds);

    RunDoor m_door;
    TickPacer m_pacer;
    QTimer m_tick;
    bool m_measuring = false;
};

} // namespace widgets
