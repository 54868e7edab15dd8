// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/beginning_torch.h"
#include "engine/core/machine.h"
#include "engine/core/overloaded.h"
#include "engine/storage/snapshotframe.h"
#include "engine/training/fork.h"
#include "engine/training/store_torch.h"
#include "condensateversion.h"
#include <chrono>
#include <fmt/format.h>

namespace engine {
namespace {

/// Whether these are other images than those a snapshot was trained on, as far as it knows.
bool areOthers(const Fingerprints &known, const Fingerprints &found) { return !known.data.empty() && known.data != found.data; }

Result<Beginning> restored(SnapshotData data, DatasetShelf &shelf, std::vector<SetParameter> changes, bool lengthens)
{
    auto state = fromSnapshot(data, shelf);
    if (!state)
        return std::unexpected(state.error());
    if (areOthers(data.run.description.fingerprints, (*state)->description.fingerprints))
        (*state)->notes.push_back(
            "The images are not those that the run was trained on so far: content, order or names of classes have changed.");
    Beginning beginning{.trainer = std::make_unique<Trainer>(*std::move(state)),
                        .log = std::move(data.run.log),
                        .isStart = true,
                        .history = std::move(data.run.history),
                        .seconds = data.run.seconds,
                        .summary = {}};
    const TrainingState &at = beginning.trainer->state();
    beginning.isStart = at.progress.stage != Stage::Finished || lengthens;
    if (beginning.isStart)
        beginning.log.entries.push_back(logEntry(at, startedWith(at, std::move(changes)), Author::Hand));
    return beginning;
}

Result<Beginning> begin(const FromSettings &from, DatasetShelf &shelf)
{
    auto state = prepareTraining(from.settings, shelf);
    if (!state)
        return std::unexpected(state.error());
    Beginning beginning{.trainer = std::make_unique<Trainer>(*std::move(state)),
                        .log = {.start = from.settings, .entries = {}, .ahead = from.script, .isComplete = true},
                        .isStart = true,
                        .history = {},
                        .seconds = 0,
                        .summary = {}};
    const TrainingState &at = beginning.trainer->state();
    beginning.log.entries.push_back(logEntry(at, startedWith(at, {}), Author::Hand));
    return beginning;
}

/// What a run that goes on is given on its way.
Result<void> lengthen(Beginning &beginning, const std::vector<SetParameter> &changes)
{
    for (const auto &change : changes) {
        if (change.id != ParameterId::Epochs)
            return fail(ErrorCode::BadValue, fmt::format("{}: expected none beside {}, which lengthens a run; a branch can have others.",
                                                         spec(change.id).key, spec(ParameterId::Epochs).key));
        const Reply reply = beginning.trainer->apply(change);
        if (const auto *rejected = std::get_if<Rejected>(&reply))
            return std::unexpected(rejected->why);
        beginning.log.entries.push_back(logEntry(beginning.trainer->state(), change, Author::Hand));
    }
    if (beginning.trainer->state().progress.stage != Stage::Finished)
        beginning.summary.reset();
    return {};
}

Result<Beginning> goOn(const FromSnapshot &from, DatasetShelf &shelf)
{
    auto data = readSnapshot(from.file);
    if (!data)
        return std::unexpected(data.error());
    std::optional<Summary> summary;
    if (data->run.stage == Stage::Finished)
        summary = Summary{.step = data->run.step,
                          .latentTestAccuracy = data->run.latentTestAccuracy.value_or(kNotMeasured),
                          .snappedTestAccuracy = data->run.snappedTestAccuracy.value_or(kNotMeasured),
                          .snappedAsTrainedTestAccuracy = data->run.snappedAsTrainedTestAccuracy.value_or(kNotMeasured),
                          .size = frameOf(*data).size,
                          .seconds = data->run.seconds,
                          .waitingShare = data->run.waitingShare.value_or(0),
                          .measuringShare = data->run.measuringShare.value_or(0)};
    auto beginning = restored(*std::move(data), shelf, {}, !from.changes.empty());
    if (!beginning)
        return beginning;
    beginning->summary = summary;
    if (auto longer = lengthen(*beginning, from.changes); !longer)
        return std::unexpected(longer.error());
    return beginning;
}

Result<Beginning> branchOff(const Branch &from, DatasetShelf &shelf)
{
    auto data = readSnapshot(from.snapshot);
    if (!data)
        return std::unexpected(data.error());
    const Fingerprints known = data->run.description.fingerprints;
    const std::string place = data->run.description.settings.text(ParameterId::Data);
    if (auto valid = forkRun(*data, from.changes); !valid)
        return std::unexpected(valid.error());
    auto beginning = restored(*std::move(data), shelf, from.changes, false);
    if (!beginning)
        return beginning;
    const RunDescription &run = beginning->trainer->state().description;
    if (run.settings.text(ParameterId::Data) != place && areOthers(known, run.fingerprints))
        return fail(ErrorCode::BadValue,
                    fmt::format("{}: expected the images of {}, on which the snapshot was trained, found others in {}.",
                                spec(ParameterId::Data).key, place, run.settings.text(ParameterId::Data)));
    return beginning;
}

} // namespace

LogEntry logEntry(const TrainingState &state, LogEntry::What what, Author by)
{
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return {.step = state.progress.step,
            .by = by,
            .time = std::chrono::duration_cast<std::chrono::seconds>(now).count(),
            .what = std::move(what)};
}

Started startedWith(const TrainingState &state, std::vector<SetParameter> changes)
{
    return {.threads = state.description.threads,
            .program = CONDENSATE_VERSION,
            .torch = torchVersion(),
            .processor = processorName(),
            .changes = std::move(changes),
            .hasCodebooks = state.progress.codebooksAreLive};
}

Result<Beginning> beginRun(const StartPoint &from, DatasetShelf &shelf)
{
    return std::visit(Overloaded{[&](const FromSettings &settings) { return begin(settings, shelf); },
                                 [&](const FromSnapshot &snapshot) { return goOn(snapshot, shelf); },
                                 [&](const Branch &branch) { return branchOff(branch, shelf); }},
                      from);
}

} // namespace engine
