// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/quantize.h"
#include "app/cli/outfile.h"
#include "engine/core/jsonnumber.h"
#include "engine/core/text.h"
#include "engine/posttraining/posttraining.h"
#include "engine/posttraining/posttrainingbench.h"
#include "engine/runs/signals.h"
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace app {
namespace {

using engine::jsonNumber;
using engine::percentOrDash;
using nlohmann::ordered_json;

/// Of the table.
struct Row {
    std::string method;
    int k = 0;
    engine::PostTrainingMeasurement measured; // of the fine-tuned network, if it was; but for its accuracies
    double fineTunedAccuracy = engine::kNotMeasured;
};

/// Measures row by row.
class Baselines {
public:
    Baselines(const QuantizeRequest &request, const engine::SnapshotData &source, const engine::Signals &signals, Console &console)
        : m_request{request}, m_source{source}, m_signals{signals}, m_console{console} {}

    engine::Result<Row> row(const std::string &method, int k)
    {
        const bool makesNetworks = m_request.out || m_request.fineTuningEpochs > 0;
        return makesNetworks ? fromNetwork(method, k) : fromBench(method, k);
    }

private:
    engine::PostTrainingOptions optionsOf(const std::string &method, int k) const
    {
        return {.method = engine::findQuantizer(method),
                .quantizer = {.k = k, .prune = m_request.prune, .mu = m_request.mu, .seed = m_request.seed},
                .isUnified = m_request.scope == "unified",
                .fineTuningEpochs = m_request.fineTuningEpochs};
    }

    engine::Result<Row> fromBench(const std::string &method, int k)
    {
        using Images = engine::PostTrainingBench::Images;
        if (!m_bench) {
            auto opened = engine::PostTrainingBench::open(m_source, m_request.validation ? Images::Validation : Images::Test);
            if (!opened)
                return std::unexpected(opened.error());
            m_bench = *std::move(opened);
        }
        auto measured = m_bench->measure(optionsOf(method, k));
        if (!measured)
            return std::unexpected(measured.error());
        return Row{.method = method, .k = k, .measured = *std::move(measured)};
    }

    engine::Result<Row> fromNetwork(const std::string &method, int k)
    {
        const engine::FineTuningWatch watch{.epochEnded =
                                                [&](int epoch, double loss) {
                                                    m_console.note(fmt::format("{}, k = {}: fine-tuning epoch {} of {}, loss {:.4f}",
                                                                               method, k, epoch, m_request.fineTuningEpochs, loss));
                                                },
                                            .isInterrupted = [this] { return m_signals.endAsked(); }};
        const auto result = engine::quantizeAfterTraining(m_source, optionsOf(method, k), watch);
        if (!result)
            return std::unexpected(result.error());
        if (m_request.out) {
            if (auto written = engine::writeSnapshot(result->snapshot, *m_request.out); !written)
                return std::unexpected(written.error());
        }
        Row row{.method = method,
                .k = k,
                .measured = {.accuracy = result->accuracy,
                             .reestimatedAccuracy = result->reestimatedAccuracy,
                             .size = result->size,
                             .layers = {}},
                .fineTunedAccuracy = result->fineTunedAccuracy};
        const auto &infos = result->snapshot.run.description.layers;
        for (std::size_t l = 0; l < infos.size(); ++l)
            row.measured.layers.push_back(
                {.name = infos[l].name, .k = static_cast<int>(result->snapshot.network.layers[l].representatives.size())});
        return row;
    }

    const QuantizeRequest &m_request;
    const engine::SnapshotData &m_source;
    const engine::Signals &m_signals;
    Console &m_console;
    std::optional<engine::PostTrainingBench> m_bench;
};

/// Prints rows as the request asks.
class Printer {
public:
    Printer(const QuantizeRequest &request, const engine::SnapshotData &source, Console &console)
        : m_request{request}, m_source{source}, m_console{console}, m_images{request.validation ? "validation" : "test"},
          m_isTable{!request.json && !request.jsonLines}
    {
    }

    void begin() const
    {
        if (!m_isTable)
            return;
        m_console.out(fmt::format("{}\n\n| {:<19} | {:>3} | {} | {:>12} | {:>12} | {:>7} |\n", title(), "method", "k",
                                  accuracyColumns(m_images, "norms estimated", "fine-tuned"), "fixed, bytes", "order 0", "ratio"));
        m_console.out(
            fmt::format("|{:-<21}|{:->5}|{:->13}|{:->17}|{:->12}|{:->14}|{:->14}|{:->9}|\n", "", ":", ":", ":", ":", ":", ":", ":"));
    }

    void add(const Row &row)
    {
        constexpr auto kReplace = ordered_json::error_handler_t::replace;
        const auto &m = row.measured;
        if (m_request.jsonLines)
            m_console.out(toJson(row).dump(-1, ' ', false, kReplace) + '\n');
        else if (m_request.json)
            m_rows.push_back(toJson(row));
        else
            m_console.out(fmt::format(
                "| {:<19} | {:>3} | {} | {:>12.0f} | {:>12.0f} | {:>6.1f}× |\n", row.method, row.k,
                accuracyColumns(percentOrDash(m.accuracy), percentOrDash(m.reestimatedAccuracy), percentOrDash(row.fineTunedAccuracy)),
                m.size.fixedBytes, m.size.entropyBytes, m.size.entropyRatio()));
    }

    void end() const
    {
        constexpr int kIndent = 2;
        if (m_request.json)
            m_console.out(m_rows.dump(kIndent, ' ', false, ordered_json::error_handler_t::replace) + '\n');
        else if (m_isTable)
            m_console.out(m_images +
                          ": as it is; norms estimated: with the batch-norm statistics of the quantized network. fixed, order 0: "
                          "theoretical bytes of the whole network\n"
                          "(fixed-length codes; order-0 entropy), codebooks and float values counted; ratio: of the float32 bytes to "
                          "those at order 0.\n");
    }

private:
    /// What the table says of the weights that are quantized.
    std::string title() const
    {
        const auto &d = m_source.run.description;
        std::string text = fmt::format("{} on {}, weights of step {} ({})", d.modelName, d.dataName, engine::count(m_source.run.step),
                                       engine::name(m_source.run.stage));
        if (m_source.run.latentTestAccuracy)
            text += fmt::format(", test accuracy {}", percentOrDash(*m_source.run.latentTestAccuracy));
        if (m_source.run.codebooksAreLive)
            text += "\nThese weights were trained towards codebooks: for the float network as a baseline take the snapshot of a run with "
                    "--forward float.";
        if (m_request.prune > 0)
            text += fmt::format("\n{} % of the weights of each codebook, those of least magnitude, are pruned.", m_request.prune);
        return text;
    }

    static std::string accuracyColumns(const std::string &asIs, const std::string &reestimated, const std::string &fineTuned)
    {
        return fmt::format("{:>11} | {:>15} | {:>10}", asIs, reestimated, fineTuned);
    }

    ordered_json toJson(const Row &row) const
    {
        const auto &m = row.measured;
        ordered_json layers = ordered_json::array();
        for (const auto &layer : m.layers)
            layers.push_back({{"name", layer.name}, {"k", layer.k}});
        ordered_json json{{"method", row.method},
                          {"k", row.k},
                          {"step", engine::count(m_source.run.step)},
                          {"scope", m_request.scope},
                          {"prune", m_request.prune}};
        json[m_images + "_accuracy"] = jsonNumber(m.accuracy);
        json["reestimated_" + m_images + "_accuracy"] = jsonNumber(m.reestimatedAccuracy);
        if (!m_request.validation)
            json["fine_tuned_test_accuracy"] = jsonNumber(row.fineTunedAccuracy);
        json["float32_bytes"] = m.size.floatBytes;
        json["theoretical_fixed_length_bytes"] = m.size.fixedBytes;
        json["theoretical_order_0_entropy_bytes"] = m.size.entropyBytes;
        json["layers"] = std::move(layers);
        return json;
    }

    const QuantizeRequest &m_request;
    const engine::SnapshotData &m_source;
    Console &m_console;
    const std::string m_images; // that are measured on
    const bool m_isTable;
    ordered_json m_rows = ordered_json::array();
};

/// Lines that a program can follow.
void count(const QuantizeRequest &request, std::size_t done, Console &console)
{
    if (request.progress)
        console.note(fmt::format("{} of {}", done, request.methods.size() * request.k.size()));
}

} // namespace

int quantize(const QuantizeRequest &request, Console &console)
{
    if (request.out) {
        if (const auto good = checkOut(*request.out, request.snapshot); !good)
            return console.complain(good.error());
    }
    const auto source = engine::readSnapshot(request.snapshot);
    if (!source)
        return console.complain(source.error());
    const engine::Signals signals;
    Baselines baselines{request, *source, signals, console};
    Printer printer{request, *source, console};
    printer.begin();
    std::size_t done = 0;
    count(request, done, console);
    for (const auto &method : request.methods) {
        for (const int k : request.k) {
            const auto row = baselines.row(method, k);
            if (signals.endAsked())
                return kExitInterrupted;
            if (!row)
                return console.complain(row.error());
            printer.add(*row);
            if (!console.isHeard())
                return kExitDone; // nobody will see a further row, each of which may take hours
            count(request, ++done, console);
        }
    }
    printer.end();
    return kExitDone;
}

} // namespace app
