// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/train.h"
#include "app/cli/packfiles.h"
#include "app/cli/report.h"
#include "app/cli/session.h"
#include "engine/core/machine.h"
#include "engine/plans/plan.h"
#include "engine/recipes/recipe.h"
#include "engine/storage/snapshot.h"
#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <vector>

namespace app {
namespace {

using engine::ParameterId;

/// One run of a comparison: its name, its forward mode, where its snapshot goes.
struct Leg {
    std::string label;
    std::string forward;
    std::filesystem::path snapshot;
};

std::vector<Leg> legsOf(const TrainRequest &request, const std::string &chosen)
{
    std::vector<Leg> legs;
    if (request.reference || request.compare)
        legs.push_back({"reference", "float", request.out / "reference.h5"});
    if (request.compare && chosen != "latent")
        legs.push_back({"latent", "latent", request.out / "latent.h5"});
    if (request.compare && chosen != "snapped")
        legs.push_back({"snapped", "snapped", request.out / "snapped.h5"});
    if (legs.empty() || chosen != "float")
        legs.push_back({chosen, chosen, request.out / "snapshot.h5"});
    return legs;
}

/// The run of a leg: from the first step, or from the warm-up in `origin`.
std::unique_ptr<engine::Run> makeRun(const Leg &leg, const TrainRequest &request, const std::filesystem::path &origin)
{
    const engine::SetParameter forward{ParameterId::Forward, leg.forward};
    if (origin.empty()) {
        auto settings = request.settings;
        (void)settings.set(forward.id, forward.value); // a value of the table's own list
        return std::make_unique<engine::Run>(std::move(settings));
    }
    auto changes = request.branch ? request.given : std::vector<engine::SetParameter>{};
    changes.push_back(forward);
    return engine::Run::branched({origin, std::move(changes)});
}

/// The forward mode that the user chose: on the command line, or in the snapshot that a branch begins with.
engine::Result<std::string> chosenForward(const TrainRequest &request)
{
    const auto isForward = [](const engine::SetParameter &set) { return set.id == ParameterId::Forward; };
    if (!request.branch || std::ranges::any_of(request.given, isForward))
        return request.settings.text(ParameterId::Forward);
    const auto origin = engine::readSnapshot(*request.branch);
    if (!origin)
        return std::unexpected(origin.error());
    return origin->description.settings.text(ParameterId::Forward);
}

/// Makes the folder and finds out whether it can be written, before hours are spent.
engine::Result<void> prepareFolder(const std::filesystem::path &folder)
{
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
        return engine::fail(engine::ErrorCode::Unwritable,
                            fmt::format("--out: cannot make the folder {}: {}.", folder.string(), error.message()));
    const auto probe = folder / ".condensate-probe";
    if (!std::ofstream{probe})
        return engine::fail(engine::ErrorCode::Unwritable,
                            fmt::format("--out: expected a folder that can be written, found {}.", folder.string()));
    std::filesystem::remove(probe, error);
    return {};
}

/// The run from beginning to end, then its packed file. One that cannot be made leaves what the run has done as it is.
SessionEnd followAndPack(engine::Run &run, const std::filesystem::path &snapshot, Progress &progress, const Interrupt &interrupt)
{
    SessionEnd end = follow(run, snapshot, progress, interrupt);
    if (end.code != 0)
        return end;
    const auto size = packBeside(snapshot);
    if (size)
        progress.packed(packedBeside(snapshot), end.packed.emplace(*size));
    else
        end.code = progress.complain(size.error().text, size.error().code == engine::ErrorCode::Unwritable ? kExitFailed : kExitDone);
    return end;
}

/// Standard output is JSON alone where that is asked for.
void printTable(const std::vector<ReportRow> &rows, const TrainRequest &request, Console &console)
{
    const auto table = reportTable(rows);
    if (!request.json)
        return console.out(table);
    console.note(std::string_view{table}.substr(0, table.size() - 1)); // which ends a line
}

int resume(const TrainRequest &request, const Interrupt &interrupt, Console &console)
{
    Progress progress{console, "resumed", {request.json, request.quiet}};
    const auto run = engine::Run::resumed(*request.resume);
    const SessionEnd end = followAndPack(*run, request.out / "snapshot.h5", progress, interrupt);
    if (end.code == 0)
        printTable({{"resumed", end}}, request, console);
    return end.code;
}

} // namespace

int train(const TrainRequest &request, Console &console)
{
    if (auto ready = prepareFolder(request.out); !ready)
        return console.complain(ready.error().text, kExitRefused);
    const Interrupt interrupt;
    engine::tuneHeap();
    if (request.resume)
        return resume(request, interrupt, console);

    const auto forward = chosenForward(request);
    if (!forward)
        return console.complain(forward.error().text, kExitRefused);
    if (!request.branch) {
        const auto title = fmt::format("{} on {}", engine::networkName(request.settings.text(ParameterId::Model)),
                                       request.settings.text(ParameterId::Data));
        if (auto written = engine::writeRecipe(request.settings, title, request.out / "recipe.toml"); !written)
            return console.complain(written.error().text, kExitRefused);
    }
    const auto legs = legsOf(request, *forward);
    auto origin = request.branch.value_or(std::filesystem::path{});
    if (legs.size() > 1 && origin.empty() && request.settings.real(ParameterId::WarmupShare) > 0) {
        origin = request.out / "warmup.h5"; // trained once for all
        Progress progress{console, "warm-up", {request.json, request.quiet}};
        engine::Run run{request.settings};
        if (const SessionEnd end = followWarmup(run, origin, progress, interrupt); end.code != 0)
            return end.code;
    }
    std::vector<ReportRow> rows;
    for (const auto &leg : legs) {
        Progress progress{console, leg.label, {request.json, request.quiet}};
        const auto run = makeRun(leg, request, origin);
        const SessionEnd end = followAndPack(*run, leg.snapshot, progress, interrupt);
        if (end.code != 0)
            return end.code;
        rows.push_back({leg.label, end});
    }
    printTable(rows, request, console);
    if (auto written = writeReport(rows, request.out / "report.md"); !written)
        return console.complain(written.error().text, kExitFailed);
    return 0;
}

} // namespace app
