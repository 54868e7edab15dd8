// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include <exception>
#include <new>
#include <string>
#include <string_view>

namespace engine {

/// The first line of what a library says of a failure: LibTorch's texts go on with a trace.
inline std::string firstLineOf(const std::exception &thrown)
{
    const std::string_view text = thrown.what();
    return std::string{text.substr(0, text.find('\n'))};
}

/// Calls `work`, which gives a Result, at the engine's boundary: no exception gets out. `what` begins the sentence:
/// "Sensitivity: not enough memory for this network." Errors: those of `work`; Internal for what was thrown.
template <typename Work>
auto guarded(std::string_view what, const Work &work) noexcept -> decltype(work())
{
    try {
        return work();
    } catch (const std::bad_alloc &) {
        return fail(ErrorCode::Internal, std::string{what} + ": not enough memory for this network; choose a smaller one.");
    } catch (const std::exception &thrown) {
        return fail(ErrorCode::Internal, std::string{what} + ": " + firstLineOf(thrown) + '.');
    }
}

} // namespace engine
