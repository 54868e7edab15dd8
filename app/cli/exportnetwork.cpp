// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/exportnetwork.h"
#include "engine/core/text.h"
#include <cstdio>
#include <fmt/format.h>

namespace app {

int exportNetwork(const ExportRequest &request)
{
    std::error_code none;
    if (std::filesystem::equivalent(request.source, request.out, none)) {
        fmt::print(stderr, "condensate: --out: expected another file than the one that is exported, found {}.\n", request.out.string());
        return 2;
    }
    const auto exported = engine::exportNetwork(request.source, request.out, request.format);
    if (!exported) {
        fmt::print(stderr, "condensate: {}\n", exported.error().text);
        return 2;
    }
    fmt::print("{}: {} bytes; {} quantized weights, {} float values; test accuracy {}.\n", request.out.string(), exported->bytes,
               exported->quantizedWeights, exported->floatValues, engine::percent(exported->accuracy));
    for (const auto &remark : exported->remarks)
        fmt::print("{}\n", remark);
    return 0;
}

} // namespace app
