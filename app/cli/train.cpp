// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/train.h"
#include "app/cli/report.h"
#include "app/cli/session.h"
#include "engine/core/machine.h"
#include <cstdio>
#include <fmt/format.h>
#include <fstream>
#include <vector>

namespace app {
namespace {

using engine::ParameterId;

/// One run of a comparison: its name, what it trains with, where its snapshot goes.
struct Leg {
    std::string label;
    engine::Settings settings;
    std::filesystem::path snapshot;
};

engine::Settings withForward(engine::Settings settings, const std::string &forward)
{
    (void)settings.setText(ParameterId::Forward, forward); // a value of the table's own list
    return settings;
}

std::vector<Leg> legsOf(const TrainRequest &request)
{
    const std::string chosen = request.settings.text(ParameterId::Forward);
    std::vector<Leg> legs;
    if (request.reference || request.compare)
        legs.push_back({"reference", withForward(request.settings, "float"), request.out / "reference.h5"});
    if (request.compare && chosen != "latent")
        legs.push_back({"latent", withForward(request.settings, "latent"), request.out / "latent.h5"});
    if (request.compare && chosen != "snapped")
        legs.push_back({"snapped", withForward(request.settings, "snapped"), request.out / "snapped.h5"});
    if (legs.empty() || chosen != "float")
        legs.push_back({chosen, request.settings, request.out / "snapshot.h5"});
    return legs;
}

/// Makes the folder and finds out whether it can be written, before hours are spent.
engine::Result<void> prepareFolder(const std::filesystem::path &folder)
{
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
        return engine::fail(engine::ErrorCode::Unwritable, fmt::format("--out: cannot make the folder {}: {}.", folder.string(), error.message()));
    const auto probe = folder / ".condensate-probe";
    if (!std::ofstream{probe})
        return engine::fail(engine::ErrorCode::Unwritable, fmt::format("--out: expected a folder that can be written, found {}.", folder.string()));
    std::filesystem::remove(probe, error);
    return {};
}

int complain(const engine::Error &error, int code)
{
    fmt::print(stderr, "condensate: {}\n", error.text);
    return code;
}

int resume(const TrainRequest &request, const Interrupt &interrupt)
{
    Progress progress{"resumed", {request.json, request.quiet}};
    const auto run = engine::Run::resumed(*request.resume);
    run->start();
    const SessionEnd end = follow(*run, request.out / "snapshot.h5", progress, interrupt);
    if (end.code == 0)
        fmt::print(request.json ? stderr : stdout, "{}", reportTable({{"resumed", end}}));
    return end.code;
}

} // namespace

int train(const TrainRequest &request)
{
    if (auto ready = prepareFolder(request.out); !ready)
        return complain(ready.error(), 2);
    const Interrupt interrupt;
    engine::tuneHeap();
    if (request.resume)
        return resume(request, interrupt);

    std::vector<ReportRow> rows;
    for (const auto &leg : legsOf(request)) {
        Progress progress{leg.label, {request.json, request.quiet}};
        engine::Run run{leg.settings};
        run.start();
        const SessionEnd end = follow(run, leg.snapshot, progress, interrupt);
        if (end.code != 0)
            return end.code;
        rows.push_back({leg.label, end});
    }
    fmt::print(request.json ? stderr : stdout, "{}", reportTable(rows)); // standard output is JSON alone
    if (auto written = writeReport(rows, request.out / "report.md"); !written)
        return complain(written.error(), 1);
    return 0;
}

} // namespace app
