// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/train.h"
#include "app/cli/progress.h"
#include "engine/core/machine.h"
#include "engine/runs/foldertraining.h"
#include "engine/runs/replay.h"
#include <fmt/format.h>
#include <string_view>
#include <system_error>

namespace app {
namespace {

using How = engine::Followed::How;

int codeOf(How how)
{
    switch (how) {
    case How::Finished: return kExitDone;
    case How::Interrupted: return kExitInterrupted;
    case How::Refused: return kExitRefused;
    default: return kExitFailed;
    }
}

/// The forward pass that the user chose: on the command line, or in the snapshot that a branch begins with.
engine::Result<engine::ForwardPass> chosenForward(const TrainRequest &request)
{
    for (const auto &given : request.given) {
        if (given.id == engine::ParameterId::Forward)
            return request.settings.choice<engine::ForwardPass>();
    }
    if (!request.branch)
        return request.settings.choice<engine::ForwardPass>();
    const auto origin = engine::readSnapshot(*request.branch);
    if (!origin)
        return std::unexpected(origin.error());
    return origin->run.description.settings.choice<engine::ForwardPass>();
}

engine::Result<engine::FolderTraining> beginning(const TrainRequest &request)
{
    const auto forward = chosenForward(request);
    if (!forward)
        return std::unexpected(forward.error());
    engine::RunPlan plan{.legs = engine::legsOf(*forward, request.compared), .branch = {}, .changes = {}};
    auto folder =
        engine::RunFolder::forNewRun(*request.out, request.overwrites ? engine::RunFolder::Replace::Yes : engine::RunFolder::Replace::No);
    if (!folder)
        return std::unexpected(folder.error());
    if (!request.branch)
        return engine::FolderTraining::begin(*std::move(folder), std::move(plan), {request.settings, request.changes});
    std::error_code none;
    plan.branch = std::filesystem::absolute(*request.branch, none);
    plan.changes = request.given;
    return engine::FolderTraining::branch(*std::move(folder), std::move(plan));
}

/// Where a run that goes on writes: in the folder it lies in, unless another one is named.
engine::Result<engine::FolderTraining> resumption(const TrainRequest &request)
{
    std::error_code none;
    const auto &from = *request.resume;
    const bool isFolder = std::filesystem::is_directory(from, none);
    const auto home = isFolder ? std::optional{from} : engine::folderOfNewest(from);
    if (home && (!request.out || std::filesystem::equivalent(*request.out, *home, none))) {
        auto folder = engine::RunFolder::forKnownRun(*home);
        return folder ? engine::FolderTraining::resume(*std::move(folder), request.given) : std::unexpected(folder.error());
    }
    if (!request.out)
        return engine::fail(
            engine::ErrorCode::BadValue,
            fmt::format("--resume: expected a folder, or the newest snapshot of a run in its folder, found {}, which would not be "
                        "that any more; go on with it elsewhere by --out.",
                        from.string()));
    auto folder =
        engine::RunFolder::forNewRun(*request.out, request.overwrites ? engine::RunFolder::Replace::Yes : engine::RunFolder::Replace::No);
    if (!folder)
        return std::unexpected(folder.error());
    return engine::FolderTraining::resumeElsewhere(*std::move(folder), isFolder ? from / engine::kSnapshotFile : from, request.given);
}

/// Standard output is JSON alone where that is asked for.
void printTable(std::string_view table, const TrainRequest &request, Console &console)
{
    if (!request.json)
        return console.out(table);
    console.note(table.substr(0, table.size() - 1)); // which ends a line
}

} // namespace

int train(const TrainRequest &request, Console &console)
{
    engine::Signals signals;
    auto training = request.resume ? resumption(request) : beginning(request);
    if (!training)
        return console.complain(training.error().text, kExitRefused);
    Progress progress{console, {request.json, request.quiet}};
    const auto end = training->run(signals, progress);
    if (end.why)
        return console.complain(end.why->text, codeOf(end.how));
    if (end.how == How::Finished)
        printTable(engine::comparisonTable(end.results), request, console);
    return codeOf(end.how);
}

int replay(const ReplayRequest &request, Console &console)
{
    const auto stored = engine::readSnapshot(request.snapshot);
    if (!stored)
        return console.complain(stored.error().text, kExitRefused);
    auto from = engine::replayOf(stored->run);
    if (!from)
        return console.complain(from.error().text, kExitRefused);
    auto folder = engine::RunFolder::forNewRun(request.out, engine::RunFolder::Replace::No);
    if (!folder)
        return console.complain(folder.error().text, kExitRefused);
    engine::Signals signals;
    Progress progress{console, {false, request.quiet}};
    const auto replayed = engine::replay(*stored, *std::move(from), *folder, signals, progress);
    if (replayed.end.why)
        return console.complain(replayed.end.why->text, codeOf(replayed.end.how));
    if (!replayed.comparison)
        return codeOf(replayed.end.how);
    console.out(engine::describe(*replayed.comparison, stored->run));
    for (const auto &reason : replayed.comparison->isSame() ? std::vector<std::string>{} : replayed.mayDiffer)
        console.out(reason + '\n');
    return replayed.comparison->isSame() ? kExitDone : kExitFailed;
}

} // namespace app
