// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/codebooks/scope.h"
#include "engine/core/layerrules.h"
#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace engine {

std::string rangeName(std::string_view layer, std::uint64_t from, std::uint64_t to) { return fmt::format("{}[{}:{}]", layer, from, to); }

std::vector<LayerInfo> layersWithCodebooks(const Settings &settings, std::span<const LayerInfo> layers)
{
    const bool divides = settings.choice<CodebookScope>() == CodebookScope::Channels;
    std::vector<LayerInfo> result;
    for (const LayerInfo &layer : layers) {
        const std::int64_t channels = layer.shape.front();
        const std::int64_t ranges = divides ? std::min(settings.whole(ParameterId::ChannelGroups), channels) : 1;
        for (std::int64_t range = 0; range < ranges; ++range) {
            const std::int64_t from = range * channels / ranges, to = (range + 1) * channels / ranges;
            LayerInfo part = layer;
            part.id = LayerId{static_cast<std::uint16_t>(result.size())};
            part.shape.front() = to - from;
            part.weightCount = layer.weightCount / static_cast<std::uint64_t>(channels) * static_cast<std::uint64_t>(to - from);
            if (ranges > 1)
                part.name = rangeName(layer.name, static_cast<std::uint64_t>(from), static_cast<std::uint64_t>(to));
            result.push_back(std::move(part));
        }
    }
    return result;
}

std::vector<std::size_t> codebookOwners(const Settings &settings, std::span<const LayerInfo> layers)
{
    std::vector<std::size_t> owners(layers.size());
    std::iota(owners.begin(), owners.end(), std::size_t{0});
    if (settings.choice<CodebookScope>() != CodebookScope::Unified)
        return owners;
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        const auto first = std::ranges::find(layers, layers[layer].kind, &LayerInfo::kind);
        owners[layer] = static_cast<std::size_t>(first - layers.begin());
    }
    return owners;
}

std::vector<std::vector<std::size_t>> layersByCodebook(std::span<const std::size_t> owners)
{
    std::vector<std::vector<std::size_t>> all(owners.size());
    for (std::size_t layer = 0; layer < owners.size(); ++layer)
        all[owners[layer]].push_back(layer);
    std::erase_if(all, [](const auto &layers) { return layers.empty(); });
    return all;
}

Result<void> checkSharedCodebooks(const Settings &settings, std::span<const LayerInfo> layers)
{
    const auto owners = codebookOwners(settings, layers);
    const auto shared = [&](std::size_t layer) {
        LayerSettings all = settings.layer(layers[layer].name);
        all.lambda.reset(); // each may be tied as strongly as it is wanted
        return all;
    };
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
        if (shared(layer) != shared(owners[layer]))
            return fail(ErrorCode::BadValue,
                        fmt::format("layers: expected {} and {}, which share a codebook, to agree on all but λ, found different settings.",
                                    layers[owners[layer]].name, layers[layer].name));
    }
    return {};
}

} // namespace engine
