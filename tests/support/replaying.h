// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/recipes/recipe.h"
#include "engine/runs/replay.h"
#include "tests/support/finishedrun.h"
#include "tests/support/samebits.h"
#include <QTemporaryDir>
#include <QtTest>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Runs steered by hand, and the same once more from what their snapshots know.
namespace support {

/// What is asked of a run that is paused at a step.
struct Turn {
    std::uint64_t step = 0;
    std::vector<engine::Command> commands;
};

/// Takes a run that is paused at or before the step there. False where it does not arrive.
inline bool goTo(Follower &follower, std::uint64_t step)
{
    follower.ask(engine::PauseAt{engine::Step{step}}); // refused where it is there
    if (!std::holds_alternative<engine::Applied>(follower.ask(engine::Resume{})))
        return false;
    return follower.await<engine::Paused>([step](const engine::Paused &paused) { return count(paused.step) == step; }) != nullptr;
}

/// Begins a run, asks what is to be asked, and leaves it paused at the last turn. An empty text, or what went wrong.
inline std::string steer(engine::Run &run, Follower &follower, const std::vector<Turn> &turns)
{
    run.start({.paused = true});
    const auto *began = follower.await<engine::Paused>();
    if (!began)
        return "the run did not begin";
    std::uint64_t at = count(began->step);
    for (const auto &turn : turns) {
        if (turn.step > at && !goTo(follower, turn.step))
            return "the run did not come to step " + std::to_string(turn.step);
        at = turn.step;
        for (const auto &command : turn.commands) {
            const auto reply = follower.ask(command);
            if (const auto *rejected = std::get_if<engine::Rejected>(&reply))
                return rejected->why.text;
            if (const auto *restart = std::get_if<engine::NeedsRestart>(&reply))
                return restart->because;
        }
    }
    return {};
}

/// Lets a paused run train to its end.
inline engine::Result<engine::SnapshotData> toEnd(engine::Run &run, Follower &follower, const std::filesystem::path &file)
{
    follower.ask(engine::Resume{});
    if (!follower.await<engine::Finished>())
        return engine::fail(engine::ErrorCode::Internal, "the run did not finish");
    return takeSnapshot(run, follower, file);
}

class SilentWatcher final : public engine::RunWatcher {
public:
    void event(const engine::Event &) override {}
    void frame(const engine::Frame &) override {}
    void remark(std::string_view) override {}
};

/// A run once more, as far as it gets.
inline engine::Result<engine::SnapshotData> runAgain(engine::FromSettings from)
{
    const QTemporaryDir folder;
    engine::Run run{std::move(from)};
    engine::Signals system;
    SilentWatcher watcher;
    const std::filesystem::path file = folder.filePath(QStringLiteral("again.h5")).toStdString();
    const auto end = engine::follow(run, {.paused = false, .keeps = {.newest = file}, .shelf = {}, .ready = {}}, system, watcher);
    if (end.why)
        return std::unexpected(*end.why);
    return engine::readSnapshot(end.snapshot);
}

/// The run of a snapshot, replayed, has its very bits.
inline void compareReplay(const engine::SnapshotData &stored)
{
    const auto from = engine::replayOf(stored.run);
    QVERIFY2(from, from ? "" : from.error().text.c_str());
    const auto again = runAgain(*from);
    QVERIFY2(again, again ? "" : again.error().text.c_str());
    compareBits(*again, stored);
    const auto comparison = engine::compareStates(stored, *again);
    QVERIFY2(comparison.isSame(), engine::describe(comparison, stored.run).c_str());
}

/// So has the recipe that its log makes, written and read, at the run's end. Requires: a finished run.
inline void compareRecipe(const engine::SnapshotData &stored)
{
    const std::string text = engine::recipeText(engine::recipeOf(stored.run.log), "once more");
    const auto recipe = engine::parseRecipe(text, "the recipe");
    QVERIFY2(recipe, recipe ? "" : recipe.error().text.c_str());
    const auto again = runAgain({recipe->settings, recipe->changes});
    QVERIFY2(again, again ? "" : again.error().text.c_str());
    const std::string part = stateDifference(*again, stored);
    QVERIFY2(part.empty(), (part + " differs of the run of\n" + text).c_str());
}

} // namespace support
