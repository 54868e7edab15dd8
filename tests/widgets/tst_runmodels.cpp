// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/sampleframes.h"
#include "widgets/models/journalmodel.h"
#include "widgets/models/layertablemodel.h"
#include "widgets/models/texts.h"
#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using widgets::JournalModel;
using widgets::LayerTableModel;
using widgets::ParameterModel;
using widgets::RunModel;
using widgets::RunState;

class TstRunModels : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_sample = support::condense({.frames = 40}); }
    void followsARun();
    void tellsOnceABatch();
    void keepsTheHistory();
    void knowsWhatIsUnsaved();
    void anOpenedSnapshotIsSaved();
    void aFinishedSnapshotOpensFinished();
    void selectsOnlyLayersThatExist();
    void beginsWithTheLargestLayer();
    void keepsTheChosenLayer();
    void layerTableShowsTheFrame();
    void layerTableEditsLambda();
    void layerTableTellsOfFloatLayers();
    void journalTellsFacts();
    void journalIsBounded();
    void numbers_data();
    void numbers();

private:
    void prepare(RunModel &model) const { model.apply(engine::Prepared{m_sample.description, std::make_shared<engine::History>()}); }
    support::SampleRun m_sample;
};

void TstRunModels::followsARun()
{
    RunModel model;
    model.reset(RunState::Preparing);
    prepare(model);
    QCOMPARE(model.state(), RunState::Running);
    model.apply(engine::Paused{engine::Step{3}, {}});
    QCOMPARE(model.state(), RunState::Paused);
    model.apply(engine::Resumed{engine::Step{3}});
    QCOMPARE(model.state(), RunState::Running);
    model.apply(engine::StageEntered{engine::Stage::Cluster, engine::Step{9}});
    QCOMPARE(model.stage(), engine::Stage::Cluster);
    model.setStopping();
    model.apply(engine::Paused{engine::Step{10}, {}}); // on its way already
    QCOMPARE(model.state(), RunState::Stopping);
    model.apply(engine::Stopped{engine::Step{10}});
    QCOMPARE(model.state(), RunState::Ended);
    QCOMPARE(model.step(), engine::Step{10});
}

void TstRunModels::tellsOnceABatch()
{
    RunModel model;
    QSignalSpy changed{&model, &RunModel::changed};
    prepare(model);
    for (const auto &sample : m_sample.history->samples())
        model.apply(engine::Sampled{sample});
    model.setFrame(m_sample.last());
    QCOMPARE(changed.size(), 0);
    model.flush();
    model.flush();
    QCOMPARE(changed.size(), 1);
}

void TstRunModels::keepsTheHistory()
{
    RunModel model;
    auto before = std::make_shared<engine::History>();
    const auto &samples = m_sample.history->samples();
    for (std::size_t i = 0; i < samples.size() / 2; ++i)
        before->add(samples[i]);
    model.apply(engine::Prepared{m_sample.description, before}); // as from a snapshot
    for (std::size_t i = samples.size() / 2; i < samples.size(); ++i)
        model.apply(engine::Sampled{samples[i]});
    QCOMPARE(model.history()->samples().size(), samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i)
        QCOMPARE(model.history()->samples()[i].step, samples[i].step);
    QCOMPARE(before->samples().size(), samples.size() / 2); // what the run handed out is untouched
}

void TstRunModels::knowsWhatIsUnsaved()
{
    RunModel model;
    prepare(model);
    QVERIFY(!model.hasUnsavedSteps());
    model.setFrame(m_sample.frames[10]);
    QVERIFY(model.hasUnsavedSteps());
    model.apply(engine::SnapshotSaved{{}, "copy.h5", model.step(), engine::SnapshotUse::Copy});
    QVERIFY(model.hasUnsavedSteps() && model.file().empty() && !model.savedStep());
    model.apply(engine::SnapshotSaved{{}, "run.h5", model.step(), engine::SnapshotUse::Keep});
    QVERIFY(!model.hasUnsavedSteps());
    model.setFrame(m_sample.frames[11]);
    QVERIFY(model.hasUnsavedSteps());
}

/// Also where it was saved between two samples.
void TstRunModels::anOpenedSnapshotIsSaved()
{
    RunModel model;
    const engine::Step step{static_cast<std::uint64_t>(m_sample.history->samples().back().step) + 3};
    model.apply(engine::Prepared{m_sample.description, m_sample.history, {}, step});
    auto frame = std::make_shared<engine::Frame>(*m_sample.last());
    frame->step = step;
    model.setFrame(frame);
    QVERIFY(!model.hasUnsavedSteps());
    QCOMPARE(model.step(), step);
}

void TstRunModels::aFinishedSnapshotOpensFinished()
{
    RunModel model;
    model.reset(RunState::Preparing);
    prepare(model);
    model.apply(engine::StageEntered{engine::Stage::Finished, engine::Step{50}});
    model.apply(engine::Paused{engine::Step{50}, {}});
    QCOMPARE(model.state(), RunState::Finished);
    QVERIFY(model.canSave());
    QVERIFY(!model.isLive());
}

void TstRunModels::selectsOnlyLayersThatExist()
{
    RunModel model;
    model.selectLayer(engine::LayerId{1});
    QCOMPARE(index(model.selectedLayer()), std::size_t{0});
    prepare(model);
    model.flush();
    model.selectLayer(engine::LayerId{0});
    QSignalSpy changed{&model, &RunModel::changed};
    model.selectLayer(engine::LayerId{4});
    QCOMPARE(index(model.selectedLayer()), std::size_t{4});
    model.selectLayer(engine::LayerId{5});
    QCOMPARE(index(model.selectedLayer()), std::size_t{4});
    QCOMPARE(changed.size(), 1);
}

void TstRunModels::beginsWithTheLargestLayer()
{
    RunModel model;
    prepare(model);
    const auto &layers = m_sample.description->layers;
    const auto chosen = index(model.selectedLayer());
    QVERIFY(chosen > 0); // lenet5: not the first
    for (const auto &layer : layers)
        QVERIFY(layer.weightCount <= layers[chosen].weightCount);
}

void TstRunModels::keepsTheChosenLayer()
{
    RunModel model;
    prepare(model);
    const auto largest = model.selectedLayer();
    model.selectLayer(engine::LayerId{1});
    model.reset(RunState::Preparing);
    prepare(model);
    QCOMPARE(model.selectedLayer(), engine::LayerId{1}); // the same network again
    auto other = std::make_shared<engine::RunDescription>(*m_sample.description);
    other->layers.front().name += "2";
    model.reset(RunState::Preparing);
    model.apply(engine::Prepared{other, nullptr});
    QCOMPARE(model.selectedLayer(), largest); // another one
}

void TstRunModels::layerTableShowsTheFrame()
{
    RunModel run;
    ParameterModel parameters;
    LayerTableModel table{run, parameters};
    QAbstractItemModelTester tester{&table, QAbstractItemModelTester::FailureReportingMode::QtTest};
    QCOMPARE(table.rowCount(), 0);
    prepare(run);
    table.refresh(RunModel::Everything);
    QCOMPARE(table.rowCount(), 5);
    QCOMPARE(table.index(1, LayerTableModel::Distance).data().toString(), QStringLiteral("–"));
    run.setFrame(m_sample.last());
    QSignalSpy changed{&table, &QAbstractItemModel::dataChanged};
    table.refresh(RunModel::FrameChanged);
    QCOMPARE(changed.size(), 1);
    const auto &layer = m_sample.last()->layers[1];
    const auto text = [&](int column) { return table.index(1, column).data().toString(); };
    QCOMPARE(text(LayerTableModel::Name), QStringLiteral("features.3"));
    QCOMPARE(text(LayerTableModel::Shape), QStringLiteral("16 × 6 × 5 × 5"));
    QCOMPARE(text(LayerTableModel::Weights), widgets::wholeNumber(2400));
    QCOMPARE(text(LayerTableModel::K), QStringLiteral("4"));
    QCOMPARE(text(LayerTableModel::Dead), QString::number(layer.deadCount()));
    QCOMPARE(text(LayerTableModel::Distance), widgets::shortNumber(layer.meanDistance));
    QCOMPARE(text(LayerTableModel::Entropy), QString::number(engine::entropyBits(layer.occupancy), 'f', 2));
    for (int column = 0; column < LayerTableModel::ColumnCount; ++column)
        QVERIFY(!table.headerData(column, Qt::Horizontal, Qt::ToolTipRole).toString().isEmpty());
}

void TstRunModels::layerTableEditsLambda()
{
    RunModel run;
    ParameterModel parameters;
    LayerTableModel table{run, parameters};
    prepare(run);
    run.setFrame(m_sample.last());
    table.refresh(RunModel::Everything);
    const auto cell = table.index(2, LayerTableModel::Lambda);
    QVERIFY(!(table.flags(cell) & Qt::ItemIsEditable)); // no run, nobody to ask
    std::vector<engine::Command> commands;
    parameters.attach([&](engine::Command command) {
        commands.push_back(std::move(command));
        return engine::CommandId{commands.size()};
    });
    QVERIFY(table.flags(cell) & Qt::ItemIsEditable);
    QVERIFY(!table.setData(cell, QStringLiteral("much")));
    QVERIFY(!table.setData(cell, QStringLiteral("-1")));
    QVERIFY(cell.data(Qt::ToolTipRole).toString().contains(QStringLiteral("-1"))); // says what was wrong
    QVERIFY(table.setData(cell, QStringLiteral("0.5")));
    QCOMPARE(cell.data().toString(), QStringLiteral("0.5"));
    QTRY_COMPARE(commands.size(), std::size_t{1});
    parameters.replied({engine::CommandId{1}, commands[0], engine::Applied{}});
    QVERIFY(table.setData(cell, QString{})); // empty: follow the global λ again
    QTRY_COMPARE(commands.size(), std::size_t{2});
    QVERIFY(!std::get<engine::SetLayerLambda>(commands[1]).lambda);
}

/// Two rows among the five, where they stand in the network.
void TstRunModels::layerTableTellsOfFloatLayers()
{
    RunModel run;
    ParameterModel parameters;
    LayerTableModel table{run, parameters};
    QAbstractItemModelTester tester{&table, QAbstractItemModelTester::FailureReportingMode::QtTest};
    auto description = *m_sample.description;
    description.floatLayers = {
        {.info = {.name = "stem", .kind = "conv", .shape = {5, 2, 1, 1}, .weightCount = 10}, .quantizedBefore = 0},
        {.info = {.name = "head<1>", .kind = "linear", .shape = {100, 50}, .weightCount = 5000}, .quantizedBefore = 3}};
    QVERIFY(description.settings.setText(engine::ParameterId::Layers, "*:k=4; head*:float; stem:float"));
    run.reset(RunState::Preparing);
    run.apply(engine::Prepared{std::make_shared<engine::RunDescription>(description), nullptr});
    table.refresh(RunModel::Everything);
    parameters.attach([](const engine::Command &) { return engine::CommandId{1}; });
    QCOMPARE(table.rowCount(), 7);
    const auto cell = [&](int row, int column) { return table.index(row, column); };
    QStringList names;
    for (int row = 0; row < 7; ++row)
        names << cell(row, LayerTableModel::Name).data().toString();
    QCOMPARE(names, (QStringList{"stem", "features.0", "features.3", "classifier.0", "head<1>", "classifier.2", "classifier.4"}));
    QVERIFY(!table.layerAt(0) && !table.layerAt(4) && !table.layerAt(7) && !table.layerAt(-1));
    for (std::uint16_t layer = 0; layer < 5; ++layer)
        QCOMPARE(index(*table.layerAt(table.rowOf(engine::LayerId{layer}))), std::size_t{layer});
    QCOMPARE(cell(4, LayerTableModel::Share).data().toString(), QStringLiteral("–"));
    run.setFrame(m_sample.last());
    table.refresh(RunModel::FrameChanged);
    QCOMPARE(cell(4, LayerTableModel::Kind).data().toString(), QStringLiteral("linear"));
    QCOMPARE(cell(4, LayerTableModel::Weights).data().toString(), widgets::wholeNumber(5000));
    QCOMPARE(cell(4, LayerTableModel::K).data().toString(), QStringLiteral("float"));
    QCOMPARE(cell(4, LayerTableModel::Share).data().toString(), widgets::shortShare(20000 / m_sample.last()->size.entropyBytes));
    QCOMPARE(cell(5, LayerTableModel::Distance).data().toString(), widgets::shortNumber(m_sample.last()->layers[3].meanDistance));
    QVERIFY(cell(4, LayerTableModel::Name).data(Qt::FontRole).value<QFont>().italic());
    QVERIFY(!(table.flags(cell(4, LayerTableModel::Lambda)) & (Qt::ItemIsEditable | Qt::ItemIsSelectable | Qt::ItemIsEnabled)));
    QVERIFY(table.flags(cell(5, LayerTableModel::Lambda)) & Qt::ItemIsEditable);
    QVERIFY(!table.setData(cell(4, LayerTableModel::Lambda), QStringLiteral("2")));
    const auto why = cell(4, LayerTableModel::K).data(Qt::ToolTipRole).toString();
    QVERIFY2(why.contains("head*:float") && why.contains("new run") && why.contains("head&lt;1&gt;"), qPrintable(why));
}

void TstRunModels::journalTellsFacts()
{
    JournalModel journal;
    QAbstractItemModelTester tester{&journal, QAbstractItemModelTester::FailureReportingMode::QtTest};
    journal.apply(engine::Prepared{m_sample.description, nullptr});
    journal.apply(engine::Sampled{});
    journal.apply(engine::Logged{{engine::Step{12}, engine::Author::Hand, 0, engine::SetParameter{engine::ParameterId::Lambda, 0.5}}});
    journal.apply(engine::CommandReplied{{}, engine::Pause{}, engine::Applied{engine::Step{12}}}); // Paused tells it
    journal.apply(engine::Failed{{engine::ErrorCode::NotFound, "No such folder."}});
    QCOMPARE(journal.rowCount(), 3);
    QVERIFY(journal.index(1, JournalModel::Text).data().toString().contains(QStringLiteral("0.5")));
    QCOMPARE(journal.index(1, JournalModel::Step).data().toString(), QStringLiteral("12"));
    QCOMPARE(journal.index(2, JournalModel::Text).data().toString(), QStringLiteral("No such folder."));
    QCOMPARE(journal.index(2, 0).data(Qt::UserRole).toInt(), static_cast<int>(JournalModel::Severity::Error));
}

void TstRunModels::journalIsBounded()
{
    JournalModel journal;
    for (std::size_t i = 0; i < JournalModel::kCapacity + 10; ++i)
        journal.add(JournalModel::Severity::Fact, QString::number(i), engine::Step{i});
    QCOMPARE(static_cast<std::size_t>(journal.rowCount()), JournalModel::kCapacity);
    QCOMPARE(journal.index(0, JournalModel::Text).data().toString(), QStringLiteral("10"));
}

void TstRunModels::numbers_data()
{
    QTest::addColumn<QString>("shown");
    QTest::addColumn<QString>("expected");
    QTest::newRow("not measured") << widgets::shortShare(engine::kNotMeasured) << QStringLiteral("–");
    QTest::newRow("share") << widgets::shortShare(0.2345) << QStringLiteral("23.4 %"); // as IEEE rounds
    QTest::newRow("tiny share is not none") << widgets::shortShare(0.00004) << QStringLiteral("0.004 %");
    QTest::newRow("groups") << widgets::wholeNumber(1234567).replace(QChar{0x2009}, QLatin1Char('_')) << QStringLiteral("1_234_567");
    QTest::newRow("seconds") << widgets::duration(59.4) << QStringLiteral("59 s");
    QTest::newRow("minutes") << widgets::duration(200) << QStringLiteral("3 min 20 s");
    QTest::newRow("hours") << widgets::duration(7260) << QStringLiteral("2 h 1 min");
    QTest::newRow("unknown time") << widgets::duration(engine::kNotMeasured) << QStringLiteral("–");
}

void TstRunModels::numbers()
{
    QFETCH(QString, shown);
    QTEST(shown, "expected");
}

QTEST_MAIN(TstRunModels)
#include "tst_runmodels.moc"
