// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/live/eventqueue.h"
#include "engine/live/latestslot.h"
#include "engine/live/wake.h"
#include "engine/messages/messages.h"
#include <filesystem>
#include <memory>
#include <vector>

namespace engine {

/// Where a run may leave another one: a snapshot of its warm-up, and the parameters that shall be different
/// from there on.
struct Branch {
    std::filesystem::path snapshot;
    std::vector<SetParameter> changes; ///< not those that shaped the warm-up: model, optimizer, minibatch, validation share, seed
};

/// One experiment: a training thread of its own and the queues to talk to it. No window needed.
/// Every function may be called from any thread and returns at once, except `wait` and the destructor.
///
///     Run run{settings};
///     run.start();                       // Prepared or Failed follows as an event
///     run.post(SetParameter{ParameterId::Lambda, 0.3});
///     for (auto &event : run.events().takeAll()) ...
class Run {
public:
    explicit Run(Settings settings);
    /// Goes on from a snapshot, bit for bit as the run would have gone on that wrote it (same machine, same
    /// thread count).
    static std::unique_ptr<Run> resumed(std::filesystem::path snapshot);
    /// Goes on from the warm-up of another run with some parameters changed, so that variants share what they
    /// have in common. With λ, k, forward mode and the like changed it goes on as a run with these settings
    /// would have from its first step, bit for bit.
    static std::unique_ptr<Run> branched(Branch branch);
    ~Run(); ///< stop, then wait
    Run(const Run &) = delete;
    Run &operator=(const Run &) = delete;

    /// Begins on the training thread: loads data, builds the network, trains. `paused`: stop before the first step.
    void start(bool paused = false);
    /// The reply arrives as CommandReplied under this id. A Finished run takes TakeSnapshot and MeasurePacked
    /// alone; an ended one rejects all.
    CommandId post(Command command);
    /// Ends after the step in hand; Stopped follows. Never blocks.
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
    explicit Run(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace engine
