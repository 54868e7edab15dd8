// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/coder.h"
#include "engine/core/parameters.h"
#include "engine/exports/export.h"
#include "engine/messages/runlog.h"
#include "engine/runs/runplan.h"
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace app {

/// `condensate train`
struct TrainRequest {
    engine::Settings settings;
    std::optional<std::filesystem::path> out;     ///< folder for what the run leaves; none: that which it goes on in
    std::optional<std::filesystem::path> recipe;  ///< where the settings begin; the command line changes them
    std::vector<engine::LogEntry> changes;        ///< what the recipe does at which step
    std::vector<engine::SetParameter> given;      ///< the parameters on the command line alone
    std::optional<std::filesystem::path> resume;  ///< go on from this folder or snapshot instead
    std::optional<std::filesystem::path> branch;  ///< leave the run in this snapshot, with what is given changed
    engine::Compared compared = engine::Compared::Nothing;
    bool overwrites = false;                      ///< a run that lies in the folder
    bool json = false, quiet = false;
};
/// `condensate replay`
struct ReplayRequest {
    std::filesystem::path snapshot, out;
    bool quiet = false;
};
/// `condensate` and `condensate SNAPSHOT`
struct WindowRequest {
    engine::Settings settings;
    std::optional<std::filesystem::path> snapshot;
    bool start = false;                                ///< begin at once
    std::optional<std::filesystem::path> screenshot;   ///< write a picture of the window, then quit
    double screenshotEpoch = 1;                        ///< when: as soon as this epoch is reached
    int width = 1440, height = 900;                    ///< of the picture, pixels
    bool dark = false;                                 ///< colours of the picture
    std::filesystem::path runs;                        ///< the folder below which runs of the window have theirs; empty: the usual one
};
struct FiguresRequest { std::filesystem::path snapshot, out; };
/// `condensate quantize`
struct QuantizeRequest {
    std::filesystem::path snapshot;
    std::vector<std::string> methods;         ///< the registry's names
    std::vector<int> k;                       ///< with each method a row of the table, 1…256
    std::string scope = "layer";              ///< or "unified"
    double prune = 0;                         ///< see QuantizerOptions, as the next two
    std::optional<double> mu;
    std::uint64_t seed = 1;
    int fineTuningEpochs = 0;
    std::optional<std::filesystem::path> out; ///< where a snapshot of the quantized network goes; with a single method and k
    bool validation = false;                  ///< measure on the validation images instead of the test set; neither fine-tuning nor `out`
    bool json = false, jsonLines = false;     ///< one of them at most
    bool progress = false;                    ///< rows are counted on standard error
};
struct InfoRequest { std::filesystem::path file; bool json = false; }; // a snapshot or a packed file
/// `condensate pack`
struct PackRequest {
    std::filesystem::path snapshot, out;
    std::optional<engine::Coder> coder; ///< the smallest for each layer where left out
    bool float16 = false;               ///< what stays a float
};
struct UnpackRequest { std::filesystem::path file, out; };
struct EvaluateRequest {
    std::filesystem::path file;
    std::string data; ///< as --data of train; empty: the one the network was trained on
    bool json = false;
};
/// `condensate export`
struct ExportRequest { std::filesystem::path source, out; engine::ExportFormat format{}; }; // source: a snapshot or a packed file
/// `condensate sensitivity SNAPSHOT`; see SensitivityOptions.
struct SensitivityRequest {
    std::filesystem::path snapshot;
    std::size_t images = 1000;
    std::optional<int> k;
    bool reestimate = false, json = false, progress = false;
};
/// `condensate allocate SNAPSHOT`; see engine::AllocationRequest.
struct AllocateRequest {
    std::filesystem::path snapshot;
    std::optional<double> bytes, percent; ///< of accuracy
    std::vector<int> candidates{2, 3, 4, 6, 8, 16, 32};
    std::size_t images = 1000;
    bool reestimate = false, json = false, progress = false;
};
struct ModelsRequest { std::string model, images; }; // an empty model stands for all built-in ones
/// Nothing to do but print: help, version, or one sentence about a wrong argument (kExitRefused).
struct PrintRequest { int code; std::string text; };

using Request =
    std::variant<TrainRequest, ReplayRequest, WindowRequest, FiguresRequest, InfoRequest, PackRequest, UnpackRequest, EvaluateRequest,
                 ExportRequest, SensitivityRequest, AllocateRequest, QuantizeRequest, ModelsRequest, PrintRequest>;

/// Reads the command line. Every parameter of the table is a flag; values are checked here.
Request parseArguments(int argc, const char *const *argv);

} // namespace app
