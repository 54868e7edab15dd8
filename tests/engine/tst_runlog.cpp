// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/packedfile.h"
#include "engine/packing/packsnapshot.h"
#include "engine/recipes/recipe.h"
#include "engine/run/run.h"
#include "tests/support/finishedrun.h"
#include "tests/support/quickrun.h"
#include <QTemporaryDir>
#include <QtTest>
#include <functional>

using namespace engine;
using support::applied, support::quick;

namespace {

LogEntry entry(std::uint64_t step, LogEntry::What what, Author by = Author::Hand)
{
    return {.step = Step{step}, .by = by, .time = 1'700'000'000, .what = std::move(what)};
}

/// One of each kind.
RunLog sample()
{
    RunLog log{.start = quick(), .entries = {}, .ahead = {}, .isComplete = true};
    log.entries = {entry(0, Started{2, "0.2", "2.0", "A processor", {{ParameterId::Lambda, 0.3}}, false}),
                   entry(3, SetParameter{ParameterId::Lambda, 0.5}),
                   entry(5, SetLayerLambda{"features.3", 2.0}),
                   entry(6, SetLayerLambda{"features.3", std::nullopt}, Author::File),
                   entry(7, NextStage{}),
                   entry(8, PauseAt{Step{9}}),
                   entry(9, Pause{}),
                   entry(9, StepOnce{}),
                   entry(10, Resume{}),
                   entry(20, Ended{}, Author::Rule)};
    return log;
}

using Edit = std::function<void(RunLog &)>;

} // namespace
Q_DECLARE_METATYPE(Edit)

/// What a log says of a run, and what tells two logs apart.
class TstRunLog : public QObject {
    Q_OBJECT
private slots:
    void digests_data();
    void digests();
    void everyEntryHasAStepAndAnAuthor();
    void filesAndLooksHaveTheSameDigest();
    void aScriptIsLoggedAsDone();
    void aScriptIsDoneInSingleSteps();
    void aScriptThatCannotBePauses();
    void whatShapesARun();

private:
    QTemporaryDir m_folder;
    std::filesystem::path path(const char *name) const { return m_folder.filePath(QString::fromLatin1(name)).toStdString(); }
};

void TstRunLog::digests_data()
{
    QTest::addColumn<Edit>("edit");
    QTest::addColumn<bool>("isAnother");
    const auto row = [](const char *name, bool isAnother, Edit edit) { QTest::newRow(name) << std::move(edit) << isAnother; };
    row("times", false, [](RunLog &log) { log.entries[3].time = 5; });
    row("what lies ahead", false, [](RunLog &log) { log.ahead.push_back(entry(30, NextStage{})); });
    row("a setting of the start", true, [](RunLog &log) { (void)log.start.setText(ParameterId::Seed, "2"); });
    row("a rule of the start", true, [](RunLog &log) { (void)log.start.setText(ParameterId::Layers, "a:k=2"); });
    row("a step", true, [](RunLog &log) { log.entries[1].step = Step{4}; });
    row("an author", true, [](RunLog &log) { log.entries[1].by = Author::Rule; });
    row("a value", true, [](RunLog &log) { log.entries[1].what = SetParameter{ParameterId::Lambda, 0.5 + 1e-15}; });
    row("a parameter", true, [](RunLog &log) { log.entries[1].what = SetParameter{ParameterId::Entropy, 0.5}; });
    row("a layer", true, [](RunLog &log) { log.entries[2].what = SetLayerLambda{"features.0", 2.0}; });
    row("a layer's value", true, [](RunLog &log) { log.entries[3].what = SetLayerLambda{"features.3", 0.0}; });
    row("one less", true, [](RunLog &log) { log.entries.pop_back(); });
    row("two in another order", true, [](RunLog &log) { std::swap(log.entries[6], log.entries[7]); });
    row("another step to pause at", true, [](RunLog &log) { log.entries[5].what = PauseAt{Step{10}}; });
    row("threads", true, [](RunLog &log) { std::get<Started>(log.entries[0].what).threads = 1; });
    row("a processor", true, [](RunLog &log) { std::get<Started>(log.entries[0].what).processor += "2"; });
    row("a LibTorch", true, [](RunLog &log) { std::get<Started>(log.entries[0].what).torch += ".1"; });
    row("a change of a branch", true, [](RunLog &log) { std::get<Started>(log.entries[0].what).changes.clear(); });
    row("whether it had codebooks", true, [](RunLog &log) { std::get<Started>(log.entries[0].what).hasCodebooks = true; });
}
void TstRunLog::digests()
{
    QFETCH(Edit, edit);
    QFETCH(bool, isAnother);
    RunLog log = sample();
    edit(log);
    const auto digest = QString::fromStdString(log.digest());
    QVERIFY(QRegularExpression{"^[0-9a-f]{32}$"}.match(digest).hasMatch());
    QCOMPARE(digest != QString::fromStdString(sample().digest()), isAnother);
}

void TstRunLog::everyEntryHasAStepAndAnAuthor()
{
    Run run{FromSettings{quick()}};
    Follower follower{run};
    run.start({.paused = true});
    QVERIFY(follower.await<Paused>());
    QVERIFY(applied(follower.ask(SetParameter{ParameterId::Lambda, 0.3})));
    QVERIFY(!applied(follower.ask(SetParameter{ParameterId::Lambda, -1.0}))); // what is refused was not done
    QVERIFY(!applied(follower.ask(SetParameter{ParameterId::Model, std::string{"alexnet"}})));
    QVERIFY(applied(follower.ask(PauseAt{Step{4}})));
    QVERIFY(applied(follower.ask(Resume{})));
    QVERIFY(follower.await<Paused>());
    QVERIFY(applied(follower.ask(StepOnce{})));
    QVERIFY(follower.await<Paused>());
    QVERIFY(applied(follower.ask(SetLayerLambda{"features.3", 1.0})));
    QVERIFY(applied(follower.ask(MeasurePacked{}))); // changes nothing
    QVERIFY(applied(follower.ask(NextStage{})));
    QVERIFY(applied(follower.ask(Resume{})));
    QVERIFY(follower.await<Finished>());
    const auto data = support::takeSnapshot(run, follower, path("run.h5"));
    QVERIFY(data);
    const RunLog &log = data->run.log;
    QVERIFY(log.isComplete && log.ahead.empty() && log.start == quick());
    std::vector<LogEntry> expected{entry(0, SetParameter{ParameterId::Lambda, 0.3}), entry(0, PauseAt{Step{4}}), entry(0, Resume{}),
                                   entry(4, StepOnce{}), entry(5, SetLayerLambda{"features.3", 1.0}), entry(5, NextStage{}),
                                   entry(5, Resume{}), entry(35, Ended{}, Author::Rule)};
    QCOMPARE(log.entries.size(), expected.size() + 1);
    QVERIFY(std::holds_alternative<Started>(log.entries.front().what));
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const LogEntry &found = log.entries[i + 1];
        QVERIFY(found.time > 1'700'000'000);
        QVERIFY2(found.step == expected[i].step && found.by == expected[i].by && found.what == expected[i].what,
                 qPrintable(QString::number(i)));
    }
    // It was told as it grew.
    std::vector<LogEntry> told;
    for (const auto &event : follower.events) {
        if (const auto *logged = std::get_if<Logged>(&event))
            told.push_back(logged->entry);
    }
    QVERIFY((std::vector<LogEntry>{log.entries.begin() + 1, log.entries.end()}) == told);
}

void TstRunLog::filesAndLooksHaveTheSameDigest()
{
    Run run{FromSettings{quick({{ParameterId::Epochs, "1"}})}};
    const auto finished = support::finishRun(run, path("run.h5"));
    QVERIFY(finished);
    const auto digest = finished->data.run.log.digest();
    const auto contents = packSnapshot(finished->data, path("run.cnd"));
    QVERIFY2(contents, contents ? "" : contents.error().text.c_str());
    const auto model = readPacked(path("run.cnd"));
    QVERIFY(model);
    QCOMPARE(model->provenance.logDigest, digest);

    Run look{FromSnapshot{path("run.h5")}};
    const auto seen = support::finishRun(look, path("seen.h5"));
    QVERIFY(seen);
    QVERIFY(seen->data.run.log == finished->data.run.log);
    QCOMPARE(seen->data.run.log.digest(), digest);

    Run longer{FromSnapshot{path("run.h5"), {{ParameterId::Epochs, std::int64_t{2}}}}};
    const auto further = support::finishRun(longer, path("longer.h5"));
    QVERIFY(further);
    QVERIFY(further->data.run.log.digest() != digest);
    auto begun = further->data.run.log.entries; // what was done before stays as it was
    begun.resize(finished->data.run.log.entries.size());
    QVERIFY(begun == finished->data.run.log.entries);
}

void TstRunLog::aScriptIsLoggedAsDone()
{
    const std::vector<LogEntry> script{entry(2, SetParameter{ParameterId::Lambda, 0.5}, Author::File),
                                       entry(4, SetLayerLambda{"classifier.5", 3.0}, Author::File), entry(9, NextStage{}, Author::File),
                                       entry(12, SetParameter{ParameterId::ClusterRate, 0.01}, Author::File)};
    Run run{FromSettings{quick(), script}};
    Follower follower{run};
    run.start({.paused = true});
    QVERIFY(follower.await<Paused>());
    QVERIFY(applied(follower.ask(PauseAt{Step{10}})));
    QVERIFY(applied(follower.ask(Resume{})));
    QVERIFY(follower.await<Paused>());
    const auto middle = support::takeSnapshot(run, follower, path("middle.h5"));
    QVERIFY(middle);
    QCOMPARE(middle->run.log.ahead.size(), 1u);
    QVERIFY(middle->run.log.ahead.front() == script.back());

    Run rest{FromSnapshot{path("middle.h5")}}; // what lies ahead came along
    const auto finished = support::finishRun(rest, path("rest.h5"));
    QVERIFY(finished);
    std::vector<LogEntry> done;
    for (LogEntry each : finished->data.run.log.entries) {
        each.time = script.front().time;
        if (each.by == Author::File)
            done.push_back(std::move(each));
    }
    QVERIFY(done == script);
    QVERIFY(finished->data.run.log.ahead.empty());
    const auto recipe = recipeOf(middle->run.log);
    QCOMPARE(recipe.changes.size(), script.size());
}

void TstRunLog::aScriptIsDoneInSingleSteps()
{
    const std::vector<LogEntry> script{entry(1, SetParameter{ParameterId::Lambda, 0.5}, Author::File), entry(2, NextStage{}, Author::File)};
    Run run{FromSettings{quick(), script}};
    Follower follower{run};
    run.start({.paused = true});
    QVERIFY(follower.await<Paused>());
    for (std::uint64_t step = 1; step <= 3; ++step) {
        QVERIFY(applied(follower.ask(StepOnce{})));
        const auto *paused = follower.await<Paused>();
        QVERIFY(paused);
        QCOMPARE(count(paused->step), step);
    }
    std::vector<std::uint64_t> steps;
    for (const auto &event : follower.events) {
        const auto *logged = std::get_if<Logged>(&event);
        if (logged && logged->entry.by == Author::File)
            steps.push_back(count(logged->entry.step));
    }
    QVERIFY((steps == std::vector<std::uint64_t>{1, 2}));
}

void TstRunLog::aScriptThatCannotBePauses()
{
    const std::vector<LogEntry> script{entry(2, SetLayerLambda{"features.99", 3.0}, Author::File),
                                       entry(3, SetParameter{ParameterId::Seed, std::int64_t{5}}, Author::File)};
    Run run{FromSettings{quick(), script}};
    Follower follower{run};
    run.start();
    for (const auto &[step, says] : {std::pair{2u, "What was to be done at step 2 cannot be: "},
                                     std::pair{3u, "seed: expected 1, with which it was trained so far, found 5."}}) {
        const auto *paused = follower.await<Paused>();
        QVERIFY(paused);
        QCOMPARE(count(paused->step), std::uint64_t{step});
        QVERIFY2(paused->reason.find(says) != std::string::npos, paused->reason.c_str());
        QVERIFY(applied(follower.ask(Resume{})));
    }
    QVERIFY(follower.await<Finished>());
}

void TstRunLog::whatShapesARun()
{
    const auto log = sample();
    QCOMPARE(std::ranges::count_if(log.entries, &LogEntry::shapesRun), 6);
    QVERIFY(name(Author::Hand) == "hand" && name(Author::Rule) == "rule" && name(Author::File) == "file");
    const auto recipe = recipeOf(log);
    QCOMPARE(recipe.changes.size(), 5u); // what it began with, and neither start nor end
    QVERIFY(std::ranges::all_of(recipe.changes, [](const LogEntry &each) { return each.by == Author::File && each.time == 0; }));
}

QTEST_APPLESS_MAIN(TstRunLog)
#include "tst_runlog.moc"
