// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/messages/commands.h"
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace engine {

/// Who had a command applied.
enum class Author : std::uint8_t {
    Hand, ///< somebody in the window or on the command line
    Rule, ///< the run itself
    File  ///< a recipe, or the log of a run that is repeated
};
std::string_view name(Author author) noexcept; ///< "hand", "rule", "file"

/// A process began with the run, or went on with it: what decides, beside the commands, which bits come out.
struct Started {
    int threads = 1;
    std::string program;               ///< version of Condensate
    std::string torch;                 ///< version of LibTorch
    std::string processor;             ///< its name, empty if unknown
    std::vector<SetParameter> changes; ///< with which it went on from a snapshot, as a branch of its own
    bool hasCodebooks = false;         ///< by then its codebooks were made
    bool operator==(const Started &) const = default;
};
/// All steps were done and the test set was measured. A run that is lengthened goes on behind it.
struct Ended {
    bool operator==(const Ended &) const = default;
};

/// One thing that was done in a run. Commands that change nothing of it (snapshots, measurements) are not logged.
struct LogEntry {
    using What = std::variant<Started, SetParameter, SetLayerLambda, NextStage, Pause, Resume, StepOnce, PauseAt, Ended>;

    Step step{};              ///< in force from here on
    Author by = Author::Hand;
    std::int64_t time = 0;    ///< seconds since 1970, UTC; 0: unknown
    What what;

    /// Whether the weights depend on it, so that a repetition has to do it too.
    bool shapesRun() const noexcept;
    bool operator==(const LogEntry &) const = default;
};

/// What was done in a run, from its first step on: with the settings that it began with, enough to do it again.
struct RunLog {
    Settings start;                ///< before the first step
    std::vector<LogEntry> entries; ///< in order; those of the runs it branched from come first
    /// What a recipe has still to do, in order of its steps. Each is applied between two steps as soon as so
    /// many are done. What a command could not change any more goes on as a fork of the run does (forkRun). A
    /// Pause stops the run there; one that is refused does, too, with the reason.
    std::vector<LogEntry> ahead;
    bool isComplete = true;        ///< false: a part is unknown, because an older program wrote it or no training made the weights

    /// 32 hexadecimal digits that tell this log from any other; times, and what lies ahead, do not count.
    std::string digest() const;
    bool operator==(const RunLog &) const = default;
};

} // namespace engine
