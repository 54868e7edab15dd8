// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/bench/endedrun.h"
#include "engine/core/guarded.h"
#include "engine/training/store_torch.h"
#include "engine/training/trainer_torch.h"

namespace engine {

Result<EndedRun> endedRun(const SnapshotData &data, std::string_view what)
{
    return guarded(what, [&]() -> Result<EndedRun> {
        DatasetShelf shelf;
        auto state = fromSnapshot(data, shelf);
        if (!state)
            return std::unexpected(state.error());
        Trainer trainer{*std::move(state)};
        const Summary summary = trainer.finish();
        return EndedRun{summary, toSnapshot(trainer.state(), {data.run.log, data.run.history, data.run.seconds, &summary})};
    });
}

} // namespace engine
