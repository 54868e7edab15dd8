// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sensitivity/allocation.h"
#include <fmt/format.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <type_traits>

namespace engine {
namespace {

using Json = nlohmann::json;

double number(const Json &value) { return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>(); }
Scores scores(const Json &json) { return {.accuracy = number(json.at("accuracy")), .loss = number(json.at("loss"))}; }

template <typename Convert>
auto read(std::string_view json, std::string_view what, const Convert &convert) -> Result<std::invoke_result_t<Convert, const Json &>>
try {
    return convert(Json::parse(json));
} catch (const Json::exception &error) {
    return fail(ErrorCode::BadFormat,
                fmt::format("{}: expected what condensate {} --json prints, found something else: {}.", what, what, error.what()));
}

LayerSensitivity sensitivityOf(const Json &json)
{
    return {.layer = json.at("name").get<std::string>(),
            .weights = json.at("weights").get<std::uint64_t>(),
            .k = json.at("k").get<int>(),
            .meanSquaredError = number(json.at("mean_squared_error")),
            .entropyBits = number(json.at("entropy_bits")),
            .alone = scores(json.at("alone")),
            .others = scores(json.at("others"))};
}

AllocatedLayer allocatedOf(const Json &json)
{
    return {.layer = json.at("name").get<std::string>(),
            .weights = json.at("weights").get<std::uint64_t>(),
            .option = {.k = json.at("k").get<int>(),
                       .bytes = number(json.at("entropy_bytes_theoretical")),
                       .lossRise = number(json.at("loss_rise")),
                       .accuracyDrop = number(json.at("accuracy_drop"))}};
}

} // namespace

Result<Sensitivity> readSensitivity(std::string_view json)
{
    return read(json, "sensitivity", [](const Json &all) {
        Sensitivity found{.dataName = all.at("data").get<std::string>(),
                          .images = all.at("images").get<std::uint64_t>(),
                          .step = Step{all.at("step").get<std::uint64_t>()},
                          .latent = scores(all.at("latent")),
                          .snapped = scores(all.at("snapped")),
                          .layers = {}};
        for (const auto &layer : all.at("layers"))
            found.layers.push_back(sensitivityOf(layer));
        return found;
    });
}

Result<Allocation> readAllocation(std::string_view json)
{
    return read(json, "allocate", [](const Json &all) {
        Allocation found;
        found.dataName = all.at("data").get<std::string>();
        found.images = all.at("images").get<std::uint64_t>();
        found.step = Step{all.at("step").get<std::uint64_t>()};
        found.latent = scores(all.at("latent"));
        for (const auto &layer : all.at("layers"))
            found.layers.push_back(allocatedOf(layer));
        found.bytes = number(all.at("entropy_bytes_theoretical"));
        found.floatBytes = all.at("float_bytes").get<std::uint64_t>();
        found.predicted = scores(all.at("predicted"));
        found.measured = scores(all.at("measured"));
        found.meets = all.at("meets").get<bool>();
        return found;
    });
}

} // namespace engine
