// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/messages/messages.h"
#include "engine/run/run.h"
#include "engine/runs/signals.h"
#include <filesystem>
#include <optional>

namespace engine {

/// Sees a run go by. Called on the thread that follows it; must not throw.
class RunWatcher {
public:
    virtual ~RunWatcher() = default;
    virtual void event(const Event &event) = 0;
    virtual void frame(const Frame &frame) = 0;
    /// Worth a line to whoever follows, beside the events.
    virtual void remark(std::string_view sentence) = 0;
};

/// How a run ended that was followed.
struct Followed {
    enum class How : std::uint8_t {
        Finished,    ///< all steps done; its last state lies in `snapshot`
        Interrupted, ///< a signal asked for the end; likewise
        Paused,      ///< it paused, by itself (then `why`) or by its script: likewise
        Unsaved,     ///< done or interrupted, but its last state could be written nowhere; `why` says it
        Refused,     ///< it could not begin: data, network, parameters or files are no good
        Failed       ///< it broke off; what it last saved is there
    };
    How how = How::Failed;
    std::optional<Error> why{};
    std::filesystem::path snapshot{}; ///< may lie elsewhere than where the run saves itself, if it could not be written there
};

/// Starts a run and takes it to its end on the calling thread: saves when a signal asks for it, and makes
/// sure that its last state is written: where the run saves itself, or else in the folder for temporary
/// files. Requires: `options` with a file to keep it in.
Followed follow(Run &run, const RunOptions &options, Signals &system, RunWatcher &watcher);

} // namespace engine
