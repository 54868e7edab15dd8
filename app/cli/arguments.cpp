// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/checks.h"
#include "app/console/console.h"
#include "engine/quantizers/quantizer.h"
#include "engine/recipes/recipe.h"
#include "condensateversion.h"
#include <algorithm>
#include <fmt/format.h>

namespace app {
namespace {

void checkTogether(const engine::Settings &settings)
{
    if (auto valid = settings.checkTogether(); !valid)
        throw CLI::ValidationError("--" + valid.error().text);
}

/// The settings of the recipe, changed by what is on the command line.
void takeRecipe(TrainRequest &request)
{
    auto settings = engine::readRecipe(*request.recipe);
    if (!settings)
        throw CLI::ValidationError(settings.error().text);
    request.settings = std::move(settings->settings);
    request.changes = std::move(settings->changes);
    for (const auto &[id, value] : request.given)
        (void)request.settings.set(id, value); // was checked when it was read
}

void checkTrain(const TrainRequest &request)
{
    if (request.resume && (request.compared != engine::Compared::Nothing || request.branch))
        throw CLI::ValidationError("--resume: expected alone, found it together with --reference, --compare or --branch.");
    const auto other = std::ranges::find_if(request.given, [](const auto &set) { return set.id != engine::ParameterId::Epochs; });
    if (request.resume && other != request.given.end())
        throw CLI::ValidationError(fmt::format("--{}: expected --epochs alone beside --resume, which keeps the other parameters of the "
                                               "snapshot; use --branch to change some.",
                                               engine::spec(other->id).key));
    if (!request.resume && !request.out)
        throw CLI::ValidationError("--out: expected a folder for what the run leaves, found none.");
    if (request.recipe && (request.resume || request.branch))
        throw CLI::ValidationError("recipe: expected none beside --resume and --branch, which have the parameters of the snapshot.");
    if (!request.branch) // else the snapshot's parameters count too
        checkTogether(request.settings);
}

void takeAllMethods(std::vector<std::string> &methods)
{
    if (std::ranges::find(methods, kAllMethods) == methods.end())
        return;
    methods.clear();
    for (const auto &method : engine::quantizers())
        methods.emplace_back(method.name);
}

/// What single arguments cannot break.
void checkQuantize(const QuantizeRequest &request)
{
    if (request.out && request.methods.size() != 1)
        throw CLI::ValidationError(fmt::format("-o: expected one method beside it, found {}.", request.methods.size()));
    if (request.out && request.k.size() != 1)
        throw CLI::ValidationError(fmt::format("-o: expected one k beside it, found {}.", request.k.size()));
    if (request.validation && (request.out || request.fineTuningEpochs > 0))
        throw CLI::ValidationError(
            "--validation: expected neither -o nor --finetune beside it, whose networks are measured on the test set.");
    if (request.json && request.jsonLines)
        throw CLI::ValidationError("--json-lines: expected alone, found it together with --json.");
    if (request.prune > 0 && std::ranges::find(request.k, 1) != request.k.end())
        throw CLI::ValidationError("--k: expected at least 2 beside --prune, whose 0 is one of the representatives, found 1.");
}

Request exportRequest(Commands &commands)
{
    const auto format = engine::exportFormat(commands.exportFormat, commands.exported.out);
    if (!format)
        throw CLI::ValidationError((commands.exportFormat.empty() ? "-o: " : "--format: ") + format.error().text);
    commands.exported.format = *format;
    return commands.exported;
}

/// A misspelt one: a plain word that no file is called.
bool looksLikeACommand(const std::filesystem::path &file)
{
    std::error_code none;
    return file.string().find_first_of("./") == std::string::npos && !std::filesystem::exists(file, none);
}

Request requestOf(Commands &commands)
{
    if (commands.trainCommand->parsed()) {
        if (commands.train.recipe)
            takeRecipe(commands.train);
        checkTrain(commands.train);
        return commands.train;
    }
    if (commands.replayCommand->parsed())
        return commands.replay;
    if (commands.figuresCommand->parsed())
        return commands.figures;
    if (commands.infoCommand->parsed())
        return commands.info;
    if (commands.packCommand->parsed())
        return commands.pack;
    if (commands.unpackCommand->parsed())
        return commands.unpack;
    if (commands.evaluateCommand->parsed())
        return commands.evaluate;
    if (commands.exportCommand->parsed())
        return exportRequest(commands);
    if (commands.sensitivityCommand->parsed())
        return commands.sensitivity;
    if (commands.allocateCommand->parsed())
        return commands.allocate;
    if (commands.quantizeCommand->parsed()) {
        takeAllMethods(commands.quantize.methods);
        checkQuantize(commands.quantize);
        return commands.quantize;
    }
    if (commands.modelsCommand->parsed())
        return commands.models;
    checkTogether(commands.window.settings);
    if (commands.window.snapshot && looksLikeACommand(*commands.window.snapshot))
        throw CLI::ValidationError(
            fmt::format("expected a command or a snapshot, found \"{}\".", commands.window.snapshot->string()));
    return commands.window;
}

} // namespace

Request parseArguments(int argc, const char *const *argv)
{
    Commands commands;
    try {
        commands.root.parse(argc, argv);
        return requestOf(commands);
    } catch (const CLI::CallForHelp &) {
        return PrintRequest{kExitDone, commands.root.help()};
    } catch (const CLI::CallForVersion &) {
        return PrintRequest{kExitDone, "condensate " CONDENSATE_VERSION "\n"};
    } catch (const CLI::ParseError &error) {
        const auto chosen = commands.root.get_subcommands();
        return PrintRequest{kExitRefused, fmt::format("{}\nTry condensate {}--help.", sentenceOf(error, commands.root.remaining(true)),
                                                      chosen.empty() ? "" : chosen.front()->get_name() + " ")};
    }
}

} // namespace app
