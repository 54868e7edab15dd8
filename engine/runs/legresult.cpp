// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/legresult.h"
#include "engine/packing/packsnapshot.h"
#include "engine/recipes/recipe.h"
#include "engine/report/snapshotfigures.h"
#include <algorithm>
#include <fmt/format.h>
#include <system_error>

namespace engine {
namespace {

PackedLeg packed(const Leg &of, SnapshotData data, const std::filesystem::path &packed)
{
    PackedLeg leg{.result = {.label = of.label, .isMain = of.isMain, .run = {}, .size = figuresOf(data).size, .k = {}, .packed = {}},
                  .remark = {}};
    for (const auto &layer : data.network.layers)
        leg.result.k.push_back(static_cast<int>(layer.representatives.size()));
    if (!packed.empty()) {
        if (auto contents = packSnapshot(data, packed); contents)
            leg.result.packed = accountBytes(*contents);
        else
            leg.remark = contents.error();
    }
    data.run.history = History{};
    leg.result.run = std::move(data.run);
    return leg;
}

} // namespace

Result<PackedLeg> packLeg(const Leg &leg, const std::filesystem::path &snapshot, const std::filesystem::path &packedFile)
{
    auto data = readSnapshot(snapshot);
    if (!data)
        return std::unexpected(data.error());
    return packed(leg, *std::move(data), packedFile);
}

void inOrderOfTable(std::vector<LegResult> &results)
{
    std::ranges::stable_sort(results, {}, [](const LegResult &leg) { return leg.isMain ? 2 : leg.label == kReferenceLabel ? 0 : 1; });
}

Result<void> writeResults(const RunFolder &folder, const std::vector<LegResult> &results)
{
    const RunRecord &main = results.back().run;
    const auto title = fmt::format("{} on {}", main.description.modelName, main.description.dataName);
    if (auto written = writeRecipe(recipeOf(main.log), title, folder.file(kRecipeFile)); !written)
        return written;
    return writeReport(results, folder.file(kReportFile));
}

Result<std::vector<Error>> takeStock(const RunFolder &folder)
{
    const auto plan = folder.plan();
    if (!plan)
        return std::unexpected(plan.error());
    std::vector<LegResult> results;
    std::vector<Error> remarks;
    for (const Leg &leg : plan->legs) {
        std::error_code none;
        if (!std::filesystem::exists(folder.snapshotOf(leg), none))
            continue;
        auto data = readSnapshot(folder.snapshotOf(leg));
        if (!data)
            return std::unexpected(data.error());
        if (data->run.stage != Stage::Finished)
            continue;
        auto one = packed(leg, *std::move(data), folder.packedOf(leg));
        results.push_back(std::move(one.result));
        if (one.remark)
            remarks.push_back(*std::move(one.remark));
    }
    inOrderOfTable(results);
    if (!results.empty()) {
        if (auto written = writeResults(folder, results); !written)
            return std::unexpected(written.error());
    }
    return remarks;
}

} // namespace engine
