// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/ids.h"
#include "engine/core/parameters.h"
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>

namespace engine {

// What a run can be asked. Commands are drained between steps, never inside one.

/// E.g. λ of all layers that have none of their own. `epochs` can grow: finished stages keep their steps, the new ones
/// lengthen the stage that the run is in; a finished run goes on.
struct SetParameter {
    ParameterId id;
    ParameterValue value;
    bool operator==(const SetParameter &) const = default;
};
/// By the layer's name, which may be a range of its channels; nothing: follow the global λ again.
struct SetLayerLambda {
    std::string layer;
    std::optional<double> lambda;
    bool operator==(const SetLayerLambda &) const = default;
};
struct Pause {
    bool operator==(const Pause &) const = default;
};
struct Resume {
    bool operator==(const Resume &) const = default;
};
/// One step, then paused. Requires a paused run.
struct StepOnce {
    bool operator==(const StepOnce &) const = default;
};
/// Pause once this many steps are done.
struct PauseAt {
    Step step;
    bool operator==(const PauseAt &) const = default;
};
/// Ends the stage it is in at once; the others keep their lengths.
struct NextStage {
    bool operator==(const NextStage &) const = default;
};

/// Whom a snapshot is for.
enum class SnapshotUse : std::uint8_t {
    Keep, ///< the run's: it is saved there, and that file is where it saves itself from now on
    Copy  ///< somebody else's: nothing changes for the run
};
/// Written by a thread of its own while training goes on. Without a file: where the run saves itself (KeptFiles).
struct TakeSnapshot {
    std::filesystem::path file{};
    SnapshotUse use = SnapshotUse::Keep;
};
/// Counted by a thread of its own; PackedMeasured or PackedFailed follows, once for all that are asked before
/// it can begin.
struct MeasurePacked {};

using Command = std::variant<SetParameter, SetLayerLambda, Pause, Resume, StepOnce, PauseAt, NextStage, TakeSnapshot, MeasurePacked>;

} // namespace engine
