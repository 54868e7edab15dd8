// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/live/eventqueue.h"
#include "engine/live/latestslot.h"
#include "engine/live/wake.h"
#include "engine/messages/messages.h"
#include "engine/run/startpoint.h"
#include <memory>

namespace engine {

/// One experiment: a training thread of its own and the queues to talk to it. No window needed.
/// Every function may be called from any thread and returns at once, except `wait` and the destructor.
///
///     Run run{FromSettings{settings}};
///     run.start();                       // Prepared or Failed follows as an event
///     run.post(SetParameter{ParameterId::Lambda, 0.3});
///     for (auto &event : run.events().takeAll()) ...
class Run {
public:
    explicit Run(StartPoint from);
    ~Run(); ///< stop, then wait
    Run(const Run &) = delete;
    Run &operator=(const Run &) = delete;

    /// Begins on the training thread: loads data, builds the network, trains.
    void start(RunOptions options = {});
    /// The reply arrives as CommandReplied under this id. A Finished run takes TakeSnapshot, MeasurePacked and more
    /// epochs alone; an ended one rejects all.
    CommandId post(Command command);
    /// Ends after the step in hand and what was posted before; Stopped follows. Never blocks.
    void stop();
    /// Blocks until the training thread and all snapshot writes have ended: after Failed or Stopped. A
    /// Finished run stays ready to take snapshots until stop() is called, so call that first.
    void wait();
    bool ended() const noexcept;

    EventQueue<Event> &events() noexcept;
    LatestSlot<Frame> &frames() noexcept;
    Wake &wake() noexcept; ///< notified after each new event or frame

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace engine
