// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/runfolder.h"
#include "engine/files/atomicfile.h"
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <system_error>
#include <unistd.h>

namespace engine {
namespace {

namespace fs = std::filesystem;

constexpr std::array kStems = {std::string_view{"snapshot"}, std::string_view{"reference"}, std::string_view{"latent"},
                               std::string_view{"snapped"}};
constexpr std::string_view kMainStem = "snapshot";

std::string stemOf(const Leg &leg) { return leg.isMain ? std::string{kMainStem} : leg.label; }

std::string besides(std::string_view stem, std::string_view name)
{
    return stem == kMainStem ? std::string{name} : fmt::format("{}-{}", stem, name);
}

/// All names that runs leave in their folders, but the lock.
std::vector<std::string> allNames()
{
    std::vector<std::string> names;
    for (const auto stem : kStems) {
        names.push_back(fmt::format("{}.h5", stem));
        names.push_back(fmt::format("{}.cnd", stem));
        names.push_back(besides(stem, "previous.h5"));
        names.push_back(besides(stem, "cluster.h5"));
    }
    for (const std::string_view name : {kWarmupFile, std::string_view{"model.cnd"}, kRecipeFile, kReportFile, kPlanFile})
        names.emplace_back(name);
    return names;
}

/// Whether a name is that of a run's state, without which nothing of value lies there.
bool isState(const fs::path &file) { return file.extension() == ".h5" || file.extension() == ".cnd"; }

std::unexpected<Error> unwritable(const fs::path &folder, const std::error_code &why)
{
    return fail(ErrorCode::Unwritable, fmt::format("{} cannot be written: {}.", inQuotes(folder), why.message()));
}

} // namespace

RunFolder::RunFolder(fs::path folder, bool isNew, FolderLock lock)
    : m_path{std::move(folder)}, m_isNew{isNew}, m_lock{std::make_unique<FolderLock>(std::move(lock))}
{
}

Result<RunFolder> RunFolder::forNewRun(const fs::path &folder, Replace replace)
{
    std::error_code error;
    const bool isNew = fs::create_directories(folder, error);
    if (error)
        return unwritable(folder, error);
    auto lock = FolderLock::take(folder / kLockFile);
    if (!lock)
        return std::unexpected(lock.error());
    RunFolder made{folder, isNew, *std::move(lock)};
    made.m_replaces = replace == Replace::Yes;
    const auto files = runFilesIn(folder);
    if (!made.m_replaces && std::ranges::any_of(files, isState))
        return fail(ErrorCode::BadValue,
                    fmt::format("{}: expected a folder without a run, found one ({}). Give another name, go on with it by --resume {}, or "
                                "replace it with --overwrite.",
                                inQuotes(folder), files.front().filename().string(), folder.string()));
    return made;
}

Result<RunFolder> RunFolder::forKnownRun(const fs::path &folder)
{
    std::error_code error;
    if (!fs::is_directory(folder, error))
        return fail(ErrorCode::NotFound, fmt::format("{}: expected the folder of a run, found none.", inQuotes(folder)));
    auto lock = FolderLock::take(folder / kLockFile);
    if (!lock)
        return std::unexpected(lock.error());
    RunFolder known{folder, false, *std::move(lock)};
    if (runFilesIn(folder).empty())
        return fail(ErrorCode::NotFound, fmt::format("{}: expected a run to go on with, found none.", inQuotes(folder)));
    return known;
}

RunFolder::~RunFolder()
{
    if (!m_lock)
        return;
    for (const auto &file : m_isDiscarded ? runFilesIn(m_path) : std::vector<fs::path>{}) {
        std::error_code none;
        fs::remove(file, none);
    }
    m_lock.reset();
    if (m_isNew || m_isDiscarded)
        ::rmdir(m_path.c_str()); // which leaves one that is not empty
}

fs::path RunFolder::snapshotOf(const Leg &leg) const { return m_path / (stemOf(leg) + ".h5"); }

fs::path RunFolder::packedOf(const Leg &leg) const { return m_path / (leg.isMain ? std::string{"model.cnd"} : leg.label + ".cnd"); }

KeptFiles RunFolder::keeps(const Leg &leg, bool isFirst) const
{
    const std::string stem = stemOf(leg);
    return {.newest = snapshotOf(leg),
            .previous = m_path / besides(stem, "previous.h5"),
            .warmupEnd = isFirst ? m_path / kWarmupFile : fs::path{},
            .clusterEnd = leg.forward == ForwardPass::Float ? fs::path{} : m_path / besides(stem, "cluster.h5")};
}

Result<void> RunFolder::begin(const RunPlan &plan)
{
    for (const auto &file : m_replaces ? runFilesIn(m_path) : std::vector<fs::path>{}) {
        std::error_code error;
        if (!fs::remove(file, error) && error)
            return unwritable(file, error);
    }
    m_replaces = false;
    m_isNew = false;
    const std::string text = planText(plan);
    return replaceFile(m_path / kPlanFile, std::as_bytes(std::span{text}));
}

Result<RunPlan> RunFolder::plan() const
{
    auto known = readPlan(m_path / kPlanFile);
    if (!known && known.error().code == ErrorCode::NotFound)
        return RunPlan{.legs = {{.label = "resumed", .forward = {}, .isMain = true}}, .branch = {}, .changes = {}};
    return known;
}

bool RunFolder::hasState() const { return std::ranges::any_of(runFilesIn(m_path), isState); }

std::optional<fs::path> folderOfNewest(const fs::path &snapshot)
{
    std::error_code error;
    const auto folder = fs::absolute(snapshot, error).parent_path();
    const bool isNewest =
        std::ranges::any_of(kStems, [&](std::string_view stem) { return snapshot.filename() == fmt::format("{}.h5", stem); });
    const bool isRunFolder = fs::exists(folder / kPlanFile, error) || fs::exists(folder / kRecipeFile, error);
    return isNewest && isRunFolder ? std::optional{folder} : std::nullopt;
}

std::vector<fs::path> cutOffIn(const fs::path &root)
{
    std::vector<fs::path> found;
    std::error_code error;
    for (const auto &entry : fs::directory_iterator{root, error}) {
        if (FolderLock::isLeftBehind(entry.path() / kLockFile) && fs::exists(entry.path() / kSnapshotFile, error))
            found.push_back(entry.path());
    }
    std::ranges::sort(found, std::ranges::greater{},
                      [&](const fs::path &folder) { return fs::last_write_time(folder / kSnapshotFile, error); });
    return found;
}

std::vector<fs::path> runFilesIn(const fs::path &folder)
{
    std::vector<fs::path> found;
    for (const auto &name : allNames()) {
        std::error_code error;
        if (fs::exists(fs::symlink_status(folder / name, error)))
            found.push_back(folder / name);
    }
    std::ranges::stable_partition(found, isState);
    return found;
}

} // namespace engine
