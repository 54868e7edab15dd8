// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cli/arguments.h"
#include <CLI/CLI.hpp>
#include <string>

namespace app {

/// Stands for every method of `quantize`.
inline constexpr auto kAllMethods = "all";

/// The commands and where their arguments go.
struct Commands {
    Commands();

    CLI::App root;
    CLI::App *trainCommand, *replayCommand, *figuresCommand, *infoCommand, *packCommand, *unpackCommand, *evaluateCommand, *exportCommand,
        *sensitivityCommand, *allocateCommand, *quantizeCommand, *modelsCommand;
    TrainRequest train;
    ReplayRequest replay;
    WindowRequest window;
    FiguresRequest figures;
    InfoRequest info;
    PackRequest pack;
    UnpackRequest unpack;
    EvaluateRequest evaluate;
    SensitivityRequest sensitivity;
    AllocateRequest allocate;
    ExportRequest exported;
    std::string exportFormat; // empty: as the file ends
    QuantizeRequest quantize;
    ModelsRequest models;

private:
    void addWindow();
    void addTrain();
    void addPacking();
    void addExport();
    void addOthers();
    void addMeasurements();
    void addQuantize();
};

} // namespace app
