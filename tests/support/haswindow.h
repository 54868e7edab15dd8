// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace support {

/// Whether the program that is tested was built with its window.
#ifdef CONDENSATE_HAS_GUI
inline constexpr bool kHasWindow = true;
#else
inline constexpr bool kHasWindow = false;
#endif

} // namespace support
