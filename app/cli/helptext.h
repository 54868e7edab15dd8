// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/parameters.h"
#include <string>

namespace app {

/// What `--help` says of a parameter: its help, its choices where they do not speak for themselves, its range
/// and default. Lines of at most `width` characters, the choices one below the other.
std::string helpText(const engine::ParameterSpec &row, std::size_t width);

} // namespace app
