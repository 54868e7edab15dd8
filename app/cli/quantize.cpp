// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/quantize.h"
#include "app/cli/interrupt.h"
#include "engine/core/jsonnumber.h"
#include "engine/core/text.h"
#include "engine/training/posttraining.h"
#include <cstdio>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace app {
namespace {

using engine::jsonNumber;
using engine::percentOrDash;
using nlohmann::ordered_json;

int complain(const engine::Error &error, int code)
{
    fmt::print(stderr, "condensate: {}\n", error.text);
    return code;
}

engine::PostTrainingOptions optionsOf(const QuantizeRequest &request, int k)
{
    return {.method = engine::findQuantizer(request.method),
            .quantizer = {.k = k, .prune = request.prune, .mu = request.mu, .seed = request.seed},
            .isUnified = request.scope == "unified",
            .fineTuningEpochs = request.fineTuningEpochs};
}

/// What the table says of the weights that are quantized.
std::string title(const QuantizeRequest &request, const engine::SnapshotData &source)
{
    const auto &d = source.description;
    std::string text = fmt::format("{} on {}, weights of step {} ({})", d.modelName, d.dataName, engine::count(source.step), engine::name(source.stage));
    if (source.latentTestAccuracy)
        text += fmt::format(", test accuracy {}", engine::percent(*source.latentTestAccuracy));
    if (source.codebooksAreLive)
        text += "\nThese weights were trained towards codebooks: for the float network as a baseline take the snapshot of a run with --forward float.";
    if (request.prune > 0)
        text += fmt::format("\n{} % of the weights of each codebook, those of least magnitude, are pruned.", request.prune);
    return text;
}

std::string accuracyColumns(const std::string &asIs, const std::string &reestimated, const std::string &fineTuned)
{
    return fmt::format("{:>9} | {:>15} | {:>10}", asIs, reestimated, fineTuned);
}

void printHead(const QuantizeRequest &request, const engine::SnapshotData &source)
{
    fmt::print("{}\n\n| {:<19} | {:>3} | {} | {:>12} | {:>12} | {:>7} |\n", title(request, source), "method", "k",
               accuracyColumns("test", "norms estimated", "fine-tuned"), "fixed, bytes", "order 0", "ratio");
    fmt::print("|{:-<21}|{:->5}|{:->11}|{:->17}|{:->12}|{:->14}|{:->14}|{:->9}|\n", "", ":", ":", ":", ":", ":", ":", ":");
}

void printRow(const QuantizeRequest &request, int k, const engine::PostTrainingResult &r)
{
    fmt::print("| {:<19} | {:>3} | {} | {:>12.0f} | {:>12.0f} | {:>6.1f}× |\n", request.method, k,
               accuracyColumns(percentOrDash(r.accuracy), percentOrDash(r.reestimatedAccuracy), percentOrDash(r.fineTunedAccuracy)), r.size.fixedBytes, r.size.entropyBytes,
               r.size.entropyRatio());
    std::fflush(stdout);
}

constexpr auto kLegend = "test: as it is; norms estimated: with the batch-norm statistics of the quantized network. fixed, order 0: theoretical bytes of the whole network\n"
                         "(fixed-length codes; order-0 entropy), codebooks and float values counted; ratio: of the float32 bytes to those at order 0.\n";

ordered_json toJson(const QuantizeRequest &request, int k, const engine::PostTrainingResult &r)
{
    ordered_json layers = ordered_json::array();
    for (const auto &layer : r.snapshot.layers)
        layers.push_back({{"name", layer.info.name}, {"k", layer.representatives.size()}});
    return {{"method", request.method}, {"k", k}, {"scope", request.scope}, {"prune", request.prune}, {"test_accuracy", jsonNumber(r.accuracy)},
            {"reestimated_test_accuracy", jsonNumber(r.reestimatedAccuracy)}, {"fine_tuned_test_accuracy", jsonNumber(r.fineTunedAccuracy)},
            {"float32_bytes", r.size.floatBytes}, {"theoretical_fixed_length_bytes", r.size.fixedBytes},
            {"theoretical_order_0_entropy_bytes", r.size.entropyBytes}, {"layers", std::move(layers)}};
}

/// Finds out before hours are spent.
engine::Result<void> checkOut(const QuantizeRequest &request)
{
    std::error_code none;
    const auto folder = std::filesystem::absolute(*request.out).parent_path();
    if (!std::filesystem::is_directory(folder, none))
        return engine::fail(engine::ErrorCode::Unwritable, fmt::format("-o: expected a file in a folder that exists, found {}.", request.out->string()));
    if (std::filesystem::equivalent(*request.out, request.snapshot, none))
        return engine::fail(engine::ErrorCode::BadValue, fmt::format("-o: expected another file than the snapshot, found {}.", request.out->string()));
    return {};
}

engine::FineTuningWatch watchOf(const QuantizeRequest &request, int k, const Interrupt &interrupt)
{
    return {.epochEnded = [&request, k](int epoch, double loss) {
                fmt::print(stderr, "{}, k = {}: fine-tuning epoch {} of {}, loss {:.4f}\n", request.method, k, epoch, request.fineTuningEpochs, loss);
            },
            .isInterrupted = [&interrupt] { return interrupt.raised(); }};
}

} // namespace

int quantize(const QuantizeRequest &request)
{
    if (request.out) {
        if (auto good = checkOut(request); !good)
            return complain(good.error(), 2);
    }
    const auto source = engine::readSnapshot(request.snapshot);
    if (!source)
        return complain(source.error(), 2);
    const Interrupt interrupt;
    ordered_json rows = ordered_json::array();
    if (!request.json)
        printHead(request, *source);
    for (const int k : request.k) {
        const auto result = engine::quantizeAfterTraining(*source, optionsOf(request, k), watchOf(request, k, interrupt));
        if (interrupt.raised())
            return 130;
        if (!result)
            return complain(result.error(), result.error().code == engine::ErrorCode::Internal ? 1 : 2);
        if (request.json)
            rows.push_back(toJson(request, k, *result));
        else
            printRow(request, k, *result);
        if (request.out) {
            if (auto written = engine::writeSnapshot(result->snapshot, *request.out); !written)
                return complain(written.error(), 1);
        }
    }
    constexpr int kIndent = 2;
    if (request.json)
        fmt::print("{}\n", rows.dump(kIndent, ' ', false, ordered_json::error_handler_t::replace));
    else
        fmt::print("{}", kLegend);
    return 0;
}

} // namespace app
