// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/overloaded.h"
#include "engine/core/text.h"
#include "engine/packedtext/describepacked.h"
#include "engine/recipes/recipe.h"
#include "engine/runs/legresult.h"
#include "condensateversion.h"
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fstream>

namespace engine {
namespace {

constexpr int kWidth = 58; // of the first column: "soft-min, k = 256 and rules, forward snapped: snapped"

std::string ratio(double value) { return fmt::format("{:.1f}×", value); }

/// The columns that tell how large a network is.
struct Sizes {
    std::string bytes, disk, fixed, entropy;
};

Sizes theoretical(const SizeEstimate &size) { return {"", "", ratio(size.fixedRatio()), ratio(size.entropyRatio())}; }

Sizes withFile(const LegResult &leg)
{
    Sizes sizes = theoretical(leg.size);
    sizes.bytes = leg.packed ? std::to_string(leg.packed->total()) : "–";
    sizes.disk = leg.packed ? ratio(leg.packed->ratio()) : "–";
    return sizes;
}

std::string tableRow(const std::string &what, double accuracy, double reference, const Sizes &sizes, double seconds)
{
    const std::string change = std::isnan(reference) ? "–" : fmt::format("{:+.2f}", 100 * (accuracy - reference));
    return fmt::format("| {:<{}} | {:>8} | {:>6} | {:>9} | {:>7} | {:>7} | {:>7} | {:>6} |\n", what, kWidth,
                       percentOrDash(accuracy), change, sizes.bytes, sizes.disk, sizes.fixed, sizes.entropy,
                       std::isnan(seconds) ? "" : fmt::format("{:.0f} s", seconds));
}

/// Layers that ended with fewer representatives than they began with, as "features.0 14 of 16"; empty if none did.
std::string fewerRepresentatives(const LegResult &leg)
{
    std::string text;
    const RunDescription &run = leg.run.description;
    for (std::size_t l = 0; l < std::min(run.layers.size(), leg.k.size()); ++l) {
        const auto began = run.settings.layer(run.layers[l].name).k;
        if (leg.k[l] < began)
            text += fmt::format("{}{} {} of {}", text.empty() ? "" : ", ", run.layers[l].name, leg.k[l], began);
    }
    return text;
}

std::string rowsOf(const LegResult &leg, double reference)
{
    const RunRecord &run = leg.run;
    const Settings &settings = run.description.settings;
    const double latent = run.latentTestAccuracy.value_or(kNotMeasured), snapped = run.snappedTestAccuracy.value_or(kNotMeasured);
    const std::string k = std::to_string(settings.whole(ParameterId::CodebookSize)) +
                          (settings.text(ParameterId::Layers).empty() ? "" : " and rules");
    const std::string regularizer = settings.text(ParameterId::Regularizer);
    if (settings.choice<ForwardPass>() == ForwardPass::Float) {
        const std::string init = settings.text(ParameterId::Initialiser);
        return tableRow("float network (reference)", latent, reference, {std::to_string(leg.size.floatBytes), ratio(1), ratio(1), ratio(1)},
                        run.seconds) +
               tableRow(fmt::format("{} of it, k = {}, no training", init, k), run.snappedAsTrainedTestAccuracy.value_or(kNotMeasured),
                        reference, theoretical(leg.size), kNotMeasured) +
               tableRow("  the same, batch-norm re-estimated", snapped, reference, withFile(leg), kNotMeasured);
    }
    return tableRow(fmt::format("{} k {} {}, forward {}: snapped", regularizer == "nearest-l2" ? "trained with" : regularizer + ",",
                                fewerRepresentatives(leg).empty() ? "=" : "≤", k,
                                settings.text(ParameterId::Forward)),
                    snapped, reference, withFile(leg), run.seconds) +
           tableRow("  its latent weights", latent, reference, {}, kNotMeasured);
}

/// What was done on the way, by hand or by a recipe, beside pauses.
void writeSteering(const RunLog &log, std::ostream &out)
{
    const auto changes = recipeOf(log).changes;
    if (!changes.empty())
        out << "\nWhat was changed on the way, as a recipe has it:\n\n| step | what |\n|---:|---|\n";
    for (const auto &change : changes) {
        const auto what =
            std::visit(Overloaded{[](const SetParameter &set) { return fmt::format("{} = {}", spec(set.id).key, toText(set.value)); },
                                  [](const SetLayerLambda &set) {
                                      return fmt::format("{} of {} = {}", spec(ParameterId::Lambda).key, set.layer,
                                                         set.lambda ? toText(*set.lambda) : "global");
                                  },
                                  [](const auto &) { return std::string{"next stage"}; }},
                       change.what);
        out << fmt::format("| {} | {} |\n", count(change.step), what);
    }
}

} // namespace

std::string comparisonTable(const std::vector<LegResult> &legs)
{
    double reference = kNotMeasured;
    for (const auto &leg : legs) {
        if (leg.label == kReferenceLabel)
            reference = leg.run.latentTestAccuracy.value_or(kNotMeasured);
    }
    std::string text = fmt::format("| {:<{}} | {:>8} | {:>6} | {:>9} | {:>7} | {:>7} | {:>7} | {:>6} |\n", "network", kWidth, "test",
                                   "points", "bytes", "on disk", "fixed", "order 0", "time");
    text += "|" + std::string(kWidth + 2, '-') + "|---------:|-------:|----------:|--------:|--------:|--------:|-------:|\n";
    for (const auto &leg : legs)
        text += rowsOf(leg, reference);
    text += "points: difference to the reference. bytes, on disk: the packed file, everything counted, and the float32 network's bytes "
            "divided by them.\n"
            "fixed, order 0: theoretical compression ratios (fixed-length codes; order-0 entropy), codebooks and float values counted.\n";
    return text;
}

Result<void> writeReport(const std::vector<LegResult> &legs, const std::filesystem::path &file)
{
    std::ofstream out{file};
    const RunDescription &d = legs.back().run.description;
    out << fmt::format("# {} on {}\n\n{}\n", d.modelName, d.dataName, comparisonTable(legs));
    out << fmt::format("{} images train, {} validate, {} test (used for this table alone). Condensate {}, {} thread{}, BLAS {}.\n\n",
                       d.trainImages, d.validationImages, d.testImages, CONDENSATE_VERSION, d.threads, d.threads == 1 ? "" : "s",
                       d.blasName.empty() ? "unknown" : d.blasName);
    for (const auto &leg : legs) {
        out << fmt::format("- {}: {:.0f} s", leg.label, leg.run.seconds);
        if (leg.run.waitingShare && leg.run.measuringShare)
            out << fmt::format(", of which {:.2f} % waiting for minibatches and {:.1f} % measuring", 100 * *leg.run.waitingShare,
                               100 * *leg.run.measuringShare);
        out << ".\n";
        if (leg.packed)
            out << fmt::format("- {}: packed into {}.\n", leg.label, summaryOf(*leg.packed));
        if (const auto fewer = fewerRepresentatives(leg); !fewer.empty())
            out << fmt::format("- {}: representatives left of those it began with: {}.\n", leg.label, fewer);
        if (const auto &floats = leg.run.description.floatLayers; !floats.empty()) {
            out << fmt::format("- {}: layers that stay float:", leg.label);
            for (const auto &layer : floats)
                out << fmt::format("{} {} ({} weights)", &layer == &floats.front() ? "" : ",", layer.info.name, layer.info.weightCount);
            out << ".\n";
        }
    }
    writeSteering(legs.back().run.log, out);
    out << "\nParameters:\n\n| parameter | value |\n|---|---|\n";
    for (const auto &row : parameterTable())
        out << fmt::format("| {} | {} |\n", row.key, toText(d.settings.value(row.id)));
    out.close();
    if (!out)
        return fail(ErrorCode::Unwritable, fmt::format("Report: cannot write {}.", file.string()));
    return {};
}

} // namespace engine
