// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/inspect.h"
#include "engine/nets/plan.h"
#include "engine/report/report.h"
#include "engine/storage/snapshot.h"
#include <cstdio>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace app {
namespace {

void printPlan(const engine::NetworkPlan &plan)
{
    const auto weights = plan.quantizedWeights();
    const auto all = weights + plan.floatParameters();
    fmt::print("{}  for {}×{}×{} images, {} classes: {} weights to quantize, {} float values, {:.2f} MB as float32\n", plan.model, plan.channels,
               plan.height, plan.width, plan.classes, weights, plan.floatParameters(), 4e-6 * static_cast<double>(all));
    fmt::print("  {:<14} {:<7} {:<18} {:>12}\n", "layer", "kind", "shape", "weights");
    for (const auto &layer : plan.layers())
        fmt::print("  {:<14} {:<7} {:<18} {:>12}\n", layer.name, layer.kind, fmt::format("{}", fmt::join(layer.shape, "×")), layer.weightCount);
    fmt::print("\n");
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
    for (const auto model : std::get<engine::ChoiceRange>(engine::spec(engine::ParameterId::Model).range).choices) {
        const auto plan = engine::planNetwork(model, shape, 10);
        if (!plan) {
            fmt::print(stderr, "condensate: {}\n", plan.error().text);
            return 2;
        }
        printPlan(*plan);
    }
    return 0;
}

int printInfo(const InfoRequest &request)
{
    const auto snapshot = engine::readSnapshot(request.snapshot);
    if (!snapshot) {
        fmt::print(stderr, "condensate: {}\n", snapshot.error().text);
        return 2;
    }
    fmt::print("{}\n", request.json ? engine::toJson(*snapshot) : engine::describeSnapshot(*snapshot));
    return 0;
}

} // namespace app
