// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/parameters.h"
#include <string>
#include <string_view>

namespace app {

/// What `--help` says of a parameter: its help, its choices where they do not speak for themselves, its range and default.
/// Lines of at most `width` characters, the choices one below the other.
std::string helpText(const engine::ParameterSpec &row, std::size_t width);

/// The words of `text` in lines of at most `width` characters (UTF-8), each line after the first indented by `indent`. A word
/// that is longer than a line has one to itself.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent = 0);

} // namespace app
