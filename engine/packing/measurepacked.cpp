// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/packing/measurepacked.h"
#include "engine/packing/snapshotmodel.h"

namespace engine {

Result<PackedAccount> measurePacked(const PackableRun &packable, const std::stop_token &stop)
{
    const auto model = packedModelOf(packable.run, packable.network);
    if (!model)
        return std::unexpected(model.error());
    auto contents = planPacked(*model, {.coder = {}, .halfTensors = false, .threads = 1, .stop = stop});
    if (!contents)
        return std::unexpected(contents.error());
    PackedAccount account;
    account.contents = *std::move(contents);
    account.size = accountBytes(account.contents);
    return account;
}

} // namespace engine
