// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/report/report.h"
#include "engine/report/snapshotfigures.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>
#include <nlohmann/json.hpp>

namespace engine {
namespace {

using Json = nlohmann::ordered_json;
using Out = std::back_insert_iterator<std::string>;

/// "1234567" as "1,234,567".
std::string grouped(std::uint64_t number)
{
    std::string text = fmt::format("{}", number);
    for (auto place = static_cast<std::ptrdiff_t>(text.size()) - 3; place > 0; place -= 3)
        text.insert(static_cast<std::size_t>(place), 1, ',');
    return text;
}

std::string percent(double share)
{
    return std::isnan(share) ? "not measured" : fmt::format("{:.2f} %", 100 * share);
}

std::string percent(const std::optional<double> &share) { return percent(share.value_or(kNotMeasured)); }

std::string shapeOf(const LayerInfo &info) { return fmt::format("{}", fmt::join(info.shape, "×")); }

void appendHead(Out out, const SnapshotData &data)
{
    const auto &d = data.description;
    fmt::format_to(out, "{} on {}, step {} of {} ({})\n", d.modelName, d.dataName, grouped(count(data.step)), grouped(d.totalSteps()),
                   name(data.stage));
    fmt::format_to(out, "written by Condensate {}, {} thread{}{}\n", data.programVersion.empty() ? "?" : data.programVersion, d.threads,
                   d.threads == 1 ? "" : "s", d.blasName.empty() ? "" : ", " + d.blasName);
    fmt::format_to(out, "images: {} training, {} validation, {} test\n", grouped(d.trainImages), grouped(d.validationImages),
                   grouped(d.testImages));
    if (!data.codebooksAreLive)
        fmt::format_to(out, "The codebooks are a preview: nothing is quantized yet.\n");
}

void appendLayers(Out out, const SnapshotData &data, const SnapshotFigures &figures)
{
    std::size_t nameWidth = 5, shapeWidth = 5;
    for (const auto &layer : data.layers) {
        nameWidth = std::max(nameWidth, layer.info.name.size());
        shapeWidth = std::max(shapeWidth, shapeOf(layer.info).size());
    }
    const auto line = [&](const auto &...cells) {
        fmt::format_to(out, "{:<{}}  {:<6}  {:<{}}  {:>11}  {:>3}  {:>4}  {:>12}  {:>9}  {:>13}\n", cells...);
    };
    line("layer", nameWidth, "kind", "shape", shapeWidth, "weights", "k", "used", "entropy bits", "λ own", "mean distance");
    for (std::size_t l = 0; l < data.layers.size(); ++l) {
        const auto &layer = data.layers[l];
        const auto &found = figures.layers[l];
        line(layer.info.name, nameWidth, layer.info.kind, shapeOf(layer.info), shapeWidth, grouped(layer.info.weightCount),
             layer.representatives.size(), found.used, fmt::format("{:.3f}", found.entropyBits),
             layer.lambdaOverride ? fmt::format("{:.4g}", *layer.lambdaOverride) : "", fmt::format("{:.3e}", found.meanDistance));
    }
    line("total", nameWidth, "", "", shapeWidth, grouped(figures.size.weights), "", "", fmt::format("{:.3f}", figures.entropyBits), "",
         fmt::format("{:.3e}", figures.meanDistance));
}

/// π of the layers that learn it.
void appendMixing(Out out, const SnapshotData &data)
{
    constexpr std::size_t kMostListed = 16;
    std::size_t nameWidth = 0;
    for (const auto &layer : data.layers)
        nameWidth = std::max(nameWidth, layer.mixing.empty() ? 0 : layer.info.name.size());
    if (nameWidth > 0)
        fmt::format_to(out, "learnt mixing proportions in %:\n");
    for (const auto &layer : data.layers) {
        std::vector<std::string> shares;
        for (const double share : layer.mixing)
            shares.push_back(fmt::format("{:.2f}", 100 * share));
        if (shares.size() > kMostListed)
            shares = {fmt::format("{:.2f} to {:.2f}", 100 * std::ranges::min(layer.mixing), 100 * std::ranges::max(layer.mixing))};
        if (!shares.empty())
            fmt::format_to(out, "  {:<{}}  {}\n", layer.info.name, nameWidth, fmt::join(shares, "  "));
    }
}

void appendSizes(Out out, const SnapshotData &data, const SnapshotFigures &figures)
{
    const auto &size = figures.size;
    const auto line = [&](std::string_view what, double bytes, double ratio) {
        fmt::format_to(out, "  {:<34} {:>13} bytes {:>8.2f}×\n", what, grouped(static_cast<std::uint64_t>(std::ceil(bytes))), ratio);
    };
    fmt::format_to(out, "size, with {} values that stay float32:\n", grouped(data.description.floatParameters));
    line("float32", static_cast<double>(size.floatBytes), 1.0);
    line("fixed-length codes (theoretical)", size.fixedBytes, size.fixedRatio());
    line("order-0 entropy (theoretical)", size.entropyBytes, size.entropyRatio());
}

void appendAccuracies(Out out, const SnapshotData &data, const SnapshotFigures &figures)
{
    if (figures.validation)
        fmt::format_to(out, "validation accuracy at step {}{}: latent {}, snapped {}\n", grouped(count(figures.validation->step)),
                       figures.validation->wholeValidation ? "" : " (subset)", percent(figures.validation->latentAccuracy),
                       percent(figures.validation->snappedAccuracy));
    if (data.latentTestAccuracy || data.snappedTestAccuracy)
        fmt::format_to(out, "test accuracy: latent {}, snapped {}\n", percent(data.latentTestAccuracy), percent(data.snappedTestAccuracy));
}

void appendParameters(Out out, const Settings &settings)
{
    const Settings defaults;
    bool first = true;
    for (const auto &row : parameterTable()) {
        if (settings.value(row.id) == defaults.value(row.id))
            continue;
        if (first)
            fmt::format_to(out, "\nparameters that differ from their defaults:\n");
        first = false;
        fmt::format_to(out, "  {:<18} {} (default {})\n", row.key, toText(settings.value(row.id)), toText(defaults.value(row.id)));
    }
    if (first)
        fmt::format_to(out, "\nAll parameters have their defaults.\n");
}

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
Json number(const std::optional<double> &value) { return number(value.value_or(kNotMeasured)); }

Json parametersOf(const Settings &settings)
{
    Json object = Json::object();
    for (const auto &row : parameterTable())
        std::visit([&](const auto &value) { object[std::string{row.key}] = value; }, settings.value(row.id));
    return object;
}

Json layerOf(const LayerState &layer, const LayerFigures &figures)
{
    return {{"id", index(layer.info.id)},
            {"name", layer.info.name},
            {"kind", layer.info.kind},
            {"shape", layer.info.shape},
            {"weights", layer.info.weightCount},
            {"k", layer.representatives.size()},
            {"used", figures.used},
            {"representatives", layer.representatives},
            {"occupancy", figures.occupancy},
            {"mixing", layer.mixing.empty() ? Json(nullptr) : Json(layer.mixing)},
            {"entropy_bits", number(figures.entropyBits)},
            {"lambda_override", number(layer.lambdaOverride)},
            {"mean_distance", number(figures.meanDistance)}};
}

Json sizeOf(const SizeEstimate &size, std::uint64_t floatParameters)
{
    return {{"weights", size.weights},
            {"float_parameters", floatParameters},
            {"float32_bytes", size.floatBytes},
            {"theoretical_fixed_length", {{"bytes", number(size.fixedBytes)}, {"ratio", number(size.fixedRatio())}}},
            {"theoretical_order_0_entropy", {{"bytes", number(size.entropyBytes)}, {"ratio", number(size.entropyRatio())}}}};
}

Json validationOf(const SnapshotFigures &figures)
{
    if (!figures.validation)
        return nullptr;
    return {{"step", count(figures.validation->step)},
            {"whole_set", figures.validation->wholeValidation},
            {"latent", number(figures.validation->latentAccuracy)},
            {"snapped", number(figures.validation->snappedAccuracy)}};
}

} // namespace

std::string describeSnapshot(const SnapshotData &data)
{
    const auto figures = figuresOf(data);
    std::string text;
    const Out out{text};
    appendHead(out, data);
    text += '\n';
    appendLayers(out, data, figures);
    appendMixing(out, data);
    text += '\n';
    appendSizes(out, data, figures);
    appendAccuracies(out, data, figures);
    appendParameters(out, data.description.settings);
    text.pop_back(); // the last line's end
    return text;
}

std::string toJson(const SnapshotData &data)
{
    const auto figures = figuresOf(data);
    const auto &d = data.description;
    Json layers = Json::array();
    for (std::size_t l = 0; l < data.layers.size(); ++l)
        layers.push_back(layerOf(data.layers[l], figures.layers[l]));
    const Json object{{"program_version", data.programVersion},
                      {"data", d.dataName},
                      {"model", d.modelName},
                      {"step", count(data.step)},
                      {"total_steps", d.totalSteps()},
                      {"stage", name(data.stage)},
                      {"codebooks_are_live", data.codebooksAreLive},
                      {"class_names", d.classNames},
                      {"images", {{"train", d.trainImages}, {"validation", d.validationImages}, {"test", d.testImages}}},
                      {"threads", d.threads},
                      {"blas", d.blasName},
                      {"parameters", parametersOf(d.settings)},
                      {"layers", std::move(layers)},
                      {"size", sizeOf(figures.size, d.floatParameters)},
                      {"validation_accuracy", validationOf(figures)},
                      {"test_accuracy", {{"latent", number(data.latentTestAccuracy)}, {"snapped", number(data.snappedTestAccuracy)}}}};
    constexpr int kIndent = 2;
    return object.dump(kIndent, ' ', false, Json::error_handler_t::replace); // names in files need not be UTF-8
}

} // namespace engine
