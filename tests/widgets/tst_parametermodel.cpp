// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/commands/setparameter.h"
#include "widgets/models/parametermodel.h"
#include <QSignalSpy>
#include <QTest>
#include <QUndoStack>

using engine::ParameterId;
using widgets::ParameterModel;
using widgets::SettingKey;
using widgets::SettingState;
using widgets::SettingValue;

namespace {

const SettingKey kLambda{ParameterId::Lambda, {}};
const SettingKey kOwnLambda{ParameterId::Lambda, "features.3"};

/// λ = 1, whatever the default is.
engine::Settings lambdaOne()
{
    engine::Settings settings;
    (void)settings.setText(ParameterId::Lambda, "1");
    return settings;
}

/// Answers like a run: collects commands, replies when asked to.
struct Desk {
    explicit Desk(ParameterModel &m) : model{m}
    {
        model.reset(lambdaOne());
        model.attach([this](engine::Command command) {
            commands.push_back({engine::CommandId{++last}, std::move(command)});
            return commands.back().first;
        });
        QObject::connect(&model, &ParameterModel::applied, &model,
                         [this](const SettingKey &key, const SettingValue &before, const SettingValue &after, quint64 drag) {
                             undo.push(new widgets::SetParameterCommand{model, key, before, after, drag});
                         });
    }
    void answerAll(const engine::Reply &reply)
    {
        for (auto &[id, command] : std::exchange(commands, {})) {
            model.replied({id, command, reply});
            ++answered;
        }
    }
    ParameterModel &model;
    std::vector<std::pair<engine::CommandId, engine::Command>> commands;
    QUndoStack undo;
    std::uint64_t last = 0;
    int answered = 0;
};

} // namespace

class TstParameterModel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aDraftTakesValidValuesAtOnce();
    void aDraftRefusesImpossibleValues();
    void pendingUntilApplied();
    void rejectedReturnsToTheConfirmedValue_data();
    void rejectedReturnsToTheConfirmedValue();
    void fixedParametersAreNotPosted();
    void aDragIsOneCommandATickAndOneUndoStep();
    void waitsForTheAnswerBeforeItAsksAgain();
    void undoAndRedoAskTheRun();
    void aDragBackToTheStartLeavesNoUndoStep();
    void lambdaOfALayer();
    void layerLambdasAreRules();
    void plansComeTrueWhenTheRunIsOver();
};

void TstParameterModel::aDraftTakesValidValuesAtOnce()
{
    ParameterModel model;
    QSignalSpy applied{&model, &ParameterModel::applied};
    model.propose({ParameterId::Model, {}}, std::string{"vgg16"}, model.newDrag());
    QCOMPARE(model.settings().text(ParameterId::Model), std::string{"vgg16"});
    QCOMPARE(model.state({ParameterId::Model, {}}), SettingState::Confirmed);
    QCOMPARE(applied.size(), 1);
}

void TstParameterModel::aDraftRefusesImpossibleValues()
{
    ParameterModel model;
    model.propose({ParameterId::CodebookSize, {}}, std::int64_t{1000}, model.newDrag());
    QCOMPARE(model.settings().whole(ParameterId::CodebookSize), 4);
    QCOMPARE(model.state({ParameterId::CodebookSize, {}}), SettingState::Rejected);
    QVERIFY(model.reason({ParameterId::CodebookSize, {}}).contains(QStringLiteral("256")));
}

void TstParameterModel::pendingUntilApplied()
{
    ParameterModel model;
    Desk desk{model};
    model.propose(kLambda, 3.0, model.newDrag());
    QCOMPARE(model.state(kLambda), SettingState::Pending);
    QCOMPARE(std::get<double>(*model.shown(kLambda)), 3.0);
    QCOMPARE(std::get<double>(*model.confirmed(kLambda)), 1.0);
    QTRY_COMPARE(desk.commands.size(), std::size_t{1});
    desk.answerAll(engine::Applied{});
    QCOMPARE(model.state(kLambda), SettingState::Confirmed);
    QCOMPARE(model.settings().real(ParameterId::Lambda), 3.0);
    QCOMPARE(desk.undo.count(), 1);
}

void TstParameterModel::rejectedReturnsToTheConfirmedValue_data()
{
    QTest::addColumn<bool>("needsRestart");
    QTest::newRow("rejected") << false;
    QTest::newRow("needs a restart") << true;
}

void TstParameterModel::rejectedReturnsToTheConfirmedValue()
{
    QFETCH(bool, needsRestart);
    ParameterModel model;
    Desk desk{model};
    model.propose(kLambda, 3.0, model.newDrag());
    QTRY_COMPARE(desk.commands.size(), std::size_t{1});
    desk.answerAll(needsRestart ? engine::Reply{engine::NeedsRestart{"because"}}
                                : engine::Reply{engine::Rejected{{engine::ErrorCode::BadValue, "because"}}});
    QCOMPARE(model.state(kLambda), SettingState::Rejected);
    QCOMPARE(std::get<double>(*model.shown(kLambda)), 1.0);
    QCOMPARE(model.reason(kLambda), QStringLiteral("because"));
    QCOMPARE(desk.undo.count(), 0); // a refused move leaves no trace
}

void TstParameterModel::fixedParametersAreNotPosted()
{
    ParameterModel model;
    Desk desk{model};
    model.propose({ParameterId::CodebookSize, {}}, std::int64_t{8}, model.newDrag());
    QCOMPARE(model.state({ParameterId::CodebookSize, {}}), SettingState::Rejected);
    model.propose(kLambda, 3.0, model.newDrag());
    QTRY_VERIFY(!desk.commands.empty()); // a tick has come
    QCOMPARE(desk.commands.size(), std::size_t{1});
    QCOMPARE(std::get<engine::SetParameter>(desk.commands[0].second).id, ParameterId::Lambda);
    model.detach();
    model.propose({ParameterId::CodebookSize, {}}, std::int64_t{8}, model.newDrag());
    QCOMPARE(model.settings().whole(ParameterId::CodebookSize), 8);
}

void TstParameterModel::aDragIsOneCommandATickAndOneUndoStep()
{
    ParameterModel model;
    Desk desk{model};
    int ticks = 0;
    connect(&model, &ParameterModel::posted, this, [&] {
        ++ticks;
        QCOMPARE(desk.commands.size(), std::size_t{1}); // at most one for a key and tick
        desk.answerAll(engine::Applied{});
    });
    const auto drag = model.newDrag();
    for (int move = 1; move <= 40; ++move) {
        model.propose(kLambda, 1.0 + move, drag);
        if (move % 10 == 0)
            QTRY_COMPARE(ticks, move / 10); // ten moves share a tick, the drag spans four
    }
    QCOMPARE(model.settings().real(ParameterId::Lambda), 41.0);
    QCOMPARE(desk.answered, 4);
    QCOMPARE(desk.undo.count(), 1);
    desk.undo.undo();
    QTRY_COMPARE(model.settings().real(ParameterId::Lambda), 1.0);
}

void TstParameterModel::waitsForTheAnswerBeforeItAsksAgain()
{
    ParameterModel model;
    Desk desk{model};
    model.propose(kLambda, 2.0, model.newDrag());
    QTRY_COMPARE(desk.commands.size(), std::size_t{1});
    model.propose(kLambda, 3.0, model.newDrag());
    model.propose(kLambda, 4.0, model.newDrag());
    model.propose(kOwnLambda, 5.0, model.newDrag());
    QTRY_COMPARE(desk.commands.size(), std::size_t{2}); // a tick has come, and no answer
    QVERIFY(std::holds_alternative<engine::SetLayerLambda>(desk.commands[1].second));
    desk.answerAll(engine::Applied{});
    QTRY_COMPARE(desk.commands.size(), std::size_t{1});
    QCOMPARE(std::get<double>(std::get<engine::SetParameter>(desk.commands[0].second).value), 4.0);
}

void TstParameterModel::undoAndRedoAskTheRun()
{
    ParameterModel model;
    Desk desk{model};
    const auto apply = [&](double expected) {
        QTRY_COMPARE(desk.commands.size(), std::size_t{1});
        desk.answerAll(engine::Applied{});
        QCOMPARE(model.settings().real(ParameterId::Lambda), expected);
    };
    model.propose(kLambda, 3.0, model.newDrag());
    apply(3.0);
    model.propose(kLambda, 5.0, model.newDrag());
    apply(5.0);
    QCOMPARE(desk.undo.count(), 2); // two drags, two steps
    desk.undo.undo();
    apply(3.0);
    desk.undo.redo();
    apply(5.0);
    desk.undo.undo();
    apply(3.0);
    desk.undo.undo();
    apply(1.0);
    QCOMPARE(desk.undo.count(), 2); // replies to undo push nothing
}

void TstParameterModel::aDragBackToTheStartLeavesNoUndoStep()
{
    ParameterModel model;
    Desk desk{model};
    const auto drag = model.newDrag();
    for (const double value : {2.0, 1.0}) {
        model.propose(kLambda, value, drag);
        QTRY_COMPARE(desk.commands.size(), std::size_t{1});
        desk.answerAll(engine::Applied{});
    }
    QCOMPARE(desk.undo.count(), 0);
}

void TstParameterModel::lambdaOfALayer()
{
    ParameterModel model;
    Desk desk{model};
    QVERIFY(!model.shown(kOwnLambda)); // follows the global one
    model.propose(kOwnLambda, 7.0, model.newDrag());
    QTRY_COMPARE(desk.commands.size(), std::size_t{1});
    const auto &command = std::get<engine::SetLayerLambda>(desk.commands[0].second);
    QCOMPARE(command.layer, std::string{"features.3"});
    QCOMPARE(*command.lambda, 7.0);
    desk.answerAll(engine::Applied{});
    QCOMPARE(std::get<double>(*model.confirmed(kOwnLambda)), 7.0);
    desk.undo.undo();
    QTRY_COMPARE(desk.commands.size(), std::size_t{1});
    QVERIFY(!std::get<engine::SetLayerLambda>(desk.commands[0].second).lambda);
    desk.answerAll(engine::Applied{});
    QVERIFY(!model.confirmed(kOwnLambda));
}

void TstParameterModel::layerLambdasAreRules()
{
    ParameterModel model;
    auto settings = lambdaOne();
    QVERIFY(settings.setText(ParameterId::Layers, "features.*:lambda=0.25; features.0:lambda=global"));
    model.reset(settings);
    QVERIFY(!model.shown({ParameterId::Lambda, "features.0"}));
    QCOMPARE(std::get<double>(*model.shown(kOwnLambda)), 0.25);
}

void TstParameterModel::plansComeTrueWhenTheRunIsOver()
{
    ParameterModel model;
    Desk desk{model};
    int planned = 0;
    connect(&model, &ParameterModel::replanned, this, [&planned] { ++planned; });
    model.plan(ParameterId::CodebookSize, std::int64_t{16});
    QCOMPARE(planned, 1);
    QCOMPARE(model.next().whole(ParameterId::CodebookSize), 16);
    QVERIFY(model.settings().whole(ParameterId::CodebookSize) != 16 &&
            model.state({ParameterId::CodebookSize, {}}) == SettingState::Confirmed);
    model.plan(ParameterId::CodebookSize, model.settings().value(ParameterId::CodebookSize)); // as it is
    QVERIFY(!model.planned(ParameterId::CodebookSize));
    model.plan(ParameterId::CodebookSize, std::int64_t{32}, ParameterModel::Origin::History);
    QCOMPARE(planned, 2); // undo and redo make no step
    QVERIFY(desk.commands.empty());
    model.detach();
    QCOMPARE(model.settings().whole(ParameterId::CodebookSize), 32);
    QVERIFY(!model.planned(ParameterId::CodebookSize));
    model.plan(ParameterId::CodebookSize, std::int64_t{8}); // a draft takes it at once
    QCOMPARE(model.settings().whole(ParameterId::CodebookSize), 8);
    QCOMPARE(planned, 2);
}

QTEST_MAIN(TstParameterModel)
#include "tst_parametermodel.moc"
