// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/inspect.h"
#include "engine/nets/listing.h"
#include "engine/packedtext/describepacked.h"
#include "engine/report/report.h"
#include "engine/storage/snapshot.h"
#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace app {
namespace {

constexpr int kClasses = 10;

void printNetwork(const std::string &title, const engine::NetworkListing &network)
{
    const auto weights = network.weights(), all = weights + network.floatParameters;
    std::size_t width = 14;
    for (const auto &layer : network.layers)
        width = std::max(width, layer.name.size());
    fmt::print("{}: {} weights to quantize, {} float values, {:.2f} MB as float32\n", title, weights, network.floatParameters,
               4e-6 * static_cast<double>(all));
    fmt::print("  {:<{}} {:<7} {:<18} {:>12}\n", "layer", width, "kind", "shape", "weights");
    for (const auto &layer : network.layers)
        fmt::print("  {:<{}} {:<7} {:<18} {:>12}\n", layer.name, width, layer.kind, fmt::format("{}", fmt::join(layer.shape, "×")),
                   layer.weightCount);
    fmt::print("\n");
}

std::vector<std::string> namesOf(const ModelsRequest &request)
{
    if (!request.model.empty())
        return {request.model};
    const auto &choices = std::get<engine::ChoiceRange>(engine::spec(engine::ParameterId::Model).range).choices;
    return {choices.begin(), choices.end()};
}

int printPacked(const InfoRequest &request)
{
    const auto contents = engine::readPackedHeader(request.file);
    if (!contents) {
        fmt::print(stderr, "condensate: {}\n", contents.error().text);
        return 2;
    }
    fmt::print("{}\n", request.json ? engine::packedToJson(*contents) : engine::describePacked(*contents));
    return 0;
}

} // namespace

int printModels(const ModelsRequest &request)
{
    engine::ImageShape shape;
    int used = 0;
    if (std::sscanf(request.images.c_str(), "%dx%dx%d%n", &shape.channels, &shape.height, &shape.width, &used) != 3 ||
        static_cast<std::size_t>(used) != request.images.size()) {
        fmt::print(stderr, "condensate: --images: expected CHANNELSxHEIGHTxWIDTH such as 3x32x32, found \"{}\".\n", request.images);
        return 2;
    }
    for (const auto &name : namesOf(request)) {
        const auto network = engine::listNetwork(name, shape, kClasses);
        if (!network) {
            fmt::print(stderr, "condensate: {}\n", network.error().text);
            return 2;
        }
        const bool isBuiltIn = !name.starts_with(engine::kTorchScriptPrefix);
        const std::string images = fmt::format("  for {}×{}×{} images, {} classes", shape.channels, shape.height, shape.width, kClasses);
        printNetwork(engine::networkName(name) + (isBuiltIn ? images : std::string{}), *network);
    }
    return 0;
}

int printInfo(const InfoRequest &request)
{
    if (engine::isPackedFile(request.file))
        return printPacked(request);
    const auto snapshot = engine::readSnapshot(request.file);
    if (!snapshot) {
        fmt::print(stderr, "condensate: {}\n", snapshot.error().text);
        return 2;
    }
    fmt::print("{}\n", request.json ? engine::toJson(*snapshot) : engine::describeSnapshot(*snapshot));
    return 0;
}

} // namespace app
