// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sensitivity/allocation.h"
#include "engine/core/text.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <nlohmann/json.hpp>

namespace engine {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
Json toJson(const Scores &scores) { return {{"accuracy", number(scores.accuracy)}, {"loss", number(scores.loss)}}; }

} // namespace

std::string describeAllocation(const Allocation &allocation)
{
    std::string text;
    const auto out = std::back_inserter(text);
    std::size_t width = 5;
    for (const auto &layer : allocation.layers)
        width = std::max(width, layer.layer.size());
    fmt::format_to(out, "{:<{}}  {:>11}  {:>3}  {:>14}  {:>9}  {:>9}\n", "layer", width, "weights", "k", "bytes (theory)", "points",
                   "loss");
    for (const auto &layer : allocation.layers)
        fmt::format_to(out, "{:<{}}  {:>11}  {:>3}  {:>14.0f}  {:>+9.2f}  {:>+9.4f}\n", layer.layer, width, layer.weights, layer.option.k,
                       layer.option.bytes, 0.0 - 100 * layer.option.accuracyDrop, layer.option.lossRise);
    const double ratio = allocation.bytes > 0 ? static_cast<double>(allocation.floatBytes) / allocation.bytes : 0;
    fmt::format_to(out, "\nAll layers, with what stays float: {:.0f} bytes at order-0 entropy (theory), {:.2f}×.\n", allocation.bytes,
                   ratio);
    fmt::format_to(out, "On {} validation images of {}: latent {}, loss {:.4f}; predicted {}, {:.4f}; measured {}, {:.4f}.\n",
                   allocation.images, allocation.dataName, percent(allocation.latent.accuracy), allocation.latent.loss,
                   percent(allocation.predicted.accuracy), allocation.predicted.loss, percent(allocation.measured.accuracy),
                   allocation.measured.loss);
    if (!allocation.meets)
        fmt::format_to(out, "This does not reach what was asked for; it is the nearest of the candidates.\n");
    fmt::format_to(out, "--layers '{}'", allocation.rules());
    return text;
}

std::string allocationToJson(const Allocation &allocation, bool onOneLine)
{
    Json layers = Json::array();
    for (const auto &layer : allocation.layers)
        layers.push_back({{"name", layer.layer},
                          {"weights", layer.weights},
                          {"k", layer.option.k},
                          {"entropy_bytes_theoretical", layer.option.bytes},
                          {"loss_rise", layer.option.lossRise},
                          {"accuracy_drop", layer.option.accuracyDrop}});
    const Json all{{"data", allocation.dataName},
                   {"images", allocation.images},
                   {"step", count(allocation.step)},
                   {"meets", allocation.meets},
                   {"entropy_bytes_theoretical", allocation.bytes},
                   {"float_bytes", allocation.floatBytes},
                   {"latent", toJson(allocation.latent)},
                   {"predicted", toJson(allocation.predicted)},
                   {"measured", toJson(allocation.measured)},
                   {"layers", std::move(layers)},
                   {"rules", allocation.rules()}};
    return all.dump(onOneLine ? -1 : 2);
}

} // namespace engine
