// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <expected>
#include <string>
#include <utility>

namespace engine {

/// What kind of trouble it is, so that a caller can branch; the text is for the person.
enum class ErrorCode {
    BadValue,    ///< a parameter outside its range, or parameters that contradict each other
    NotFound,    ///< a file, folder or layer that is not there
    Unreadable,  ///< exists but cannot be read (permission, I/O)
    Unwritable,  ///< cannot be written (permission, disk full)
    InUse,       ///< another process writes there
    BadFormat,   ///< truncated, damaged or of another kind than expected
    TooNew,      ///< written by a newer major version of the format
    NotFinite,   ///< NaN or Inf where a number is needed
    Unsupported, ///< well-formed, but this program cannot use it
    Internal     ///< a library failed in a way that has no better name
};

/// One failure. `text` is one sentence a person can act on: what, where, expected, found.
struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string text;
};

template <typename T>
using Result = std::expected<T, Error>;

/// Short for `std::unexpected(Error{code, text})`.
[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string text)
{
    return std::unexpected(Error{code, std::move(text)});
}

} // namespace engine
