// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sensitivity/sensitivity.h"
#include "engine/core/jsonnumber.h"
#include "engine/core/text.h"
#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <nlohmann/json.hpp>

namespace engine {
namespace {

using Json = nlohmann::ordered_json;

Json toJson(const Scores &scores) { return {{"accuracy", jsonNumber(scores.accuracy)}, {"loss", jsonNumber(scores.loss)}}; }

/// In percentage points, with its sign.
std::string points(double share) { return fmt::format("{:+.2f}", 100 * share + 0.0); }

} // namespace

std::string describeSensitivity(const Sensitivity &sensitivity)
{
    std::string text;
    const auto out = std::back_inserter(text);
    fmt::format_to(out, "{} validation images of {}. Latent: {}, loss {:.4f}. All layers snapped: {}, loss {:.4f}.\n\n", sensitivity.images,
                   sensitivity.dataName, percent(sensitivity.latent.accuracy), sensitivity.latent.loss,
                   percent(sensitivity.snapped.accuracy), sensitivity.snapped.loss);
    std::size_t width = 5;
    for (const auto &layer : sensitivity.layers)
        width = std::max(width, layer.layer.size());
    fmt::format_to(out, "{:<{}}  {:>11}  {:>3}  {:>7}  {:>12}  {:^24}  {:^24}\n", "", width, "", "", "entropy", "mean squared",
                   "this layer snapped alone", "all snapped but this");
    fmt::format_to(out, "{:<{}}  {:>11}  {:>3}  {:>7}  {:>12}  {:>8} {:>7} {:>7}  {:>8} {:>7} {:>7}", "layer", width, "weights", "k",
                   "bits", "error", "%", "points", "loss", "%", "points", "loss");
    for (const std::size_t place : sensitivity.byLoss()) {
        const auto &layer = sensitivity.layers[place];
        fmt::format_to(out, "\n{:<{}}  {:>11}  {:>3}  {:>7.3f}  {:>12.3e}", layer.layer, width, layer.weights, layer.k, layer.entropyBits,
                       layer.meanSquaredError);
        fmt::format_to(out, "  {:>8.2f} {:>7} {:>+7.4f}", 100 * layer.alone.accuracy,
                       points(layer.alone.accuracy - sensitivity.latent.accuracy), layer.alone.loss - sensitivity.latent.loss);
        fmt::format_to(out, "  {:>8.2f} {:>7} {:>+7.4f}", 100 * layer.others.accuracy,
                       points(layer.others.accuracy - sensitivity.snapped.accuracy), layer.others.loss - sensitivity.snapped.loss);
    }
    return text;
}

std::string sensitivityToJson(const Sensitivity &sensitivity)
{
    Json layers = Json::array();
    for (const auto &layer : sensitivity.layers)
        layers.push_back({{"name", layer.layer},
                          {"weights", layer.weights},
                          {"k", layer.k},
                          {"entropy_bits", jsonNumber(layer.entropyBits)},
                          {"mean_squared_error", jsonNumber(layer.meanSquaredError)},
                          {"alone", toJson(layer.alone)},
                          {"others", toJson(layer.others)}});
    const Json all{{"data", sensitivity.dataName},         {"images", sensitivity.images},           {"step", count(sensitivity.step)},
                   {"latent", toJson(sensitivity.latent)}, {"snapped", toJson(sensitivity.snapped)}, {"layers", std::move(layers)}};
    return all.dump(2);
}

} // namespace engine
