// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/live/commandqueue.h"
#include "engine/live/eventqueue.h"
#include "engine/live/latestslot.h"
#include "engine/live/wake.h"
#include "engine/messages/messages.h"
#include "engine/run/startpoint.h"
#include <stop_token>
#include <utility>

namespace engine {

/// What stands between a run's training thread and the world.
struct RunPorts {
    EventQueue<Event> events;
    LatestSlot<Frame> frames;
    Wake wake;
    CommandQueue<std::pair<CommandId, Command>> commands;
};

/// The whole life of a run on the calling thread, from loading data to the last event. Lets no exception out.
/// Returns after Failed, or once `stop` is requested.
void runTraining(RunPorts &ports, const StartPoint &from, const RunOptions &options, const std::stop_token &stop);

} // namespace engine
