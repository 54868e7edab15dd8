// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/nets/makenetwork_torch.h"
#include "engine/nets/listing.h"
#include "engine/nets/plannednetwork_torch.h"
#include "engine/nets/scriptednetwork_torch.h"

namespace engine {

Result<std::unique_ptr<Network>> makeNetwork(std::string_view model, const ImageShape &images, int classes, std::uint64_t seed,
                                             const KeptModule &kept)
{
    if (model.starts_with(kTorchScriptPrefix)) {
        const std::filesystem::path file{model.substr(kTorchScriptPrefix.size())};
        auto network = kept.code.empty() ? ScriptedNetwork::load(file, seed)
                       : file.empty()    ? ScriptedNetwork::fromCode(kept, seed)
                                         : ScriptedNetwork::restore(file, kept, seed);
        if (!network)
            return std::unexpected(network.error());
        if (auto usable = (*network)->tryOut(images, classes); !usable)
            return std::unexpected(usable.error());
        return *std::move(network);
    }
    auto plan = planNetwork(model, images, classes);
    if (!plan)
        return std::unexpected(plan.error());
    return std::make_unique<PlannedNetwork>(*std::move(plan), seed);
}

Result<NetworkListing> listNetwork(std::string_view model, const ImageShape &images, int classes)
{
    if (!model.starts_with(kTorchScriptPrefix)) { // without its tensors
        const auto plan = planNetwork(model, images, classes);
        if (!plan)
            return std::unexpected(plan.error());
        return NetworkListing{.layers = plan->layers(), .floatParameters = plan->floatParameters()};
    }
    const auto network = ScriptedNetwork::load(model.substr(kTorchScriptPrefix.size()), 0);
    if (!network)
        return std::unexpected(network.error());
    return NetworkListing{.layers = (*network)->layers(), .floatParameters = (*network)->floatParameters()};
}

} // namespace engine
