// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/checks.h"
#include "app/cli/helptext.h"
#include "engine/core/ids.h"
#include "engine/quantizers/quantizer.h"
#include "condensateversion.h"
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>

namespace app {
namespace {

constexpr auto kDescription =
    "Trains a neural network whose weights condense onto a few learnable representatives, and shows it live.\n"
    "Without a command the window opens.";

constexpr std::size_t kHelpWidth = 78; // beside the column of names, on a screen of 110 characters

constexpr std::string_view kSmallest = "smallest";

std::string coderNames()
{
    std::string names;
    for (const auto coder : engine::kCoders)
        names += (names.empty() ? "" : ", ") + std::string{engine::name(coder)};
    return names;
}

/// One flag for each parameter; `given` (if any) gets those that are on the command line.
void addParameters(CLI::App &command, engine::Settings &settings, std::vector<engine::SetParameter> *given)
{
    for (const auto &row : engine::parameterTable()) {
        auto take = [&settings, given, id = row.id](const std::string &text) {
            if (auto set = settings.setText(id, text); !set)
                throw CLI::ValidationError("--" + set.error().text);
            if (given)
                given->push_back({id, settings.value(id)});
        };
        command.add_option_function<std::string>("--" + std::string{row.key}, take, helpText(row, kHelpWidth))
            ->group(std::string{row.group})
            ->type_name("");
    }
}

void refuseNamelessFiles(CLI::App &command)
{
    constexpr auto kKinds = std::to_array<std::string_view>({"FILE", "DIR", "SNAPSHOT", "RECIPE"});
    for (auto *option : command.get_options()) {
        if (std::ranges::find(kKinds, option->get_type_name()) != kKinds.end())
            option->check(fileName());
    }
}

/// Names and formulas of the registry, a line each.
std::string methodHelp()
{
    std::string text = fmt::format("How; or a list of them, or {}:", kAllMethods);
    for (const auto &method : engine::quantizers())
        text += fmt::format("\n{}: {}", method.name, method.formula);
    return text;
}

} // namespace

Commands::Commands()
    : root{kDescription, "condensate"},
      trainCommand{root.add_subcommand("train", "Train without a window")},
      replayCommand{root.add_subcommand("replay", "Run the run of a snapshot again, and compare every bit")},
      figuresCommand{root.add_subcommand("figures", "Draw all figures of a snapshot")},
      infoCommand{root.add_subcommand("info", "Tell what is in a snapshot or a packed file")},
      packCommand{root.add_subcommand("pack", "Write the snapped network of a snapshot as a small file that runs")},
      unpackCommand{root.add_subcommand("unpack", "Write the weights of a packed file as plain float32 tensors")},
      evaluateCommand{root.add_subcommand("evaluate", "Measure the test accuracy of a packed file")},
      exportCommand{root.add_subcommand("export", "Write the snapped network of a snapshot or packed file for other programs")},
      sensitivityCommand{root.add_subcommand("sensitivity", "Measure what the quantization of each layer costs")},
      allocateCommand{root.add_subcommand("allocate", "Choose k for each layer, for a number of bytes or an accuracy")},
      quantizeCommand{root.add_subcommand("quantize", "Quantize the weights in a snapshot without training: the baselines")},
      modelsCommand{root.add_subcommand("models", "List the built-in networks, or one of your own, layer by layer")}
{
    root.set_version_flag("--version", "condensate " CONDENSATE_VERSION);
    root.require_subcommand(0, 1);
    addWindow();
    addTrain();
    addPacking();
    addExport();
    addOthers();
    addMeasurements();
    addQuantize();
    for (auto *command : root.get_subcommands([](const CLI::App *) { return true; }))
        refuseNamelessFiles(*command);
    refuseNamelessFiles(root);
}

void Commands::addWindow()
{
    root.add_option("snapshot", window.snapshot, "Snapshot to open")->type_name("FILE");
    root.add_flag("--start", window.start, "Start the run at once");
    root.add_option("--screenshot", window.screenshot, "Write a picture of the window to this PNG file, then quit")->type_name("FILE");
    root.add_option("--screenshot-epoch", window.screenshotEpoch, "Epoch at which the picture is taken")->check(number(0))->type_name("");
    root.add_option("--screenshot-width", window.width, "Its width in pixels, 320 to 8192")->check(wholeNumber(320, 8192))->type_name("");
    root.add_option("--screenshot-height", window.height, "Its height in pixels, 240 to 8192")
        ->check(wholeNumber(240, 8192))->type_name("");
    root.add_option("--runs", window.runs, "Folder below which runs of the window save themselves [~/condensate-runs]")->type_name("DIR");
    root.add_flag("--screenshot-dark", window.dark, "In dark colours");
    addParameters(root, window.settings, nullptr);
}

void Commands::addTrain()
{
    trainCommand->add_option("--out", train.out, "Folder for snapshots, packed network and report; made if missing")->type_name("DIR");
    trainCommand->add_flag("--overwrite", train.overwrites, "Replace a run that lies in that folder");
    trainCommand
        ->add_option("--resume", train.resume,
                     "Go on with the run in this folder or snapshot, where it was left;\nwith --epochs longer than it was to be")
        ->type_name("FILE");
    trainCommand
        ->add_option("--branch", train.branch,
                     "Another run from this snapshot on, with those of its parameters\nchanged that are given here")
        ->type_name("FILE");
    const auto compare = [this](engine::Compared with) {
        return [this, with](std::int64_t) { train.compared = std::max(train.compared, with); };
    };
    trainCommand->add_flag_function("--reference", compare(engine::Compared::Reference),
                                    "Train the float network of the same recipe first, and compare");
    trainCommand->add_flag_function("--compare", compare(engine::Compared::All),
                                    "Train the float reference, the snapped and the latent mode, and compare");
    trainCommand->add_flag("--json", train.json, "Print every event as a line of JSON on standard output");
    trainCommand->add_flag("--quiet", train.quiet, "No progress on standard error");
    trainCommand->add_option("recipe", train.recipe, "TOML file with the parameters; those given beside it count instead")
        ->type_name("RECIPE");
    addParameters(*trainCommand, train.settings, &train.given);
    replayCommand->add_option("snapshot", replay.snapshot, "Snapshot whose run is repeated from its first step")
        ->type_name("SNAPSHOT")
        ->required();
    replayCommand->add_option("--out", replay.out, "Folder for what it leaves; made if missing")->type_name("DIR")->required();
    replayCommand->add_flag("--quiet", replay.quiet, "No progress on standard error");
}

void Commands::addPacking()
{
    packCommand->add_option("snapshot", pack.snapshot, "Snapshot to pack")->type_name("SNAPSHOT")->required();
    packCommand->add_option("-o,--out", pack.out, "Packed file to write; its name should end in .cnd")->type_name("FILE")->required();
    const auto takeCoder = [this](const std::string &text) {
        pack.coder = engine::coderNamed(text);
        if (!pack.coder && text != kSmallest)
            throw CLI::ValidationError(fmt::format("--coder: expected {} or one of {}, found \"{}\".", kSmallest, coderNames(), text));
    };
    packCommand
        ->add_option_function<std::string>(
            "--coder", takeCoder,
            fmt::format("How codes are written: {} (for each layer; the default),\nor for all {}", kSmallest, coderNames()))
        ->type_name("NAME");
    packCommand->add_flag("--float16", pack.float16,
                          "Biases, batch-norm and float layers as float16; loads the data\nto measure the accuracy anew");
    unpackCommand->add_option("file", unpack.file, "Packed file to read")->type_name("FILE")->required();
    unpackCommand->add_option("-o,--out", unpack.out, "File to write; its name should end in .safetensors")->type_name("FILE")->required();
    evaluateCommand->add_option("file", evaluate.file, "Packed file to measure")->type_name("FILE")->required();
    evaluateCommand->add_option("--data", evaluate.data, "Data set, as for train; without it the one the network was trained on")
        ->type_name("SET");
    evaluateCommand->add_flag("--json", evaluate.json, "As JSON");
}

void Commands::addExport()
{
    exportCommand->add_option("file", exported.source, "Snapshot or packed file whose network is exported")->type_name("FILE")->required();
    exportCommand->add_option("-o,--out", exported.out, "File to write; .safetensors, .pt (TorchScript) or .onnx")
        ->type_name("FILE")
        ->required();
    exportCommand->add_option("--format", exportFormat, "safetensors, torchscript or onnx, whatever the file ends in")->type_name("");
}

void Commands::addOthers()
{
    figuresCommand->add_option("snapshot", figures.snapshot, "Snapshot to draw")->type_name("FILE")->required();
    figuresCommand->add_option("--out", figures.out, "Folder for the figures; made if missing")->type_name("DIR")->required();
    infoCommand->add_option("file", info.file, "Snapshot or packed file to describe")->type_name("FILE")->required();
    infoCommand->add_flag("--json", info.json, "As JSON");
    modelsCommand->add_option("model", models.model, "A built-in network, or torchscript:FILE; without it all built-in ones")
        ->type_name("MODEL");
    modelsCommand->add_option("--images", models.images, "Shape of the images: 1x28x28 or 3x32x32")->default_val("3x32x32")->type_name("");
}

void Commands::addQuantize()
{
    std::vector<std::string> methods{kAllMethods};
    for (const auto &method : engine::quantizers())
        methods.emplace_back(method.name);
    auto &command = *quantizeCommand;
    command.add_option("snapshot", quantize.snapshot, "Snapshot whose latent weights are quantized")->type_name("FILE")->required();
    command.add_option("--method", quantize.methods, methodHelp())
        ->delimiter(',')->allow_extra_args(false)->check(oneOf(methods))->type_name("")->required();
    command.add_option("--k", quantize.k, "Representatives, or a list of numbers: 4,8,16")
        ->delimiter(',')->allow_extra_args(false)->check(wholeNumber(1, engine::kMaxRepresentatives))->type_name("")->required();
    command.add_option("--scope", quantize.scope, "A codebook for each: layer; or unified: all convolutions, all linear layers")
        ->check(oneOf({"layer", "unified"}))->type_name("");
    command.add_option("--prune", quantize.prune, "Per cent of the weights that become 0 beforehand, those of least magnitude")
        ->check(number(0, 100))->type_name("");
    command
        .add_option("--finetune", quantize.fineTuningEpochs,
                    "Epochs in which representatives, biases and batch-norm train on, codes frozen")
        ->check(wholeNumber(0, 100000))
        ->type_name("");
    command.add_option("--mu", quantize.mu, "μ of entropy-constrained in units of the weights' variance; 4/k² if not given")
        ->check(number(0))->type_name("");
    command.add_option("--seed", quantize.seed, "Seed of probabilistic")->check(wholeNumber(0))->type_name("");
    command.add_flag("--validation", quantize.validation, "Measure on all validation images instead of the test set");
    command.add_flag("--json", quantize.json, "As JSON");
    command.add_flag("--json-lines", quantize.jsonLines, "As JSON, each row as a line of its own as soon as it is measured");
    command.add_flag("--progress", quantize.progress, "Count the rows on standard error, a line each");
    command.add_option("-o,--output", quantize.out, "Write a snapshot of the quantized network; one method and k only")->type_name("FILE");
}

void Commands::addMeasurements()
{
    const auto add = [](CLI::App *command, auto &request) {
        command->add_option("snapshot", request.snapshot, "Snapshot with latent weights: of warm-up or cluster stage, or of a float run")
            ->type_name("FILE")
            ->required();
        command->add_option("--images", request.images, "Validation images to measure on, at most")
            ->check(wholeNumber(1))
            ->default_val("1000")
            ->type_name("N");
        command->add_flag("--reestimate", request.reestimate, "Batch-norm's statistics anew for each combination; many times slower");
        command->add_flag("--json", request.json, "As JSON");
        command->add_flag("--progress", request.progress, "Count measurements on standard error, a line each");
    };
    add(sensitivityCommand, sensitivity);
    sensitivityCommand
        ->add_option("--k", sensitivity.k, "K-means codebooks of so many representatives, 1 to 256, instead of the snapshot's")
        ->check(wholeNumber(1, engine::kMaxRepresentatives))
        ->type_name("K");
    add(allocateCommand, allocate);
    auto *budget = allocateCommand->add_option_group("Budget", "One of them");
    budget->add_option("--bytes", allocate.bytes, "Bytes that all layers may take, coded at their entropy, with what stays float")
        ->check(positiveNumber())
        ->type_name("N");
    budget->add_option("--accuracy", allocate.percent, "Validation accuracy in % that must be kept")
        ->check(number(0, 100))
        ->type_name("PERCENT");
    budget->require_option(1);
    allocateCommand->add_option("--candidates", allocate.candidates, "Numbers of representatives to choose from, ascending, 1 to 256")
        ->delimiter(',')
        ->check(wholeNumber(1, engine::kMaxRepresentatives))
        ->default_str("2,3,4,6,8,16,32")
        ->type_name("K,…");
}

} // namespace app
