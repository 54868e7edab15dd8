// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/exportnetwork.h"
#include <cstdio>
#include <fmt/format.h>

namespace app {

int exportNetwork(const ExportRequest &request)
{
    const auto exported = engine::exportSnapshot(request.snapshot, request.out, request.format);
    if (!exported) {
        fmt::print(stderr, "condensate: {}\n", exported.error().text);
        return 2;
    }
    fmt::print("{}: {} bytes; {} quantized weights, {} float values.\n", request.out.string(), exported->bytes, exported->quantizedWeights, exported->floatValues);
    for (const auto &remark : exported->remarks)
        fmt::print("{}\n", remark);
    return 0;
}

} // namespace app
