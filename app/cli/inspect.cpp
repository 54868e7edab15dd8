// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/inspect.h"
#include "engine/nets/listing.h"
#include "engine/packedtext/describepacked.h"
#include "engine/report/report.h"
#include "engine/storage/snapshot.h"
#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <string_view>

namespace app {
namespace {

constexpr int kClasses = 10;

std::string describe(const std::string &title, const engine::NetworkListing &network)
{
    const auto weights = network.weights(), all = weights + network.floatParameters;
    std::size_t width = 14;
    for (const auto &layer : network.layers)
        width = std::max(width, layer.name.size());
    std::string text = fmt::format("{}: {} weights to quantize, {} float values, {:.2f} MB as float32\n", title, weights,
                                   network.floatParameters, 4e-6 * static_cast<double>(all));
    text += fmt::format("  {:<{}} {:<7} {:<18} {:>12}\n", "layer", width, "kind", "shape", "weights");
    for (const auto &layer : network.layers)
        text += fmt::format("  {:<{}} {:<7} {:<18} {:>12}\n", layer.name, width, layer.kind,
                            fmt::format("{}", fmt::join(layer.shape, "×")), layer.weightCount);
    return text + '\n';
}

/// As "3x32x32".
std::optional<engine::ImageShape> shapeIn(std::string_view text)
{
    engine::ImageShape shape;
    for (int *side : {&shape.channels, &shape.height, &shape.width}) {
        if (side != &shape.channels && !text.starts_with('x'))
            return {};
        text.remove_prefix(side != &shape.channels);
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *side);
        if (error != std::errc{})
            return {};
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    }
    return text.empty() ? std::optional{shape} : std::nullopt;
}

std::vector<std::string> namesOf(const ModelsRequest &request)
{
    if (!request.model.empty())
        return {request.model};
    const auto &choices = std::get<engine::ChoiceRange>(engine::spec(engine::ParameterId::Model).range).choices;
    return {choices.begin(), choices.end()};
}

int printPacked(const InfoRequest &request, Console &console)
{
    const auto contents = engine::readPackedHeader(request.file);
    if (!contents)
        return console.complain(contents.error());
    console.out((request.json ? engine::packedToJson(*contents) : engine::describePacked(*contents)) + '\n');
    return kExitDone;
}

} // namespace

int printModels(const ModelsRequest &request, Console &console)
{
    const auto shape = shapeIn(request.images);
    if (!shape)
        return console.complain(fmt::format("--images: expected CHANNELSxHEIGHTxWIDTH such as 3x32x32, found \"{}\".", request.images),
                                kExitRefused);
    for (const auto &name : namesOf(request)) {
        const auto network = engine::listNetwork(name, *shape, kClasses);
        if (!network)
            return console.complain(network.error());
        const bool isBuiltIn = !name.starts_with(engine::kTorchScriptPrefix);
        const std::string images = fmt::format("  for {}×{}×{} images, {} classes", shape->channels, shape->height, shape->width,
                                               kClasses);
        console.out(describe(engine::networkName(name) + (isBuiltIn ? images : std::string{}), *network));
    }
    return kExitDone;
}

int printInfo(const InfoRequest &request, Console &console)
{
    if (engine::isPackedFile(request.file))
        return printPacked(request, console);
    const auto snapshot = engine::readSnapshot(request.file);
    if (!snapshot)
        return console.complain(snapshot.error());
    console.out((request.json ? engine::toJson(*snapshot) : engine::describeSnapshot(*snapshot)) + '\n');
    return kExitDone;
}

} // namespace app
