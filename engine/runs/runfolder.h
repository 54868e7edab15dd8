// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include "engine/files/folderlock.h"
#include "engine/run/startpoint.h"
#include "engine/runs/runplan.h"
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace engine {

/// What a run, or several that are compared, leave in a folder, and who may write there: one process at a time.
///
///     recipe.toml     what repeats the run                    report.md    what came out
///     plan.toml       which runs are made here                run.lock     who writes here now
///     snapshot.h5     the newest state of the run             previous.h5  the one before
///     warmup.h5, cluster.h5                                   its state at the ends of these stages
///     model.cnd       its network, packed
///     reference.h5, latent.h5, snapped.h5 and so on           the same of runs beside it
class RunFolder {
public:
    enum class Replace { No, Yes };

    /// For a run that begins. Makes the folder where it is missing, and takes the right to write there; until
    /// `begin` nothing else changes. Errors: BadValue where a run lies there already and is not to be
    /// replaced, with what can be done; InUse; Unwritable.
    static Result<RunFolder> forNewRun(const std::filesystem::path &folder, Replace replace);
    /// For a run that goes on where it was left. Errors: NotFound where no run lies there; InUse; Unwritable.
    static Result<RunFolder> forKnownRun(const std::filesystem::path &folder);

    RunFolder(RunFolder &&other) noexcept = default;
    RunFolder &operator=(RunFolder &&other) noexcept = default;
    ~RunFolder(); ///< gives up the right to write; a folder that was made and in which nothing was begun goes

    const std::filesystem::path &path() const noexcept { return m_path; }
    std::filesystem::path file(std::string_view name) const { return m_path / name; }
    std::filesystem::path snapshotOf(const Leg &leg) const; ///< its newest state
    std::filesystem::path packedOf(const Leg &leg) const;
    /// Where a leg saves itself. `isFirst`: the end of its warm-up is the one that the others branch from.
    KeptFiles keeps(const Leg &leg, bool isFirst) const;

    /// Now that data and network have proved good: takes away a run that is to be replaced, writes the plan.
    /// Errors: Unwritable.
    Result<void> begin(const RunPlan &plan);

    /// What is made here; of a folder without a plan, from before 0.2, one run. Errors: those of readPlan,
    /// but for NotFound.
    Result<RunPlan> plan() const;
    bool hasState() const; ///< a snapshot or a packed network lies there
    /// What it holds of a run goes, with its destructor, and the folder, if nothing else is in it.
    void discard() noexcept { m_isDiscarded = true; }

private:
    RunFolder(std::filesystem::path folder, bool isNew, FolderLock lock);

    std::filesystem::path m_path;
    bool m_isNew = false;   // made here, and empty so far
    bool m_replaces = false;
    bool m_isDiscarded = false;
    std::unique_ptr<FolderLock> m_lock; // none: moved from
};

/// The folder that a snapshot of a run lies in, if it is the newest state of that run: then the run can go on there.
std::optional<std::filesystem::path> folderOfNewest(const std::filesystem::path &snapshot);
/// Folders in `root` whose runs were cut off: a process that wrote there is gone without having ended them.
/// Newest first.
std::vector<std::filesystem::path> cutOffIn(const std::filesystem::path &root);
/// What a folder holds of a run: names of files, empty if none.
std::vector<std::filesystem::path> runFilesIn(const std::filesystem::path &folder);

inline constexpr std::string_view kSnapshotFile = "snapshot.h5", kRecipeFile = "recipe.toml", kReportFile = "report.md",
                                  kPlanFile = "plan.toml", kLockFile = "run.lock", kWarmupFile = "warmup.h5";

} // namespace engine
