// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/replay.h"
#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <span>
#include <string_view>

namespace engine {
namespace {

/// Values that differ in a bit; all of `a` where the lengths differ. NaN counts by its bits, too.
std::uint64_t differing(std::span<const float> a, std::span<const float> b)
{
    if (a.size() != b.size())
        return std::max(a.size(), b.size());
    std::uint64_t found = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        found += std::memcmp(&a[i], &b[i], sizeof(float)) != 0;
    return found;
}

const Started *firstStart(const RunLog &log)
{
    for (const auto &entry : log.entries) {
        if (const auto *start = std::get_if<Started>(&entry.what))
            return start;
    }
    return nullptr;
}

std::map<std::string_view, const NamedArray *> arraysOf(const SnapshotData &data)
{
    std::map<std::string_view, const NamedArray *> arrays;
    for (const auto *list : {&data.network.arrays, &data.training.arrays}) {
        for (const auto &array : *list)
            arrays.emplace(array.name, &array);
    }
    return arrays;
}

} // namespace

Result<FromSettings> replayOf(const RunRecord &run)
{
    const Started *start = firstStart(run.log);
    if (!run.log.isComplete || !start)
        return fail(ErrorCode::BadValue,
                    "Replay: expected a snapshot that knows all that was done in its run, from the first step on, found "
                    "one that does not: it was begun by a version before 0.2, or its weights were not trained.");
    FromSettings replay{.settings = run.log.start, .script = {}}; // what lay ahead was not yet done
    (void)replay.settings.set(ParameterId::Threads, std::int64_t{start->threads}); // as many as there were, whatever was asked for
    std::ranges::copy_if(run.log.entries, std::back_inserter(replay.script), &LogEntry::shapesRun);
    if (run.stage != Stage::Finished)
        replay.script.push_back({.step = run.step, .by = Author::File, .time = 0, .what = Pause{}});
    return replay;
}

std::string whatDiffers(const RunDescription &stored, const RunDescription &now)
{
    const auto differs = [](const std::string &a, const std::string &b) { return !a.empty() && !b.empty() && a != b; };
    const Fingerprints &was = stored.fingerprints, &is = now.fingerprints;
    if (differs(was.data, is.data))
        return fmt::format(
            "Replay: expected the images that the run was trained on, found others in {}: content, order or names of classes "
            "have changed.",
            now.settings.text(ParameterId::Data));
    if (differs(was.module, is.module))
        return fmt::format("Replay: expected the network that the run trained, found another in {}.",
                           now.settings.text(ParameterId::Model));
    if (differs(was.startWeights, is.startWeights))
        return "Replay: expected the weights that the run began with, found others: the file of start weights has changed, or this version "
               "of "
               "LibTorch draws others.";
    return {};
}

std::vector<std::string> whatMayDiffer(const RunLog &stored, const RunLog &now)
{
    std::vector<std::string> found;
    const Started *there = firstStart(stored), *here = firstStart(now); // later threads are as they were, see RunLog::ahead
    if (there && here && there->threads != here->threads)
        found.push_back(fmt::format("The run was trained on {} threads, this is on {}: bits may differ.", there->threads, here->threads));
    for (const auto &entry : stored.entries) {
        const auto *at = std::get_if<Started>(&entry.what);
        if (!at || !here)
            continue;
        const auto tell = [&](std::string_view what, const std::string &was, const std::string &is) {
            auto sentence = fmt::format("The run was trained with {} {}, this is {}: bits may differ.", what, was, is);
            if (was != is && std::ranges::find(found, sentence) == found.end())
                found.push_back(std::move(sentence));
        };
        tell("the processor", at->processor, here->processor);
        tell("LibTorch", at->torch, here->torch);
    }
    return found;
}

StateComparison compareStates(const SnapshotData &stored, const SnapshotData &reached)
{
    StateComparison found;
    const auto &infos = stored.run.description.layers;
    for (std::size_t l = 0; l < infos.size(); ++l) {
        const bool known = l < reached.training.layers.size();
        StateComparison::Layer layer{.name = infos[l].name, .weights = infos[l].weightCount, .representatives = 0};
        if (known) {
            layer.weights = differing(stored.training.layers[l].weights, reached.training.layers[l].weights);
            layer.representatives = differing(stored.network.layers[l].representatives, reached.network.layers[l].representatives);
        }
        if (layer.weights > 0 || layer.representatives > 0)
            found.layers.push_back(std::move(layer));
    }
    if (!std::ranges::equal(stored.training.layers, reached.training.layers, [](const auto &a, const auto &b) {
            return std::ranges::equal(std::as_bytes(std::span{a.mixing}), std::as_bytes(std::span{b.mixing}));
        }))
        found.arrays.emplace_back("mixing");
    const auto others = arraysOf(reached);
    for (const auto &[name, array] : arraysOf(stored)) {
        const auto other = others.find(name);
        if (other == others.end() || other->second->shape != array->shape || other->second->bytes != array->bytes)
            found.arrays.emplace_back(name);
    }
    return found;
}

std::string describe(const StateComparison &comparison, const RunRecord &stored)
{
    if (comparison.isSame())
        return fmt::format("The same bits at step {}: every weight and representative of {} layers, and every other array.\n",
                           count(stored.step), stored.description.layers.size());
    std::string text = fmt::format("Other bits at step {}:\n", count(stored.step));
    for (const auto &layer : comparison.layers)
        text += fmt::format("  {}: {} weights and {} representatives differ\n", layer.name, layer.weights, layer.representatives);
    if (!comparison.arrays.empty())
        text += fmt::format("  other arrays that differ: {}\n", fmt::join(comparison.arrays, ", "));
    return text;
}

Replayed replay(const SnapshotData &stored, FromSettings from, RunFolder &folder, Signals &system, RunWatcher &watcher)
{
    Replayed replayed;
    const Leg leg{.label = "replay", .forward = from.settings.choice<ForwardPass>(), .isMain = true};
    const auto ready = [&](const RunDescription &now, const RunLog &log) -> Result<void> {
        if (auto differs = whatDiffers(stored.run.description, now); !differs.empty())
            return fail(ErrorCode::BadValue, std::move(differs));
        replayed.mayDiffer = whatMayDiffer(stored.run.log, log);
        return folder.begin({.legs = {leg}, .branch = {}, .changes = {}});
    };
    Run run{std::move(from)};
    replayed.end = follow(run, {.paused = false, .keeps = folder.keeps(leg, true), .shelf = {}, .ready = ready}, system, watcher);
    const bool arrived = replayed.end.how == Followed::How::Finished || (replayed.end.how == Followed::How::Paused && !replayed.end.why);
    if (!arrived)
        return replayed;
    const auto reached = readSnapshot(replayed.end.snapshot);
    if (reached)
        replayed.comparison = compareStates(stored, *reached);
    else
        replayed.end.why = reached.error();
    return replayed;
}

} // namespace engine
