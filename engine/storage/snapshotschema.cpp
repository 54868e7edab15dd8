// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/snapshotschema.h"
#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace engine::schema {
namespace {

constexpr auto kMeasures = std::to_array<Column<LayerSample, float>>({
    {"mean_distance", &LayerSample::meanDistance, "mean distance to the nearest representative", ""},
    {"lambda", &LayerSample::lambda, "strength of the regularizer in force", ""},
    {"regularizer_loss", &LayerSample::regularizerLoss, "regularizer loss", ""},
    {"gradient_ratio", &LayerSample::gradientRatio, "norm of the regularizer's gradient over that of the task's", ""},
    {"changed_share", &LayerSample::changedShare, "share of weights that changed cell", ""},
});

std::string escapedComponent(std::string_view component)
{
    if (component.empty())
        return "%";
    if (component == ".")
        return "%2E";
    if (component == "..")
        return "%2E%2E";
    std::string result;
    for (const char c : component) {
        if (c == '%')
            result += "%25";
        else
            result += c;
    }
    return result;
}

std::string escapedPath(std::string_view name)
{
    std::string path;
    for (std::size_t begin = 0; begin <= name.size();) {
        const auto end = std::min(name.find('/', begin), name.size());
        if (begin > 0)
            path += '/';
        path += escapedComponent(name.substr(begin, end - begin));
        begin = end + 1;
    }
    return path;
}

} // namespace

std::span<const Series> seriesTable()
{
    static const std::vector<Series> table{
        {"accuracy", "Validation accuracy",
         {{"snapped", &Sample::snappedAccuracy, "validation accuracy, snapped", ""},
          {"latent", &Sample::latentAccuracy, "validation accuracy, latent", ""},
          {"train", &Sample::trainAccuracy, "accuracy on the last minibatches", ""}}},
        {"loss", "Loss",
         {{"task", &Sample::taskLoss, "task loss (cross-entropy)", "nat"},
          {"regularizer", &Sample::regularizerLoss, "regularizer loss", ""}}},
        {"ratio", "Theoretical compression ratio",
         {{"entropy", &Sample::entropyRatio, "order-0 entropy (theoretical)", ""},
          {"fixed", &Sample::fixedRatio, "fixed-length codes (theoretical)", ""}}},
        {"progress", "Progress",
         {{"epoch", &Sample::epoch, "epochs done", ""},
          {"learning_rate", &Sample::learningRate, "learning rate", ""},
          {"images_per_second", &Sample::imagesPerSecond, "images per second", "1/s"}}},
    };
    return table;
}

std::span<const Column<LayerSample, float>> measureTable() noexcept { return kMeasures; }

std::string layerGroupName(const LayerInfo &info)
{
    std::string name = info.name;
    std::ranges::replace(name, '/', '|');
    return fmt::format("{:03} {}", index(info.id), name);
}

std::vector<std::string> statePaths(std::span<const std::string_view> names)
{
    std::vector<std::string> paths;
    std::set<std::string, std::less<>> groups;
    for (const auto name : names) {
        paths.push_back(escapedPath(name));
        for (auto slash = paths.back().find('/'); slash != std::string::npos; slash = paths.back().find('/', slash + 1))
            groups.insert(paths.back().substr(0, slash));
    }
    for (auto &path : paths)
        if (groups.contains(path))
            path += '%';
    return paths;
}

std::size_t sizeOf(NamedArray::Type type) noexcept
{
    switch (type) {
    case NamedArray::Type::Float32: return 4;
    case NamedArray::Type::Int64: return 8;
    case NamedArray::Type::UInt8: return 1;
    }
    return 0;
}

} // namespace engine::schema
