// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include "engine/messages/runlog.h"
#include <string>
#include <string_view>

namespace engine {

/// A log as lines of JSON, as snapshots keep it: first the parameters that the run began with, under "start",
/// then what was done and what a recipe has still to do, a line each (resources/help/snapshot-format.md).
/// `isComplete` is not among it.
std::string toJsonLines(const RunLog &log);
/// One entry of it, without the line's end.
std::string toJsonLine(const LogEntry &entry);

/// Reads them. Parameters that are missing keep their defaults; keys that this version does not know are passed over.
/// Errors: BadFormat, naming the line, what was expected and what was found.
Result<RunLog> parseJsonLines(std::string_view text);

} // namespace engine
