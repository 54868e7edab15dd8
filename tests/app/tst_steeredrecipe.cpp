// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dockset.h"
#include "tests/support/replaying.h"
#include "tests/support/windowdriver.h"
#include "widgets/docks/layerdock.h"
#include "widgets/models/journalmodel.h"
#include "widgets/models/layertablemodel.h"
#include <QAction>
#include <QFileDialog>
#include <QSpinBox>
#include <QTableView>

using app::MainWindow;
using engine::ParameterId;
using widgets::RunState;

namespace {

/// 60 steps: 30 of warm-up, 24 of cluster, 6 of commit.
engine::Settings settingsOf()
{
    auto settings = shortRun();
    for (const auto &[id, text] : {std::pair{ParameterId::Epochs, "2"}, {ParameterId::BatchSize, "60"}, {ParameterId::LearningRate, "0.02"},
                                   {ParameterId::ClusterRate, "0.02"}, {ParameterId::SnappedSubset, "50"}})
        (void)settings.setText(id, text);
    return settings;
}

} // namespace

/// A run that was steered in the window, and what its recipe repeats.
class TstSteeredRecipe : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        OwnFolder::clearSettings();
        m_folder.clearRuns();
    }
    void repeatsTheRun();
    void isPlainWithoutChanges();
    void runsInTheWindow();

private:
    OwnFolder m_folder;
    QString file(const char *name) const { return m_folder.file(name); }

    static void begin(MainWindow &window);
    static void goTo(MainWindow &window, int step);
    static void propose(MainWindow &window, ParameterId id, const char *value);
    static void setLayer(MainWindow &window, int row, const QString &lambda);
    static void finish(MainWindow &window);
    static QString journal(const MainWindow &window);
    engine::Recipe saveRecipe(MainWindow &window, const char *name) const;
    engine::SnapshotData saveSnapshot(MainWindow &window, const char *name) const;
};

void TstSteeredRecipe::begin(MainWindow &window)
{
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    window.startRun(true);
    QTRY_COMPARE_WITH_TIMEOUT(window.run().state(), RunState::Paused, 60000);
}

void TstSteeredRecipe::goTo(MainWindow &window, int step)
{
    window.findChild<QAction *>(QStringLiteral("pauseAt"))->trigger();
    auto *steps = window.findChild<QDialog *>(QStringLiteral("stepDialog"));
    QVERIFY(steps);
    steps->findChild<QSpinBox *>()->setValue(step);
    steps->accept();
    delete steps;
    click(window, "runButton");
    QTRY_VERIFY_WITH_TIMEOUT(window.run().state() == RunState::Paused && count(window.run().step()) == static_cast<std::uint64_t>(step),
                             60000);
}

/// As its slider or its field does.
void TstSteeredRecipe::propose(MainWindow &window, ParameterId id, const char *value)
{
    auto &parameters = const_cast<widgets::ParameterModel &>(window.parameters());
    const auto wanted = *engine::parseValue(engine::spec(id), value);
    parameters.propose({id}, wanted, parameters.newDrag());
    QTRY_VERIFY_WITH_TIMEOUT(parameters.settings().value(id) == wanted, 20000);
}

void TstSteeredRecipe::setLayer(MainWindow &window, int row, const QString &lambda)
{
    auto *layers = window.docks().layers->table().model();
    const auto cell = layers->index(row, widgets::LayerTableModel::Lambda);
    QVERIFY(layers->setData(cell, lambda));
    const auto name = layers->index(row, widgets::LayerTableModel::Name).data().toString();
    QTRY_VERIFY_WITH_TIMEOUT(window.parameters().state({ParameterId::Lambda, name.toStdString()}) == widgets::SettingState::Confirmed,
                             20000);
}

void TstSteeredRecipe::finish(MainWindow &window)
{
    click(window, "runButton");
    QTRY_COMPARE_WITH_TIMEOUT(window.run().state(), RunState::Finished, 60000);
    QTRY_VERIFY_WITH_TIMEOUT(!window.isWindowModified(), 60000); // it saved its end
}

QString TstSteeredRecipe::journal(const MainWindow &window)
{
    const auto *table = window.findChild<QTableView *>(QStringLiteral("journalTable"));
    QString lines;
    for (int row = 0; row < table->model()->rowCount(); ++row)
        for (const int column : {widgets::JournalModel::Step, widgets::JournalModel::Text})
            lines += table->model()->index(row, column).data().toString() + (column == widgets::JournalModel::Text ? u'\n' : u' ');
    return lines;
}

engine::Recipe TstSteeredRecipe::saveRecipe(MainWindow &window, const char *name) const
{
    window.findChild<QAction *>(QStringLiteral("saveRecipe"))->trigger();
    auto *dialog = window.findChild<QFileDialog *>();
    if (dialog)
        Q_EMIT dialog->fileSelected(file(name));
    delete dialog;
    const auto recipe = engine::readRecipe(file(name).toStdString());
    return recipe.value_or(engine::Recipe{});
}

engine::SnapshotData TstSteeredRecipe::saveSnapshot(MainWindow &window, const char *name) const
{
    window.findChild<QAction *>(QStringLiteral("saveAs"))->trigger();
    auto *dialog = window.findChild<QFileDialog *>();
    if (dialog)
        Q_EMIT dialog->fileSelected(file(name));
    delete dialog;
    (void)QTest::qWaitFor([&] { return QFile::exists(file(name)); }, 30000);
    const auto data = engine::readSnapshot(file(name).toStdString());
    return data ? *data : engine::SnapshotData{};
}

void TstSteeredRecipe::repeatsTheRun()
{
    MainWindow window{{settingsOf(), false}};
    begin(window);
    propose(window, ParameterId::RateRise, "0.1");
    goTo(window, 5);
    propose(window, ParameterId::LearningRate, "0.03");
    setLayer(window, 1, QStringLiteral("2"));
    goTo(window, 9);
    propose(window, ParameterId::WeightDecay, "0.001");
    goTo(window, 14);
    window.findChild<QAction *>(QStringLiteral("nextStage"))->trigger();
    goTo(window, 18);
    propose(window, ParameterId::Lambda, "0.5");
    propose(window, ParameterId::ClusterRate, "0.01");
    goTo(window, 23);
    setLayer(window, 1, {});
    setLayer(window, 3, QStringLiteral("1,5"));
    goTo(window, 28);
    window.findChild<QAction *>(QStringLiteral("undo"))->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(window.undoStack().canRedo(), 20000);
    click(window, "stepButton");
    QTRY_COMPARE_WITH_TIMEOUT(count(window.run().step()), 29u, 20000);
    propose(window, ParameterId::Epochs, "3");
    finish(window);

    const auto lines = journal(window);
    for (const auto *line : {"5 In force: λ of features.3 = 2", "14 In force: next stage.", "18 In force: Strength λ = 0.5.",
                             "23 In force: features.3 follows the global λ.", "29 In force: Epochs = 3."})
        QVERIFY2(lines.contains(QString::fromUtf8(line)), qPrintable(lines));
    const auto recipe = saveRecipe(window, "steered.toml");
    QCOMPARE(recipe.changes.size(), 11u);
    QFile text{file("steered.toml")};
    QVERIFY(text.open(QIODevice::ReadOnly));
    const QByteArray written = text.readAll();
    QVERIFY2(written.contains("\nrecipe-format = 2\n") && written.count("\n[[at]]\n") == 11, written.constData());
    const auto stored = saveSnapshot(window, "steered.h5");
    QVERIFY(count(stored.run.step) > 60);
    const auto again = support::runAgain({recipe.settings, recipe.changes});
    QVERIFY2(again, again ? "" : again.error().text.c_str());
    support::compareBits(*again, stored);
    support::compareReplay(stored);
    leave(window);
}

void TstSteeredRecipe::isPlainWithoutChanges()
{
    MainWindow window{{settingsOf(), false}};
    begin(window);
    goTo(window, 7); // to watch is to change nothing
    click(window, "stepButton");
    QTRY_COMPARE_WITH_TIMEOUT(count(window.run().step()), 8u, 20000);
    finish(window);
    const auto recipe = saveRecipe(window, "plain.toml");
    QVERIFY(recipe.changes.empty() && recipe.settings == settingsOf());
    QFile text{file("plain.toml")};
    QVERIFY(text.open(QIODevice::ReadOnly));
    QVERIFY(text.readAll().contains("\nrecipe-format = 1\n"));
    leave(window);
}

/// Opened in a window, it does by itself what a hand did.
void TstSteeredRecipe::runsInTheWindow()
{
    engine::Recipe recipe{settingsOf(), {}};
    const auto at = [](std::uint64_t step, engine::LogEntry::What what) {
        return engine::LogEntry{engine::Step{step}, engine::Author::File, 0, std::move(what)};
    };
    recipe.changes = {at(4, engine::SetParameter{ParameterId::Lambda, 0.5}), at(10, engine::NextStage{}),
                      at(12, engine::SetLayerLambda{"features.3", 2.0})};
    MainWindow window{{shortRun(), false}};
    window.openRecipe(recipe, QStringLiteral("steered"));
    begin(window);
    QVERIFY(saveRecipe(window, "begun.toml").changes == recipe.changes); // what lies ahead is part of it
    goTo(window, 13);
    const auto &parameters = window.parameters();
    QCOMPARE(parameters.settings().real(ParameterId::Lambda), 0.5); // in force
    QVERIFY(parameters.confirmed({ParameterId::Lambda, "features.3"}) == widgets::SettingValue{2.0});
    QVERIFY(parameters.next() == settingsOf());
    finish(window);
    QVERIFY(parameters.settings() == settingsOf()); // once more from the start
    QVERIFY(saveRecipe(window, "ended.toml").changes == recipe.changes);
    const auto lines = journal(window);
    QVERIFY2(lines.contains(QStringLiteral("4 In force (by its recipe): Strength λ = 0.5.")), qPrintable(lines));
    const auto stored = saveSnapshot(window, "ended.h5");
    const auto again = support::runAgain({recipe.settings, recipe.changes});
    QVERIFY2(again, again ? "" : again.error().text.c_str());
    support::compareBits(*again, stored);
    leave(window);
}

QTEST_MAIN(TstSteeredRecipe)
#include "tst_steeredrecipe.moc"
