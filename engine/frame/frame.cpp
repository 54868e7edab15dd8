// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/frame/frame.h"
#include <algorithm>

namespace engine {

std::string_view name(Stage stage) noexcept
{
    switch (stage) {
    case Stage::Preparing: return "preparing";
    case Stage::Warmup: return "warm-up";
    case Stage::Cluster: return "cluster";
    case Stage::Commit: return "commit";
    case Stage::Finished: return "finished";
    }
    return "unknown";
}

bool isCommitted(const RunDescription &run, Stage stage)
{
    return run.quantizes() && (stage == Stage::Commit || (stage == Stage::Finished && run.commitSteps > 0));
}

int LayerFrame::deadCount() const noexcept
{
    return static_cast<int>(std::ranges::count(occupancy, std::uint64_t{0}));
}

} // namespace engine
