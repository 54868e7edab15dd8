// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/arguments.h"
#include "app/cli/exportnetwork.h"
#include "app/cli/inspect.h"
#include "app/cli/packfiles.h"
#include "app/cli/quantize.h"
#include "app/cli/sensitivity.h"
#include "app/cli/train.h"
#include "engine/core/machine.h"
#ifdef CONDENSATE_HAS_GUI
#include "app/gui/figures.h"
#include "app/gui/guimain.h"
#endif
#include <cstdio>
#include <exception>
#include <variant>

namespace {

#ifdef CONDENSATE_HAS_GUI
int openWindow(const app::WindowRequest &request, int argc, char **argv)
{
    return app::runGui(argc, argv, {.settings = request.settings, .startNow = request.start, .snapshot = request.snapshot,
                                    .screenshot = request.screenshot, .screenshotEpoch = request.screenshotEpoch,
                                    .width = request.width, .height = request.height, .dark = request.dark, .runs = request.runs});
}
#else
int withoutWindow()
{
    std::fputs("condensate: this build has no window; use \"condensate train\", see --help.\n", stderr);
    return 2;
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

    int operator()(const app::TrainRequest &request) const { return app::train(request); }
    int operator()(const app::ReplayRequest &request) const { return app::replay(request); }
    int operator()(const app::InfoRequest &request) const { return app::printInfo(request); }
    int operator()(const app::SensitivityRequest &request) const { return app::printSensitivity(request); }
    int operator()(const app::AllocateRequest &request) const { return app::printAllocation(request); }
    int operator()(const app::ExportRequest &request) const { return app::exportNetwork(request); }
    int operator()(const app::PackRequest &request) const { return app::pack(request); }
    int operator()(const app::UnpackRequest &request) const { return app::unpack(request); }
    int operator()(const app::EvaluateRequest &request) const { return app::evaluate(request); }
    int operator()(const app::QuantizeRequest &request) const { return app::quantize(request); }
    int operator()(const app::ModelsRequest &request) const { return app::printModels(request); }
    int operator()(const app::PrintRequest &request) const
    {
        std::fputs(request.text.c_str(), request.code == 0 ? stdout : stderr);
        return request.code;
    }
#ifdef CONDENSATE_HAS_GUI
    int operator()(const app::WindowRequest &request) const { return openWindow(request, argc, argv); }
    int operator()(const app::FiguresRequest &request) const { return app::drawFigures(argc, argv, request.snapshot, request.out); }
#else
    int operator()(const app::WindowRequest &) const { return withoutWindow(); }
    int operator()(const app::FiguresRequest &) const { return withoutWindow(); }
#endif
};

} // namespace

int main(int argc, char **argv)
{
    try {
        const auto request = app::parseArguments(argc, argv);
        if (computes(request))
            engine::setUpEnvironment(argv);
        engine::tuneHeap(); // before the first tensor
        return std::visit(Dispatch{argc, argv}, request);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "condensate: %s\n", error.what());
        return 1;
    }
}
