// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/exportnetwork.h"
#include "app/cli/outfile.h"
#include "engine/core/text.h"
#include <fmt/format.h>

namespace app {

int exportNetwork(const ExportRequest &request, Console &console)
{
    if (const auto good = checkOut(request.out, request.source); !good)
        return console.complain(good.error());
    const auto exported = engine::exportNetwork(request.source, request.out, request.format);
    if (!exported)
        return console.complain(exported.error());
    console.out(fmt::format("{}: {} bytes; {} quantized weights, {} float values; test accuracy {}.\n", request.out.string(),
                            exported->bytes, exported->quantizedWeights, exported->floatValues, engine::percent(exported->accuracy)));
    for (const auto &remark : exported->remarks)
        console.out(remark + '\n');
    return kExitDone;
}

} // namespace app
