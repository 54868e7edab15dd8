// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/live/commandqueue.h"
#include "engine/run/run.h"
#include "engine/run/packedmeter.h"
#include <filesystem>
#include <stop_token>
#include <utility>
#include <variant>

namespace engine {

/// What stands between a run's training thread and the world.
struct RunPorts {
    EventQueue<Event> events;
    LatestSlot<Frame> frames;
    Wake wake;
    CommandQueue<std::pair<CommandId, Command>> commands;
    PackedMeter::Measure measurePacked; ///< of packing/, which stands above training
};

/// What a run starts from: settings, a snapshot file, or the warm-up in one.
using StartPoint = std::variant<Settings, std::filesystem::path, Branch>;

/// The whole life of a run on the calling thread, from loading data to the last event. Lets no exception out.
/// Returns after Failed, or once `stop` is requested.
void runTraining(RunPorts &ports, const StartPoint &start, bool paused, const std::stop_token &stop);

} // namespace engine
