// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/exports/modelfacts.h"
#include "engine/packedtext/packednames.h"
#include "engine/recipes/recipe.h"
#include "condensateversion.h"
#include <nlohmann/json.hpp>

namespace engine {
namespace {

using nlohmann::json;

/// Names may come from folders and files: what is no UTF-8 in them is replaced.
std::string textOf(const json &value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

json factsOf(const PackedModel &model)
{
    const json facts = {{"model", networkNameOf(model)},
                        {"classes", model.data.classNames},
                        {"input_shape", {model.network.channels, model.network.height, model.network.width}},
                        {"mean", model.data.mean},
                        {"std", model.data.deviation},
                        {"program", "Condensate " CONDENSATE_VERSION}};
    return json::parse(textOf(facts));
}

} // namespace

NetworkPlan planOf(const PackedModel &model)
{
    const auto &[name, parameters, classes, channels, height, width, code] = model.network;
    return planNetwork(name, {static_cast<int>(channels), static_cast<int>(height), static_cast<int>(width)}, static_cast<int>(classes))
        .value();
}

std::vector<std::int64_t> shapeOf(const PackedKernel &kernel)
{
    auto shape = kernel.shape;
    shape.front() = static_cast<std::int64_t>(kernel.channels);
    return shape;
}

std::string networkNameOf(const PackedModel &model)
{
    if (model.network.name != kTorchScriptNetwork)
        return model.network.name;
    const auto settings = parseRecipe(model.provenance.recipe, "The recipe in the packed file");
    return settings ? networkName(settings->settings.text(ParameterId::Model)) : model.network.name;
}

std::string factsAsJson(const PackedModel &model) { return textOf(factsOf(model)); }

std::map<std::string, std::string> factsAsTexts(const PackedModel &model)
{
    std::map<std::string, std::string> texts;
    const json facts = factsOf(model);
    for (const auto &[name, value] : facts.items())
        texts[name] = value.is_string() ? value.get<std::string>() : textOf(value);
    return texts;
}

} // namespace engine
