// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/report.h"
#include "engine/core/layerrules.h"
#include "engine/core/text.h"
#include "engine/packedtext/describepacked.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fstream>

namespace app {
namespace {

constexpr int kWidth = 58; // of the first column: "soft-min, k = 256 and rules, forward snapped: snapped"

std::string ratio(double value) { return fmt::format("{:.1f}×", value); }

/// The columns that tell how large a network is.
struct Sizes {
    std::string bytes, disk, fixed, entropy;
};

Sizes theoretical(const engine::SizeEstimate &size) { return {"", "", ratio(size.fixedRatio()), ratio(size.entropyRatio())}; }

Sizes withFile(const SessionEnd &end)
{
    Sizes sizes = theoretical(end.summary.size);
    sizes.bytes = end.packed ? std::to_string(end.packed->total()) : "–";
    sizes.disk = end.packed ? ratio(end.packed->ratio()) : "–";
    return sizes;
}

std::string tableRow(const std::string &what, double accuracy, double reference, const Sizes &sizes, double seconds)
{
    const std::string change = std::isnan(reference) ? "–" : fmt::format("{:+.2f}", 100 * (accuracy - reference));
    return fmt::format("| {:<{}} | {:>8} | {:>6} | {:>9} | {:>7} | {:>7} | {:>7} | {:>6} |\n", what, kWidth,
                       engine::percentOrDash(accuracy), change, sizes.bytes, sizes.disk, sizes.fixed, sizes.entropy,
                       std::isnan(seconds) ? "" : fmt::format("{:.0f} s", seconds));
}

/// Layers that ended with fewer representatives than they began with, as "features.0 14 of 16"; empty if none did.
std::string fewerRepresentatives(const SessionEnd &end)
{
    std::string text;
    const auto &layers = end.description.layers;
    for (std::size_t l = 0; l < std::min(layers.size(), end.k.size()); ++l) {
        const auto began = engine::settingsOf(end.description.settings, layers[l].name).k;
        if (end.k[l] < began)
            text += fmt::format("{}{} {} of {}", text.empty() ? "" : ", ", layers[l].name, end.k[l], began);
    }
    return text;
}

std::string rowsOf(const ReportRow &row, double reference)
{
    const auto &s = row.end.summary;
    const auto &settings = row.end.description.settings;
    const std::string k = std::to_string(settings.whole(engine::ParameterId::CodebookSize)) +
                          (settings.text(engine::ParameterId::Layers).empty() ? "" : " and rules");
    const std::string regularizer = settings.text(engine::ParameterId::Regularizer);
    if (settings.text(engine::ParameterId::Forward) == "float") {
        const std::string init = settings.text(engine::ParameterId::Initialiser);
        return tableRow("float network (reference)", s.latentTestAccuracy, reference,
                        {std::to_string(s.size.floatBytes), ratio(1), ratio(1), ratio(1)}, s.seconds) +
               tableRow(fmt::format("{} of it, k = {}, no training", init, k), s.snappedAsTrainedTestAccuracy, reference,
                        theoretical(s.size), engine::kNotMeasured) +
               tableRow("  the same, batch-norm re-estimated", s.snappedTestAccuracy, reference, withFile(row.end), engine::kNotMeasured);
    }
    return tableRow(fmt::format("{} k {} {}, forward {}: snapped", regularizer == "nearest-l2" ? "trained with" : regularizer + ",",
                                fewerRepresentatives(row.end).empty() ? "=" : "≤", k,
                                settings.text(engine::ParameterId::Forward)),
                    s.snappedTestAccuracy, reference, withFile(row.end), s.seconds) +
           tableRow("  its latent weights", s.latentTestAccuracy, reference, {}, engine::kNotMeasured);
}

} // namespace

std::string reportTable(const std::vector<ReportRow> &rows)
{
    double reference = engine::kNotMeasured;
    for (const auto &row : rows) {
        if (row.label == "reference")
            reference = row.end.summary.latentTestAccuracy;
    }
    std::string text = fmt::format("| {:<{}} | {:>8} | {:>6} | {:>9} | {:>7} | {:>7} | {:>7} | {:>6} |\n", "network", kWidth, "test",
                                   "points", "bytes", "on disk", "fixed", "order 0", "time");
    text += "|" + std::string(kWidth + 2, '-') + "|---------:|-------:|----------:|--------:|--------:|--------:|-------:|\n";
    for (const auto &row : rows)
        text += rowsOf(row, reference);
    text += "points: difference to the reference. bytes, on disk: the packed file, everything counted, and the float32 network's bytes "
            "divided by them.\n"
            "fixed, order 0: theoretical compression ratios (fixed-length codes; order-0 entropy), codebooks and float values counted.\n";
    return text;
}

engine::Result<void> writeReport(const std::vector<ReportRow> &rows, const std::filesystem::path &file)
{
    std::ofstream out{file};
    const auto &d = rows.back().end.description;
    out << fmt::format("# {} on {}\n\n{}\n", d.modelName, d.dataName, reportTable(rows));
    out << fmt::format("{} images train, {} validate, {} test (used for this table alone). Condensate {}, {} thread{}, BLAS {}.\n\n",
                       d.trainImages, d.validationImages, d.testImages, CONDENSATE_VERSION, d.threads, d.threads == 1 ? "" : "s",
                       d.blasName.empty() ? "unknown" : d.blasName);
    for (const auto &row : rows) {
        const auto &s = row.end.summary;
        out << fmt::format("- {}: {:.0f} s, of which {:.2f} % waiting for minibatches and {:.1f} % measuring.\n", row.label, s.seconds,
                           100 * s.waitingShare, 100 * s.measuringShare);
        if (row.end.packed)
            out << fmt::format("- {}: packed into {}.\n", row.label, engine::summaryOf(*row.end.packed));
        if (const auto fewer = fewerRepresentatives(row.end); !fewer.empty())
            out << fmt::format("- {}: representatives left of those it began with: {}.\n", row.label, fewer);
        if (const auto &floats = row.end.description.floatLayers; !floats.empty()) {
            out << fmt::format("- {}: layers that stay float:", row.label);
            for (const auto &layer : floats)
                out << fmt::format("{} {} ({} weights)", &layer == &floats.front() ? "" : ",", layer.info.name, layer.info.weightCount);
            out << ".\n";
        }
    }
    out << "\nParameters:\n\n| parameter | value |\n|---|---|\n";
    for (const auto &row : engine::parameterTable())
        out << fmt::format("| {} | {} |\n", row.key, engine::toText(d.settings.value(row.id)));
    out.close();
    if (!out)
        return engine::fail(engine::ErrorCode::Unwritable, fmt::format("Report: cannot write {}.", file.string()));
    return {};
}

} // namespace app
