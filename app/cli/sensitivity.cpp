// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/sensitivity.h"
#include "app/cli/interrupt.h"
#include "engine/sensitivity/sensitivity.h"
#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>

namespace app {

int printSensitivity(const SensitivityRequest &request)
{
    const auto snapshot = engine::readSnapshot(request.snapshot);
    if (!snapshot) {
        fmt::print(stderr, "condensate: {}\n", snapshot.error().text);
        return 2;
    }
    const Interrupt interrupt;
    const bool shows = ::isatty(STDERR_FILENO) != 0;
    const auto measured = engine::measureSensitivity(*snapshot, {.images = request.images, .k = request.k, .reestimatesNorms = request.reestimate},
                                                     [&](std::size_t done, std::size_t all) {
                                                         if (shows)
                                                             fmt::print(stderr, "\r{} of {} measured", done, all);
                                                         return !interrupt.raised();
                                                     });
    if (shows)
        fmt::print(stderr, "\r\033[K");
    if (!measured) {
        fmt::print(stderr, "condensate: {}\n", measured.error().text);
        return 2;
    }
    fmt::print("{}\n", request.json ? engine::sensitivityToJson(*measured) : engine::describeSensitivity(*measured));
    return interrupt.raised() ? 130 : 0;
}

} // namespace app
