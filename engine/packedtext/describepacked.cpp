// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/packedtext/describepacked.h"
#include "engine/core/jsonnumber.h"
#include "engine/core/text.h"
#include "engine/packedtext/packednames.h"
#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

namespace engine {
namespace {

using Json = nlohmann::ordered_json;
using Out = std::back_insert_iterator<std::string>;

double shareOf(std::uint64_t bytes, const PackedSize &size) { return static_cast<double>(bytes) / static_cast<double>(size.total()); }

struct Purpose {
    std::string_view key, what;
    std::uint64_t bytes;
};

std::vector<Purpose> purposesOf(const PackedSize &size)
{
    const auto sum = size.allLayers();
    return {{"codes", "codes", sum.codes},
            {"code_tables", "code tables", sum.tables},
            {"codebooks", "codebooks", sum.codebook},
            {"floats", "floats: biases, batch-norm, float layers", size.floats},
            {"network_code", "the network's code (TorchScript)", size.code},
            {"provenance", "provenance: recipe, seed, version", size.provenance},
            {"headers", "headers: index, network, heads of sections", size.headers + sum.headers}};
}

void appendHead(Out out, const PackedContents &contents)
{
    const auto &[name, parameters, classes, channels, height, width, code] = contents.network;
    fmt::format_to(out, "{} for {}×{}×{} images in {} classes, packed by Condensate {}\n", name, channels, height, width, classes,
                   contents.provenance.programVersion);
    fmt::format_to(out, "trained on {}, seed {}\n", contents.data.name, contents.provenance.seed);
    fmt::format_to(out, "test accuracy: snapped {}, latent {}, on {} images\n\n", percent(contents.accuracy.snapped),
                   percent(contents.accuracy.latent), grouped(contents.accuracy.images));
}

void appendLine(Out out, std::size_t width, std::string_view layer, std::string_view weights, std::string_view k, std::string_view used,
                std::string_view entropy, std::string_view coder, std::string_view bytes, std::string_view share)
{
    fmt::format_to(out, "{:<{}}  {:>11}  {:>3}  {:>4}  {:>12}  {:<14}  {:>11}  {:>8}\n", layer, width, weights, k, used, entropy, coder,
                   bytes, share);
}

void appendLayers(Out out, const PackedContents &contents, const PackedSize &size)
{
    std::size_t width = 5;
    for (const auto &entry : contents.kernels)
        width = std::max(width, layerNameOf(entry).size());
    appendLine(out, width, "layer", "weights", "k", "used", "entropy bits", "coder", "bytes", "share");
    std::uint64_t weights = 0, bytes = 0;
    for (std::size_t i = 0; i < contents.kernels.size(); ++i) {
        const auto &entry = contents.kernels[i];
        const auto total = size.layers[i].total();
        appendLine(out, width, layerNameOf(entry), grouped(entry.weights), std::to_string(entry.k), std::to_string(entry.used),
                   fmt::format("{:.3f}", entry.entropy), name(entry.coder), grouped(total), percent(shareOf(total, size)));
        weights += entry.weights;
        bytes += total;
    }
    appendLine(out, width, "all", grouped(weights), "", "", "", "", grouped(bytes), percent(shareOf(bytes, size)));
}

void appendSizes(Out out, const PackedContents &contents, const PackedSize &size)
{
    fmt::format_to(out, "\nbytes of the file by purpose:\n");
    for (const auto &[key, what, bytes] : purposesOf(size)) {
        if (bytes > 0)
            fmt::format_to(out, "  {:<42}  {:>11}  {:>8}\n", what, grouped(bytes), percent(shareOf(bytes, size)));
    }
    fmt::format_to(out, "  {:<42}  {:>11}\n\n", "all", grouped(size.total()));
    fmt::format_to(out, "on disk: {}\n", summaryOf(size));
    const auto theory = estimateBytes(contents);
    fmt::format_to(out, "theoretical, codes, codebooks and floats alone: {:.2f}× with fixed-length codes, {:.2f}× at order-0 entropy\n",
                   theory.fixedRatio(), theory.entropyRatio());
}

Json layersOf(const PackedContents &contents, const PackedSize &size)
{
    Json layers = Json::array();
    for (std::size_t i = 0; i < contents.kernels.size(); ++i) {
        const auto &entry = contents.kernels[i];
        const auto &part = size.layers[i];
        layers.push_back({{"name", layerNameOf(entry)},
                          {"kernel", entry.name},
                          {"kind", entry.kind},
                          {"shape", entry.shape},
                          {"first_channel", entry.firstChannel},
                          {"channels", entry.channels},
                          {"weights", entry.weights},
                          {"k", entry.k},
                          {"used", entry.used},
                          {"entropy_bits", entry.entropy},
                          {"coder", name(entry.coder)},
                          {"bytes",
                           {{"codes", part.codes},
                            {"code_tables", part.tables},
                            {"codebook", part.codebook},
                            {"headers", part.headers},
                            {"all", part.total()}}},
                          {"share", shareOf(part.total(), size)}});
    }
    return layers;
}

Json tensorsOf(const PackedContents &contents)
{
    Json tensors = Json::array();
    for (const auto &entry : contents.tensors)
        tensors.push_back({{"name", entry.name},
                           {"shape", entry.shape},
                           {"type", entry.stored == PackedTensor::Stored::Float16 ? "float16" : "float32"},
                           {"bytes", entry.bytes}});
    return tensors;
}

Json sizeOf(const PackedContents &contents, const PackedSize &size)
{
    Json bytes;
    for (const auto &[key, what, count] : purposesOf(size))
        bytes[std::string{key}] = count;
    bytes["all"] = size.total();
    const auto theory = estimateBytes(contents);
    return {{"bytes", std::move(bytes)},
            {"float32_bytes", size.floatBytes},
            {"ratio", size.ratio()},
            {"bits_per_weight", size.bitsPerWeight()},
            {"theoretical_fixed_length", {{"bytes", theory.fixedBytes}, {"ratio", theory.fixedRatio()}}},
            {"theoretical_order_0_entropy", {{"bytes", theory.entropyBytes}, {"ratio", theory.entropyRatio()}}}};
}

} // namespace

std::string summaryOf(const PackedSize &size)
{
    return fmt::format("{} bytes, {:.2f}× smaller than {} bytes as float32, {:.3f} bits a weight", grouped(size.total()), size.ratio(),
                       grouped(size.floatBytes), size.bitsPerWeight());
}

std::string describePacked(const PackedContents &contents)
{
    const auto size = accountBytes(contents);
    std::string text;
    const Out out{text};
    appendHead(out, contents);
    appendLayers(out, contents, size);
    appendSizes(out, contents, size);
    text.pop_back(); // the last line's end
    return text;
}

std::string packedToJson(const PackedContents &contents)
{
    const auto &network = contents.network;
    Json parameters = Json::object();
    for (const auto &[key, value] : network.parameters)
        parameters[key] = value;
    const Json object{{"format", fmt::format("{}.{}", kPackedMajor, contents.minorVersion)},
                      {"program_version", contents.provenance.programVersion},
                      {"network",
                       {{"name", network.name},
                        {"parameters", std::move(parameters)},
                        {"classes", network.classes},
                        {"image_shape", {network.channels, network.height, network.width}}}},
                      {"data",
                       {{"name", contents.data.name},
                        {"class_names", contents.data.classNames},
                        {"mean", contents.data.mean},
                        {"deviation", contents.data.deviation}}},
                      {"test_accuracy",
                       {{"latent", jsonNumber(contents.accuracy.latent)},
                        {"snapped", jsonNumber(contents.accuracy.snapped)},
                        {"images", contents.accuracy.images}}},
                      {"seed", contents.provenance.seed},
                      {"recipe", contents.provenance.recipe},
                      {"layers", layersOf(contents, accountBytes(contents))},
                      {"tensors", tensorsOf(contents)},
                      {"size", sizeOf(contents, accountBytes(contents))}};
    constexpr int kIndent = 2;
    return object.dump(kIndent, ' ', false, Json::error_handler_t::replace); // names in files need not be UTF-8
}

} // namespace engine
