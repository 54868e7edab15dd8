// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include <cstddef>
#include <functional>
#include <stop_token>

namespace engine {

/// Calls body(i) for each i below `count` on up to `threads` threads (0: usableProcessors), of which the calling
/// one is one, and returns when all calls have ended. Numbers are given out in order, and none once a call has
/// failed or a stop was asked for. Of the calls that fail, the one of the lowest i decides, whatever the number of
/// threads: its error is returned, or its exception thrown to the caller.
/// Where the system gives no further threads, those that are there do the work. What was left out after a stop
/// is not told here: ask the token.
Result<void> parallelFor(std::size_t count, unsigned threads, const std::stop_token &stop,
                         const std::function<Result<void>(std::size_t)> &body);

} // namespace engine
