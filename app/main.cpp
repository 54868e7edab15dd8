// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/arguments.h"
#include "app/cli/exportnetwork.h"
#include "app/cli/inspect.h"
#include "app/cli/packfiles.h"
#include "app/cli/quantize.h"
#include "app/cli/sensitivity.h"
#include "app/cli/train.h"
#include "app/console/console.h"
#include "engine/core/machine.h"
#ifdef CONDENSATE_HAS_GUI
#include "app/gui/figures.h"
#include "app/gui/guimain.h"
#endif
#include <exception>
#include <variant>

namespace {

#ifdef CONDENSATE_HAS_GUI
int openWindow(const app::WindowRequest &request, int argc, char **argv, app::Console &console)
{
    return app::runGui(argc, argv,
                        {.settings = request.settings, .startNow = request.start, .snapshot = request.snapshot,
                         .screenshot = request.screenshot, .screenshotEpoch = request.screenshotEpoch, .width = request.width,
                         .height = request.height, .dark = request.dark, .runs = request.runs},
                        console);
}
#else
int withoutWindow(app::Console &console)
{
    return console.complain("this build has no window; use \"condensate train\", see --help.", app::kExitRefused);
}
#endif

template <typename... Kinds>
bool isOneOf(const app::Request &request)
{
    return (std::holds_alternative<Kinds>(request) || ...);
}

/// Whether tensors are computed with, which takes the environment's settings.
bool computes(const app::Request &request)
{
    return !isOneOf<app::PrintRequest, app::InfoRequest, app::ModelsRequest, app::FiguresRequest, app::UnpackRequest>(request);
}

struct Dispatch {
    int argc;
    char **argv;
    app::Console &console;

    int operator()(const app::TrainRequest &request) const { return app::train(request, console); }
    int operator()(const app::ReplayRequest &request) const { return app::replay(request, console); }
    int operator()(const app::InfoRequest &request) const { return app::printInfo(request, console); }
    int operator()(const app::SensitivityRequest &request) const { return app::printSensitivity(request, console); }
    int operator()(const app::AllocateRequest &request) const { return app::printAllocation(request, console); }
    int operator()(const app::ExportRequest &request) const { return app::exportNetwork(request, console); }
    int operator()(const app::PackRequest &request) const { return app::pack(request, console); }
    int operator()(const app::UnpackRequest &request) const { return app::unpack(request, console); }
    int operator()(const app::EvaluateRequest &request) const { return app::evaluate(request, console); }
    int operator()(const app::QuantizeRequest &request) const { return app::quantize(request, console); }
    int operator()(const app::ModelsRequest &request) const { return app::printModels(request, console); }
    int operator()(const app::PrintRequest &request) const
    {
        if (request.code != app::kExitDone)
            return console.complain(request.text, request.code);
        console.out(request.text);
        return app::kExitDone;
    }
#ifdef CONDENSATE_HAS_GUI
    int operator()(const app::WindowRequest &request) const { return openWindow(request, argc, argv, console); }
    int operator()(const app::FiguresRequest &request) const
    {
        return app::drawFigures(argc, argv, request.snapshot, request.out, console);
    }
#else
    int operator()(const app::WindowRequest &) const { return withoutWindow(console); }
    int operator()(const app::FiguresRequest &) const { return withoutWindow(console); }
#endif
};

} // namespace

int main(int argc, char **argv)
{
    app::Console console;
    try {
        const auto request = app::parseArguments(argc, argv);
        if (computes(request))
            engine::setUpEnvironment(argv);
        engine::tuneHeap(); // before the first tensor
        return console.finish(std::visit(Dispatch{argc, argv, console}, request));
    } catch (const std::exception &error) {
        return console.complain(error.what(), app::kExitFailed);
    }
}
