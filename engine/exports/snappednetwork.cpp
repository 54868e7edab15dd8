// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/exports/snappednetwork.h"
#include <algorithm>
#include <nlohmann/json.hpp>

namespace engine {
namespace {

using nlohmann::json;

/// Names may come from folders and files: what is no UTF-8 in them is replaced.
std::string textOf(const json &value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

json factsOf(const SnappedNetwork &network)
{
    const json facts = {{"model", network.model},
                        {"classes", network.classNames},
                        {"input_shape", {network.images.channels, network.images.height, network.images.width}},
                        {"mean", network.normalisation.mean},
                        {"std", network.normalisation.deviation},
                        {"program", "Condensate " CONDENSATE_VERSION}};
    return json::parse(textOf(facts));
}

} // namespace

const NamedArray *SnappedNetwork::find(std::string_view name) const
{
    const auto found = std::ranges::find(tensors, name, &NamedArray::name);
    return found == tensors.end() ? nullptr : &*found;
}

std::string factsAsJson(const SnappedNetwork &network) { return textOf(factsOf(network)); }

std::map<std::string, std::string> factsAsTexts(const SnappedNetwork &network)
{
    std::map<std::string, std::string> texts;
    const json facts = factsOf(network);
    for (const auto &[name, value] : facts.items())
        texts[name] = value.is_string() ? value.get<std::string>() : textOf(value);
    return texts;
}

} // namespace engine
