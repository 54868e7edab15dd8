// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/recipes/recipe.h"
#include "engine/runs/follower.h"
#include "engine/runs/legresult.h"
#include "engine/runs/runfolder.h"
#include <memory>
#include <optional>
#include <vector>

namespace engine {

/// Sees the runs of a folder go by, one after the other.
class TrainingWatcher : public RunWatcher {
public:
    virtual void legBegins(const Leg &leg) = 0;
    virtual void packed(const std::filesystem::path &file, const PackedSize &size) = 0;
};

/// All runs of a plan, taken to their end in a folder: saved on the way, packed, compared in a report.
class FolderTraining {
public:
    /// How it ended: as its last run did; then the others were not begun. `results`: of those that finished.
    struct End {
        Followed::How how = Followed::How::Finished;
        std::optional<Error> why{};
        std::vector<LegResult> results{};
    };

    /// A run that begins, with those it is compared with. `recipe`: of the main one.
    static FolderTraining begin(RunFolder folder, RunPlan plan, Recipe recipe);
    /// Runs that leave a snapshot, with changes; the plan has both.
    static FolderTraining branch(RunFolder folder, RunPlan plan);
    /// What was left in the folder, from where it was left; `changes`: see FromSnapshot. Errors: those of readPlan,
    /// readRecipe and readSnapshot; BadValue where all has been done, with what can be.
    static Result<FolderTraining> resume(RunFolder folder, std::vector<SetParameter> changes);
    /// The run in a snapshot goes on in a folder of its own; the snapshot stays as it is. Errors: those of
    /// readSnapshot.
    static Result<FolderTraining> resumeElsewhere(RunFolder folder, std::filesystem::path snapshot, std::vector<SetParameter> changes);

    /// Blocks until all is done, a signal asks for the end, or a run breaks off.
    End run(Signals &system, TrainingWatcher &watcher);

private:
    FolderTraining(RunFolder folder, RunPlan plan);
    std::optional<StartPoint> startOf(const Leg &leg, bool isFirst) const;
    Result<void> ready(const Leg &leg, const RunLog &log);
    Followed runLeg(const Leg &leg, const StartPoint &from, Signals &system, TrainingWatcher &watcher);
    Result<void> take(const Leg &leg, const std::filesystem::path &snapshot, TrainingWatcher &watcher, End &end) const;

    RunFolder m_folder;
    RunPlan m_plan;
    std::optional<Recipe> m_recipe;                   // of a run that begins
    std::optional<std::filesystem::path> m_elsewhere; // the state that the run goes on from, of another folder
    std::vector<SetParameter> m_changes;              // of a run that goes on
    std::shared_ptr<DatasetShelf> m_shelf;
    bool m_hasBegun = false; // the folder holds this plan
};

} // namespace engine
