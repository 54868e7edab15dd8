// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/foldertraining.h"
#include "engine/data/datasetshelf.h"
#include "engine/files/atomicfile.h"
#include <algorithm>
#include <fmt/format.h>
#include <system_error>

namespace engine {
namespace {

namespace fs = std::filesystem;
using How = Followed::How;

bool isThere(const fs::path &file)
{
    std::error_code none;
    return fs::exists(file, none);
}

bool hasFinished(const fs::path &snapshot)
{
    const auto data = readSnapshot(snapshot);
    return data && data->run.stage == Stage::Finished;
}

/// Why the one run of a folder has nothing left to do.
Error allDone(const RunFolder &folder, const RunRecord &run)
{
    const auto epochs = run.description.settings.whole(ParameterId::Epochs);
    const std::string path = folder.path().string();
    std::string text = fmt::format("The run in {} has done all its {} epochs. To train it longer: --resume {} --epochs {}.", inQuotes(path),
                                   epochs, path, 2 * epochs);
    if (isCommitted(run.description, run.stage) && isThere(folder.file("cluster.h5")))
        text +=
            fmt::format(" That commits longer; to cluster on: --branch {} --epochs {}.", folder.file("cluster.h5").string(), 2 * epochs);
    return {ErrorCode::BadValue, std::move(text)};
}

} // namespace

FolderTraining::FolderTraining(RunFolder folder, RunPlan plan)
    : m_folder{std::move(folder)}, m_plan{std::move(plan)}, m_shelf{std::make_shared<DatasetShelf>()}
{
}

FolderTraining FolderTraining::begin(RunFolder folder, RunPlan plan, Recipe recipe)
{
    FolderTraining training{std::move(folder), std::move(plan)};
    training.m_recipe = std::move(recipe);
    return training;
}

FolderTraining FolderTraining::branch(RunFolder folder, RunPlan plan) { return FolderTraining{std::move(folder), std::move(plan)}; }

Result<FolderTraining> FolderTraining::resume(RunFolder folder, std::vector<SetParameter> changes)
{
    auto plan = folder.plan();
    if (!plan)
        return std::unexpected(plan.error());
    FolderTraining training{std::move(folder), *std::move(plan)};
    training.m_hasBegun = true;
    training.m_changes = std::move(changes);
    const auto &legs = training.m_plan.legs;
    const auto main = training.m_folder.snapshotOf(legs.front());
    if (isThere(main)) {
        const auto data = readSnapshot(main);
        if (!data)
            return std::unexpected(data.error());
        training.m_plan.legs.front().forward = data->run.description.settings.choice<ForwardPass>();
        if (data->run.stage == Stage::Finished && training.m_changes.empty() && isThere(training.m_folder.file(kReportFile)))
            return std::unexpected(allDone(training.m_folder, data->run));
    }
    if (!isThere(training.m_folder.snapshotOf(legs.front())) && !training.m_plan.branch) { // it was ended before it first saved itself
        auto recipe = readRecipe(training.m_folder.file(kRecipeFile));
        if (!recipe)
            return std::unexpected(recipe.error());
        training.m_recipe = *std::move(recipe);
    }
    return training;
}

Result<FolderTraining> FolderTraining::resumeElsewhere(RunFolder folder, fs::path snapshot, std::vector<SetParameter> changes)
{
    const auto data = readSnapshot(snapshot);
    if (!data)
        return std::unexpected(data.error());
    FolderTraining training{std::move(folder), {.legs = {{"resumed", data->run.description.settings.choice<ForwardPass>(), true}},
                                                .branch = {},
                                                .changes = {}}};
    training.m_elsewhere = std::move(snapshot);
    training.m_changes = std::move(changes);
    return training;
}

/// Nothing: it has finished before.
std::optional<StartPoint> FolderTraining::startOf(const Leg &leg, bool isFirst) const
{
    const auto own = m_folder.snapshotOf(leg);
    const auto changes = leg.isMain ? m_changes : std::vector<SetParameter>{};
    if (m_elsewhere)
        return FromSnapshot{*m_elsewhere, changes};
    if (m_hasBegun && isThere(own))
        return changes.empty() && hasFinished(own) ? std::nullopt : std::optional<StartPoint>{FromSnapshot{own, changes}};
    const SetParameter forward{ParameterId::Forward, std::string{textOf(leg.forward)}};
    if (m_plan.branch) {
        auto changed = m_plan.changes;
        changed.push_back(forward);
        return Branch{*m_plan.branch, std::move(changed)};
    }
    if (!isFirst && isThere(m_folder.file(kWarmupFile)))
        return Branch{m_folder.file(kWarmupFile), {forward}}; // what they have in common was trained once
    FromSettings fresh{.settings = m_recipe->settings, .script = m_recipe->changes};
    fresh.settings.setChoice(leg.forward);
    return fresh;
}

/// Data and network of the first run are good.
Result<void> FolderTraining::ready(const Leg &leg, const RunLog &log)
{
    if (m_hasBegun)
        return {};
    if (auto begun = m_folder.begin(m_plan); !begun)
        return begun;
    m_hasBegun = true;
    Recipe recipe = m_recipe ? *m_recipe : recipeOf(log);
    if (!leg.isMain)
        recipe.settings.setChoice(m_plan.legs.front().forward);
    return writeRecipe(recipe, fmt::format("{} on {}", recipe.settings.text(ParameterId::Model), recipe.settings.text(ParameterId::Data)),
                       m_folder.file(kRecipeFile));
}

Followed FolderTraining::runLeg(const Leg &leg, const StartPoint &from, Signals &system, TrainingWatcher &watcher)
{
    const bool isFirst = &leg == &m_plan.legs.front();
    Run run{from};
    const RunOptions options{.paused = false,
                             .keeps = m_folder.keeps(leg, isFirst),
                             .shelf = m_shelf,
                             .ready = [&](const RunDescription &, const RunLog &log) { return ready(leg, log); }};
    return follow(run, options, system, watcher);
}

/// What a finished run has left: its packed network, its row in the report.
Result<void> FolderTraining::take(const Leg &leg, const fs::path &snapshot, TrainingWatcher &watcher, End &end) const
{
    auto packed = packLeg(leg, snapshot, m_folder.packedOf(leg));
    if (!packed)
        return std::unexpected(packed.error());
    if (packed->result.packed)
        watcher.packed(m_folder.packedOf(leg), *packed->result.packed);
    if (packed->remark)
        watcher.remark(packed->remark->text);
    end.results.push_back(std::move(packed->result));
    if (packed->remark && packed->remark->code == ErrorCode::Unwritable)
        return std::unexpected(*packed->remark);
    return {};
}

FolderTraining::End FolderTraining::run(Signals &system, TrainingWatcher &watcher)
{
    End end;
    for (const Leg &leg : m_plan.legs) {
        auto snapshot = m_folder.snapshotOf(leg);
        if (const auto from = startOf(leg, &leg == &m_plan.legs.front())) {
            watcher.legBegins(leg);
            const Followed followed = runLeg(leg, *from, system, watcher);
            end.how = followed.how;
            end.why = followed.why;
            if (followed.how != How::Finished)
                return end;
            snapshot = followed.snapshot;
        }
        if (auto taken = take(leg, snapshot, watcher, end); !taken) {
            end.how = How::Unsaved;
            end.why = taken.error();
            return end;
        }
        if (system.endAsked()) {
            end.how = How::Interrupted;
            return end;
        }
    }
    inOrderOfTable(end.results);
    if (auto written = writeResults(m_folder, end.results); !written) {
        end.how = How::Unsaved;
        end.why = written.error();
    }
    return end;
}

} // namespace engine
