// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/progress.h"
#include "engine/core/jsonnumber.h"
#include "engine/core/text.h"
#include "engine/packedtext/describepacked.h"
#include "engine/storage/runlogjson.h"
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace app {
namespace {

using engine::jsonNumber;
using engine::percentOrDash;
using nlohmann::json;

std::string duration(double seconds)
{
    if (std::isnan(seconds))
        return "–";
    const auto whole = static_cast<long>(seconds);
    return whole >= 3600 ? fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60)
                         : fmt::format("{}:{:02}", whole / 60, whole % 60);
}

json toJson(const engine::Sample &sample)
{
    json layers = json::array();
    for (const auto &layer : sample.layers)
        layers.push_back({{"representatives", layer.representatives},
                          {"lambda", jsonNumber(layer.lambda)},
                          {"mean_distance", jsonNumber(layer.meanDistance)},
                          {"changed_share", jsonNumber(layer.changedShare)},
                          {"gradient_ratio", jsonNumber(layer.gradientRatio)}});
    return {{"event", "sample"},
            {"step", engine::count(sample.step)},
            {"epoch", sample.epoch},
            {"stage", engine::name(sample.stage)},
            {"task_loss", jsonNumber(sample.taskLoss)},
            {"regularizer_loss", jsonNumber(sample.regularizerLoss)},
            {"train_accuracy", jsonNumber(sample.trainAccuracy)},
            {"latent_accuracy", jsonNumber(sample.latentAccuracy)},
            {"snapped_accuracy", jsonNumber(sample.snappedAccuracy)},
            {"fixed_ratio_theoretical", jsonNumber(sample.fixedRatio)},
            {"entropy_ratio_theoretical", jsonNumber(sample.entropyRatio)},
            {"learning_rate", jsonNumber(sample.learningRate)},
            {"images_per_second", jsonNumber(sample.imagesPerSecond)},
            {"layers", std::move(layers)}};
}

struct EventToJson {
    json operator()(const engine::Prepared &e) const
    {
        return {{"event", "prepared"},
                {"data", e.description->dataName},
                {"model", e.description->modelName},
                {"layers", e.description->layers.size()},
                {"train_images", e.description->trainImages},
                {"validation_images", e.description->validationImages},
                {"steps", e.description->totalSteps()}};
    }
    json operator()(const engine::Sampled &e) const { return toJson(e.sample); }
    json operator()(const engine::CommandReplied &e) const
    {
        return {{"event", "reply"},
                {"command", static_cast<std::uint64_t>(e.id)},
                {"applied", std::holds_alternative<engine::Applied>(e.reply)}};
    }
    json operator()(const engine::Logged &e) const
    {
        return {{"event", "logged"}, {"entry", json::parse(engine::toJsonLine(e.entry))}};
    }
    json operator()(const engine::StageEntered &e) const
    {
        return {{"event", "stage"}, {"stage", engine::name(e.stage)}, {"step", engine::count(e.step)}};
    }
    json operator()(const engine::StagesChanged &e) const { return {{"event", "stages"}, {"steps", e.description->totalSteps()}}; }
    json operator()(const engine::EpochEnded &e) const
    {
        return {{"event", "epoch"},
                {"epoch", e.epoch},
                {"step", engine::count(e.step)},
                {"latent_accuracy", jsonNumber(e.latentAccuracy)},
                {"snapped_accuracy", jsonNumber(e.snappedAccuracy)}};
    }
    json operator()(const engine::Paused &e) const { return {{"event", "paused"}, {"step", engine::count(e.step)}, {"reason", e.reason}}; }
    json operator()(const engine::Resumed &e) const { return {{"event", "resumed"}, {"step", engine::count(e.step)}}; }
    json operator()(const engine::SnapshotSaved &e) const
    {
        return {{"event", "snapshot"}, {"file", e.file.string()}, {"step", engine::count(e.step)}};
    }
    json operator()(const engine::SnapshotFailed &e) const
    {
        return {{"event", "snapshot_failed"}, {"file", e.file.string()}, {"error", e.why.text}};
    }
    json operator()(const engine::PackedMeasured &e) const
    {
        return {{"event", "packed_measured"},
                {"step", engine::count(e.step)},
                {"bytes", e.account->size.total()},
                {"ratio", e.account->size.ratio()}};
    }
    json operator()(const engine::PackedFailed &e) const
    {
        return {{"event", "packed_failed"}, {"step", engine::count(e.step)}, {"error", e.why.text}};
    }
    json operator()(const engine::Note &e) const { return {{"event", "note"}, {"step", engine::count(e.step)}, {"text", e.text}}; }
    json operator()(const engine::Finished &e) const
    {
        const auto &s = e.summary;
        return {{"event", "finished"},
                {"step", engine::count(s.step)},
                {"latent_test_accuracy", jsonNumber(s.latentTestAccuracy)},
                {"snapped_test_accuracy", jsonNumber(s.snappedTestAccuracy)},
                {"snapped_as_trained_test_accuracy", jsonNumber(s.snappedAsTrainedTestAccuracy)},
                {"seconds", s.seconds},
                {"fixed_ratio_theoretical", s.size.fixedRatio()},
                {"entropy_ratio_theoretical", s.size.entropyRatio()}};
    }
    json operator()(const engine::Stopped &e) const { return {{"event", "stopped"}, {"step", engine::count(e.step)}}; }
    json operator()(const engine::Failed &e) const { return {{"event", "failed"}, {"error", e.why.text}}; }
};

std::string lineOf(const json &object)
{
    return object.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
}

} // namespace


void Progress::legBegins(const engine::Leg &leg)
{
    m_console.endRow();
    m_label = leg.label;
    m_totalSteps = 0;
    m_lastLine = {};
}

void Progress::remark(std::string_view sentence) { line(sentence); }

void Progress::json(const engine::Event &event)
{
    m_console.out(lineOf(std::visit(EventToJson{}, event)));
}

void Progress::packed(const std::filesystem::path &file, const engine::PackedSize &size)
{
    if (m_options.json)
        m_console.out(lineOf({{"event", "packed"},
                              {"file", file.string()},
                              {"bytes", size.total()},
                              {"float32_bytes", size.floatBytes},
                              {"ratio", size.ratio()},
                              {"bits_per_weight", size.bitsPerWeight()}}));
    line(fmt::format("{}: {}", file.string(), engine::summaryOf(size)));
}

void Progress::line(std::string_view text)
{
    if (!m_options.quiet)
        m_console.note(fmt::format("{}: {}", m_label, text));
}

void Progress::event(const engine::Event &event)
{
    if (m_options.json)
        json(event);
    if (const auto *prepared = std::get_if<engine::Prepared>(&event)) {
        const auto &d = *prepared->description;
        m_totalSteps = d.totalSteps();
        std::uint64_t weights = 0;
        for (const auto &layer : d.layers)
            weights += layer.weightCount;
        line(fmt::format("{} on {}: {} layer{}, {} weights to quantize, {} values stay float; {} images train, {} validate.", d.modelName,
                         d.dataName, d.layers.size(), d.layers.size() == 1 ? "" : "s", weights, d.floatParameters, d.trainImages,
                         d.validationImages));
        if (d.slowBlas)
            line("warning: this LibTorch runs on a reference BLAS, some 50 times slower; install libopenblas0-pthread.");
    } else if (const auto *stage = std::get_if<engine::StageEntered>(&event)) {
        line(fmt::format("step {}: {}", engine::count(stage->step), engine::name(stage->stage)));
    } else if (const auto *epoch = std::get_if<engine::EpochEnded>(&event)) {
        line(fmt::format("epoch {}: validation accuracy latent {}, snapped {}", epoch->epoch, percentOrDash(epoch->latentAccuracy),
                         percentOrDash(epoch->snappedAccuracy)));
    } else if (const auto *failed = std::get_if<engine::SnapshotFailed>(&event)) {
        line(failed->why.text);
    } else if (const auto *note = std::get_if<engine::Note>(&event)) {
        line(note->text);
    }
}

void Progress::frame(const engine::Frame &frame)
{
    const auto now = std::chrono::steady_clock::now();
    if (m_options.quiet || now - m_lastLine < (m_console.showsRows() ? std::chrono::milliseconds{200} : std::chrono::seconds{15}))
        return;
    m_lastLine = now;
    const auto step = engine::count(frame.step);
    const double share = m_totalSteps ? static_cast<double>(step) / static_cast<double>(m_totalSteps) : 0;
    const std::array parts{RowPart{fmt::format("{} {:3.0f} %", m_label, 100 * share), 0},
                           RowPart{fmt::format("step {}/{}", step, m_totalSteps), 4},
                           RowPart{"loss " + (std::isnan(frame.taskLoss) ? "–" : fmt::format("{:.3f}", frame.taskLoss)), 5},
                           RowPart{"latent " + percentOrDash(frame.latentAccuracy), 3},
                           RowPart{"snapped " + percentOrDash(frame.snappedAccuracy), 1},
                           RowPart{fmt::format("{:.0f} images/s", frame.imagesPerSecond), 6},
                           RowPart{duration(frame.etaSeconds) + " left", 2}};
    if (m_console.showsRows())
        m_console.row(parts);
    else
        m_console.note(fittedRow(parts, std::string::npos));
}

} // namespace app
