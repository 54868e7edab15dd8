// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/report/report.h"
#include "engine/core/jsonnumber.h"
#include "engine/core/layerrules.h"
#include "engine/core/text.h"
#include "engine/report/snapshotfigures.h"
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

namespace engine {
namespace {

using Json = nlohmann::ordered_json;
using Out = std::back_insert_iterator<std::string>;

std::string shapeOf(const LayerInfo &info) { return fmt::format("{}", fmt::join(info.shape, "×")); }

/// Of the order-0 entropy bytes of the whole network.
double shareOf(const SizeEstimate &part, const SnapshotFigures &figures) { return part.entropyBytes / figures.size.entropyBytes; }

/// Where the code of a network of the user's own comes from, should the run go on.
void appendModule(Out out, const SnapshotData &data)
{
    const std::string &model = data.run.description.settings.text(ParameterId::Model);
    const auto prefix = std::get<ChoiceRange>(spec(ParameterId::Model).range).filePrefix;
    if (!model.starts_with(prefix))
        return;
    const std::string file = model.substr(prefix.size());
    const bool exists = std::filesystem::exists(file);
    if (data.network.module.empty())
        fmt::format_to(out, "network: {}{}, without which the run cannot go on\n", file, exists ? "" : " (gone)");
    else
        fmt::format_to(out, "network: {}{}; its code is kept in the snapshot ({} bytes){}\n", file, exists ? "" : " (gone)",
                       grouped(data.network.module.size()), exists ? "" : ", with which the run can go on");
}

void appendHead(Out out, const SnapshotData &data)
{
    const auto &d = data.run.description;
    fmt::format_to(out, "{} on {}, step {} of {} ({})\n", d.modelName, d.dataName, grouped(count(data.run.step)), grouped(d.totalSteps()),
                   name(data.run.stage));
    fmt::format_to(out, "written by Condensate {}, {} thread{}{}\n", data.run.programVersion.empty() ? "?" : data.run.programVersion,
                   d.threads, d.threads == 1 ? "" : "s", d.blasName.empty() ? "" : ", " + d.blasName);
    fmt::format_to(out, "images: {} training, {} validation, {} test\n", grouped(d.trainImages), grouped(d.validationImages),
                   grouped(d.testImages));
    appendModule(out, data);
    if (!data.run.codebooksAreLive)
        fmt::format_to(out, "The codebooks are a preview: nothing is quantized yet.\n");
}

/// The λ ramp that rules give a layer of its own, e.g. "linear, start 0.1, length 0.5"; empty if none.
std::string ownRamp(const LayerSettings &own)
{
    std::vector<std::string> parts;
    if (own.ramp)
        parts.emplace_back(textOf(*own.ramp));
    if (own.rampStart)
        parts.push_back(fmt::format("start {:.4g}", *own.rampStart));
    if (own.rampShare)
        parts.push_back(fmt::format("length {:.4g}", *own.rampShare));
    return fmt::format("{}", fmt::join(parts, ", "));
}

/// π of the layers that learn it.
void appendMixing(Out out, const SnapshotData &data)
{
    constexpr std::size_t kMostListed = 16;
    const auto &infos = data.run.description.layers;
    std::size_t nameWidth = 0;
    for (std::size_t l = 0; l < infos.size(); ++l)
        nameWidth = std::max(nameWidth, data.training.layers[l].mixing.empty() ? 0 : infos[l].name.size());
    if (nameWidth > 0)
        fmt::format_to(out, "learnt mixing proportions in %:\n");
    for (std::size_t l = 0; l < infos.size(); ++l) {
        const auto &layer = data.training.layers[l];
        std::vector<std::string> shares;
        for (const double share : layer.mixing)
            shares.push_back(fmt::format("{:.2f}", 100 * share));
        if (shares.size() > kMostListed)
            shares = {fmt::format("{:.2f} to {:.2f}", 100 * std::ranges::min(layer.mixing), 100 * std::ranges::max(layer.mixing))};
        if (!shares.empty())
            fmt::format_to(out, "  {:<{}}  {}\n", infos[l].name, nameWidth, fmt::join(shares, "  "));
    }
}

/// The table of layers: as wide as names, shapes and ramps need; the ramps' column is left out where no layer has one.
class LayerTable {
public:
    LayerTable(Out out, const SnapshotData &data, const SnapshotFigures &figures) : m_out{out}, m_data{data}, m_figures{figures}
    {
        const auto fit = [this](const LayerInfo &info) {
            m_nameWidth = std::max(m_nameWidth, info.name.size());
            m_shapeWidth = std::max(m_shapeWidth, shapeOf(info).size());
        };
        for (const auto &layer : data.run.description.layers) {
            fit(layer);
            m_ramps.push_back(ownRamp(data.run.description.settings.layer(layer.name)));
        }
        for (const auto &layer : data.run.description.floatLayers)
            fit(layer.info);
        const bool anyRamp = std::ranges::any_of(m_ramps, [](const std::string &ramp) { return !ramp.empty(); });
        m_rampWidth = anyRamp ? std::max<std::size_t>(8, std::ranges::max(m_ramps, {}, &std::string::size).size()) : 0;
    }
    void write()
    {
        line("layer", "kind", "shape", "ramp own", "weights", "k", "used", "entropy bits", "λ own", "mean distance", "share");
        const auto &floats = m_data.run.description.floatLayers;
        auto next = floats.begin();
        for (std::size_t layer = 0; layer < m_data.network.layers.size(); ++layer) {
            for (; next != floats.end() && next->quantizedBefore <= layer; ++next)
                write(next->info);
            write(layer);
        }
        for (; next != floats.end(); ++next)
            write(next->info);
        line("total", "", "", "", grouped(m_figures.size.weights), "", "", fmt::format("{:.3f}", m_figures.entropyBits), "",
             fmt::format("{:.3e}", m_figures.meanDistance), "");
    }

private:
    void write(std::size_t place)
    {
        const LayerInfo &info = m_data.run.description.layers[place];
        const auto &found = m_figures.layers[place];
        const auto lambda = m_data.run.description.settings.layer(info.name).lambda;
        line(info.name, info.kind, shapeOf(info), m_ramps[place], grouped(info.weightCount),
             m_data.network.layers[place].representatives.size(), found.used, fmt::format("{:.3f}", found.entropyBits),
             lambda ? fmt::format("{:.4g}", *lambda) : "", fmt::format("{:.3e}", found.meanDistance),
             percent(shareOf(found.size, m_figures)));
    }
    void write(const LayerInfo &info)
    {
        line(info.name, info.kind, shapeOf(info), "", grouped(info.weightCount), "float", "", "32", "", "",
             percent(shareOf(floatSize(info.weightCount), m_figures)));
    }
    template <typename... Numbers>
    void line(std::string_view name, std::string_view kind, std::string_view shape, std::string_view ramp, const Numbers &...numbers)
    {
        fmt::format_to(m_out, "{:<{}}  {:<6}  {:<{}}  ", name, m_nameWidth, kind, shape, m_shapeWidth);
        fmt::format_to(m_out, "{:>11}  {:>5}  {:>4}  {:>12}  {:>9}  {:>13}  {:>8}", numbers...);
        if (m_rampWidth > 0)
            fmt::format_to(m_out, "  {:<{}}", ramp, m_rampWidth);
        fmt::format_to(m_out, "\n");
    }

    Out m_out;
    const SnapshotData &m_data;
    const SnapshotFigures &m_figures;
    std::vector<std::string> m_ramps; // of the quantized layers
    std::size_t m_nameWidth = 5, m_shapeWidth = 5, m_rampWidth = 0;
};

void appendSizes(Out out, const SnapshotData &data, const SnapshotFigures &figures)
{
    const auto &size = figures.size;
    const auto line = [&](std::string_view what, double bytes, double ratio) {
        fmt::format_to(out, "  {:<34} {:>13} bytes {:>8.2f}×\n", what, grouped(static_cast<std::uint64_t>(std::ceil(bytes))), ratio);
    };
    fmt::format_to(out, "size, with {} values that stay float32:\n", grouped(data.run.description.floatParameters));
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
    if (data.run.latentTestAccuracy || data.run.snappedTestAccuracy)
        fmt::format_to(out, "test accuracy: latent {}, snapped {}\n", percent(data.run.latentTestAccuracy),
                       percent(data.run.snappedTestAccuracy));
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
        const auto usual = toText(defaults.value(row.id));
        fmt::format_to(out, "  {:<18} {} (default {})\n", row.key, toText(settings.value(row.id)), usual.empty() ? "empty" : usual);
    }
    if (first)
        fmt::format_to(out, "\nAll parameters have their defaults.\n");
}

Json parametersOf(const Settings &settings)
{
    Json object = Json::object();
    for (const auto &row : parameterTable())
        std::visit([&](const auto &value) { object[std::string{row.key}] = value; }, settings.value(row.id));
    return object;
}

Json rampOf(const LayerSettings &own)
{
    return {{"ramp", own.ramp ? Json(textOf(*own.ramp)) : Json(nullptr)},
            {"ramp-start", own.rampStart ? Json(*own.rampStart) : Json(nullptr)},
            {"ramp-share", own.rampShare ? Json(*own.rampShare) : Json(nullptr)}};
}

Json layerOf(const SnapshotData &data, std::size_t place, const LayerFigures &figures)
{
    const LayerInfo &info = data.run.description.layers[place];
    const LayerSettings own = data.run.description.settings.layer(info.name);
    const auto &representatives = data.network.layers[place].representatives;
    const auto &mixing = data.training.layers[place].mixing;
    return {{"id", index(info.id)},
            {"name", info.name},
            {"kind", info.kind},
            {"shape", info.shape},
            {"weights", info.weightCount},
            {"k", representatives.size()},
            {"used", figures.used},
            {"representatives", representatives},
            {"occupancy", figures.occupancy},
            {"mixing", mixing.empty() ? Json(nullptr) : Json(mixing)},
            {"entropy_bits", jsonNumber(figures.entropyBits)},
            {"lambda_override", jsonNumber(own.lambda)},
            {"ramp_own", rampOf(own)},
            {"mean_distance", jsonNumber(figures.meanDistance)},
            {"entropy_bytes", jsonNumber(figures.size.entropyBytes)}};
}

Json floatLayerOf(const FloatLayer &layer)
{
    return {{"name", layer.info.name},
            {"kind", layer.info.kind},
            {"shape", layer.info.shape},
            {"weights", layer.info.weightCount},
            {"quantized_before", layer.quantizedBefore},
            {"bytes", floatSize(layer.info.weightCount).floatBytes}};
}

Json sizeOf(const SizeEstimate &size, std::uint64_t floatParameters)
{
    return {{"weights", size.weights},
            {"float_parameters", floatParameters},
            {"float32_bytes", size.floatBytes},
            {"theoretical_fixed_length", {{"bytes", jsonNumber(size.fixedBytes)}, {"ratio", jsonNumber(size.fixedRatio())}}},
            {"theoretical_order_0_entropy", {{"bytes", jsonNumber(size.entropyBytes)}, {"ratio", jsonNumber(size.entropyRatio())}}}};
}

Json validationOf(const SnapshotFigures &figures)
{
    if (!figures.validation)
        return nullptr;
    return {{"step", count(figures.validation->step)},
            {"whole_set", figures.validation->wholeValidation},
            {"latent", jsonNumber(figures.validation->latentAccuracy)},
            {"snapped", jsonNumber(figures.validation->snappedAccuracy)}};
}

} // namespace

std::string describeSnapshot(const SnapshotData &data)
{
    const auto figures = figuresOf(data);
    std::string text;
    const Out out{text};
    appendHead(out, data);
    text += '\n';
    LayerTable{out, data, figures}.write();
    appendMixing(out, data);
    text += '\n';
    appendSizes(out, data, figures);
    appendAccuracies(out, data, figures);
    appendParameters(out, data.run.description.settings);
    text.pop_back(); // the last line's end
    return text;
}

std::string toJson(const SnapshotData &data)
{
    const auto figures = figuresOf(data);
    const auto &d = data.run.description;
    Json layers = Json::array(), floatLayers = Json::array();
    for (std::size_t l = 0; l < d.layers.size(); ++l)
        layers.push_back(layerOf(data, l, figures.layers[l]));
    for (const auto &layer : d.floatLayers)
        floatLayers.push_back(floatLayerOf(layer));
    const Json object{
        {"program_version", data.run.programVersion},
        {"data", d.dataName},
        {"model", d.modelName},
        {"step", count(data.run.step)},
        {"total_steps", d.totalSteps()},
        {"stage", name(data.run.stage)},
        {"codebooks_are_live", data.run.codebooksAreLive},
        {"class_names", d.classNames},
        {"images", {{"train", d.trainImages}, {"validation", d.validationImages}, {"test", d.testImages}}},
        {"threads", d.threads},
        {"blas", d.blasName},
        {"parameters", parametersOf(d.settings)},
        {"layers", std::move(layers)},
        {"float_layers", std::move(floatLayers)},
        {"module_bytes", data.network.module.size()},
        {"size", sizeOf(figures.size, d.floatParameters)},
        {"validation_accuracy", validationOf(figures)},
        {"test_accuracy", {{"latent", jsonNumber(data.run.latentTestAccuracy)}, {"snapped", jsonNumber(data.run.snappedTestAccuracy)}}}};
    constexpr int kIndent = 2;
    return object.dump(kIndent, ' ', false, Json::error_handler_t::replace); // names in files need not be UTF-8
}

} // namespace engine
