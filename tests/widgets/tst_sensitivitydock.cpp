// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/sampleframes.h"
#include "widgets/commands/planparameter.h"
#include "widgets/docks/allocationdialog.h"
#include "widgets/docks/sensitivitydock.h"
#include "widgets/models/parametermodel.h"
#include "widgets/plots/sensitivityview.h"
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QMainWindow>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableWidget>
#include <QTest>
#include <cmath>

using namespace widgets;
using engine::ParameterId;

namespace {

/// Of lenet5: classifier.0 is most sensitive by loss, features.3 by accuracy.
std::shared_ptr<MeasuredSensitivity> measurement(const support::SampleRun &run)
{
    engine::Sensitivity all{.dataName = "set",
                            .images = 1000,
                            .step = engine::Step{40},
                            .latent = {.accuracy = 0.9, .loss = 0.3},
                            .snapped = {.accuracy = 0.8, .loss = 0.7},
                            .layers = {}};
    const double losses[] = {0.31, 0.35, 0.5, 0.29, 0.32}, accuracies[] = {0.9, 0.82, 0.87, 0.91, 0.89};
    for (std::size_t layer = 0; layer < 5; ++layer)
        all.layers.push_back({.layer = run.description->layers[layer].name,
                              .weights = run.description->layers[layer].weightCount,
                              .k = 4,
                              .meanSquaredError = 1e-3,
                              .entropyBits = 1.9,
                              .alone = {.accuracy = accuracies[layer], .loss = losses[layer]},
                              .others = {.accuracy = 0.85, .loss = 0.6}});
    return std::make_shared<MeasuredSensitivity>(MeasuredSensitivity{std::move(all), {}, run.description, run.history});
}

engine::Allocation allocation()
{
    engine::Allocation found;
    found.step = engine::Step{1234};
    found.latent = {.accuracy = 0.9, .loss = 0.3};
    found.predicted = {.accuracy = 0.885, .loss = 0.4};
    found.measured = {.accuracy = 0.875, .loss = 0.425};
    for (const auto &[name, k] : {std::pair{"features.0", 16}, {"classifier.0", 2}})
        found.layers.push_back(
            {.layer = name, .weights = 1000, .option = {.k = k, .bytes = 125.4, .lossRise = 0.05, .accuracyDrop = 0.01}});
    found.bytes = 2000;
    found.floatBytes = 8000;
    found.meets = true;
    return found;
}

} // namespace

/// The bars of sensitivities, the dock around them and the dialog that allocates bits, with given results.
class TstSensitivityDock : public QObject {
    Q_OBJECT

    support::SampleRun m_sample = support::condense({.frames = 20});

    /// A dock of a run that goes on, in a window.
    struct Desk {
        explicit Desk(const support::SampleRun &sample)
        {
            window.addDockWidget(Qt::BottomDockWidgetArea, dock);
            window.resize(900, 400);
            window.show();
            run.reset(RunState::Preparing);
            run.apply(engine::Prepared{sample.description, nullptr});
            run.flush();
            parameters.reset(sample.description->settings);
            QObject::connect(&parameters, &ParameterModel::replanned, &parameters,
                             [this](ParameterId id, const auto &before, const auto &after) {
                                 undo.push(new PlanParameterCommand{parameters, id, before, after});
                             });
        }
        void attach()
        {
            parameters.attach([this](engine::Command) { return engine::CommandId{++posted}; });
        }
        QPushButton *button(const char *name) const { return dock->findChild<QPushButton *>(QString::fromLatin1(name)); }
        void press(const char *name) const { QTest::mouseClick(button(name), Qt::LeftButton); }
        QString note() const { return dock->findChild<QLabel *>(QStringLiteral("sensitivityNote"))->text(); }
        std::string next() const { return parameters.next().text(ParameterId::Layers); }

        RunModel run;
        ParameterModel parameters;
        QUndoStack undo;
        std::uint64_t posted = 0;
        QMainWindow window;
        SensitivityDock *dock = new SensitivityDock{run, parameters};
    };

private Q_SLOTS:
    void isInTheWayOnlyWhereWeightsLieOnRepresentatives_data()
    {
        QTest::addColumn<int>("commitSteps");
        QTest::addColumn<bool>("inTheWay");
        QTest::newRow("with a commit stage") << 10 << true;
        QTest::newRow("without one") << 0 << false;
    }
    void isInTheWayOnlyWhereWeightsLieOnRepresentatives()
    {
        QFETCH(int, commitSteps);
        QFETCH(bool, inTheWay);
        auto sample = m_sample;
        auto description = *sample.description;
        description.commitSteps = static_cast<std::uint64_t>(commitSteps);
        sample.description = std::make_shared<engine::RunDescription>(description);
        Desk desk{sample};
        QVERIFY(desk.dock->obstacle().isEmpty());
        desk.run.apply(engine::StageEntered{engine::Stage::Finished, engine::Step{description.totalSteps()}});
        desk.run.apply(engine::Finished{});
        desk.run.flush();
        QCOMPARE(desk.dock->obstacle().contains(QStringLiteral("before the commit stage")), inTheWay);
        QCOMPARE(desk.button("sensitivityMeasure")->isEnabled(), !inTheWay);
    }

    void rowsAreSortedByWhatIsShown()
    {
        const auto measured = measurement(m_sample);
        const auto places = [&](Cost cost) {
            std::vector<std::size_t> found;
            for (const auto &row : layoutSensitivity(measured->result, cost).rows)
                found.push_back(row.layer);
            return found;
        };
        QVERIFY((places(Cost::Loss) == std::vector<std::size_t>{2, 1, 4, 0, 3}));
        QVERIFY((places(Cost::Accuracy) == std::vector<std::size_t>{1, 2, 4, 0, 3}));
        const auto layout = layoutSensitivity(measured->result, Cost::Loss);
        QVERIFY(std::abs(layout.rows[0].alone - 0.2) < 1e-12 && std::abs(layout.rows[0].others - 0.1) < 1e-12);
        QVERIFY(std::abs(layout.low + 0.01) < 1e-12 && std::abs(layout.high - 0.2) < 1e-12);
        const auto points = layoutSensitivity(measured->result, Cost::Accuracy);
        QVERIFY(std::abs(points.rows[0].alone - 8) < 1e-9 && std::abs(points.rows[0].others - 5) < 1e-9);
        measured->result.layers[4].alone.loss = std::nan("");
        QCOMPARE(places(Cost::Loss)[0], std::size_t{4});
    }

    void theTableNamesTheLayers()
    {
        SensitivityView view;
        QVERIFY(view.table().columns.size() > 5 && view.table().rows() == 0);
        view.setMeasured(measurement(m_sample));
        const auto csv = view.table().csv();
        QVERIFY(csv.startsWith("layer,weights,"));
        const auto lines = csv.split('\n');
        QCOMPARE(lines.size(), 5 + 2); // a header, and what stands behind the last line
        QVERIFY2(lines[1].startsWith("classifier.0,48000,4,1.9,0.001,0.87,0.5,0.85,0.6,0.9,0.3,0.8,0.7,40"), lines[1].constData());
        QVERIFY(view.twin()->table().csv() == csv);
    }

    void layersAreChosenByClickAndByKeys()
    {
        SensitivityView view;
        view.setData({m_sample.description, nullptr, m_sample.history, {}});
        QCOMPARE(view.chosenLayer(), std::string{});
        view.setMeasured(measurement(m_sample));
        view.resize(700, 400);
        view.show();
        QTRY_VERIFY(view.replotCount() > 0);
        QCOMPARE(view.chosenLayer(), std::string{"classifier.0"});
        QSignalSpy chosen{&view, &SensitivityView::chosenChanged};
        QTest::keyClick(&view, Qt::Key_Down);
        QCOMPARE(view.chosenLayer(), std::string{"features.3"});
        QTest::keyClick(&view, Qt::Key_Up);
        QTest::keyClick(&view, Qt::Key_Up);
        QCOMPARE(view.chosenLayer(), std::string{"classifier.0"});
        QCOMPARE(chosen.count(), 3);

        QTRY_VERIFY(!view.readoutAt({300.0, 200.0}).isEmpty());
        int y = 0; // where the readout tells of features.0
        while (y < view.height() && !view.readoutAt({300.0, double(y)}).startsWith(QStringLiteral("features.0:")))
            ++y;
        QVERIFY2(view.readoutAt({300.0, double(y)}).contains(QStringLiteral("only this layer snapped: accuracy 90.0")),
                 qPrintable(view.readoutAt({300.0, double(y)})));
        auto *canvas = view.childAt(300, y + 2);
        QTest::mouseClick(canvas, Qt::LeftButton, {}, canvas->mapFrom(&view, QPoint{300, y + 2}));
        QCOMPARE(view.chosenLayer(), std::string{"features.0"});
        view.setMeasured(measurement(m_sample)); // a new measurement of the same layers
        QCOMPARE(view.chosenLayer(), std::string{"features.0"});
    }

    void barsAreSeen()
    {
        SensitivityView view;
        view.setTheme(PlotTheme::light());
        view.setData({m_sample.description, nullptr, m_sample.history, {}});
        view.resize(700, 400);
        view.show();
        QTRY_VERIFY(view.replotCount() > 0);
        const auto count = [&view](const QColor &colour) {
            const auto image = view.grab().toImage();
            int found = 0;
            for (int y = 0; y < image.height(); ++y)
                for (int x = 0; x < image.width(); ++x)
                    found += image.pixelColor(x, y) == colour;
            return found;
        };
        QVERIFY(count(PlotTheme::light().snapped) < 20);
        const auto drawn = view.replotCount();
        view.setMeasured(measurement(m_sample));
        QTRY_VERIFY(view.replotCount() > drawn);
        QVERIFY(count(PlotTheme::light().snapped) > 1000 && count(PlotTheme::light().latent) > 1000);
    }

    void aRunThatGoesOnKeepsItsSettings()
    {
        Desk desk{m_sample};
        desk.attach();
        QVERIFY(!desk.button("sensitivityFloat")->isEnabled() && !desk.button("sensitivityMore")->isEnabled());
        desk.dock->showMeasured(measurement(m_sample));
        desk.press("sensitivityFloat");
        QCOMPARE(desk.next(), std::string{"classifier.0:float"});
        QVERIFY2(desk.note().contains(QStringLiteral("classifier.0 stays float in the next run; this run goes on")),
                 qPrintable(desk.note()));
        QVERIFY(desk.parameters.settings().text(ParameterId::Layers).empty());
        desk.press("sensitivityMore"); // takes float back
        QCOMPARE(desk.next(), std::string{"classifier.0:k=8"});
        desk.press("sensitivityMore");
        QCOMPARE(desk.next(), std::string{"classifier.0:k=16"});
        QVERIFY2(desk.note().contains(QStringLiteral("16 representatives instead of 8")), qPrintable(desk.note()));
        QCOMPARE(desk.undo.count(), 3);
        desk.undo.undo();
        QCOMPARE(desk.next(), std::string{"classifier.0:k=8"});
        desk.parameters.detach(); // the run is over
        QCOMPARE(desk.parameters.settings().text(ParameterId::Layers), std::string{"classifier.0:k=8"});
        desk.undo.undo();
        QCOMPARE(desk.parameters.settings().text(ParameterId::Layers), std::string{"classifier.0:float"});
        QCOMPARE(desk.posted, std::uint64_t{0});
    }

    void whatCannotBePlannedIsSaid()
    {
        Desk desk{m_sample};
        desk.dock->showMeasured(measurement(m_sample));
        auto settings = desk.parameters.settings();
        QVERIFY(settings.setText(ParameterId::Layers, "features.*:float; classifier.2:float; classifier.4:float"));
        desk.parameters.reset(settings);
        desk.press("sensitivityFloat");
        QVERIFY2(desk.note().contains(QStringLiteral("at least one layer that is quantized")), qPrintable(desk.note()));
        QVERIFY(settings.setText(ParameterId::Layers, "classifier.0:k=256"));
        desk.parameters.reset(settings);
        desk.press("sensitivityMore");
        QVERIFY2(desk.note().contains(QStringLiteral("there can be no more")), qPrintable(desk.note()));
        QVERIFY(settings.setText(ParameterId::Scope, "unified"));
        desk.parameters.reset(settings);
        desk.press("sensitivityMore");
        QVERIFY2(desk.note().contains(QStringLiteral("unified")), qPrintable(desk.note()));
        QVERIFY(settings.setText(ParameterId::Model, "vgg-small"));
        desk.parameters.reset(settings);
        desk.press("sensitivityFloat");
        QVERIFY2(desk.note().contains(QStringLiteral("next run trains vgg-small")), qPrintable(desk.note()));
        QVERIFY(desk.parameters.settings() == settings);
    }

    void anOldMeasurementSaysSo()
    {
        Desk desk{m_sample};
        QTRY_VERIFY(desk.dock->sensitivity().replotCount() > 0);
        auto measured = measurement(m_sample);
        measured->history = desk.run.history();
        const auto redrawn = [&desk] {
            const auto drawn = desk.dock->sensitivity().replotCount();
            desk.run.flush();
            return QTest::qWaitFor([&] { return desk.dock->sensitivity().replotCount() > drawn; });
        };
        desk.dock->showMeasured(measured);
        QCOMPARE(desk.dock->remark(), QString{}); // the run is not beyond its step
        desk.run.setFrame(m_sample.last());
        QVERIFY(redrawn());
        QVERIFY2(desk.dock->remark().startsWith(QStringLiteral("Measured at step 40, ")), qPrintable(desk.dock->remark()));
        desk.run.reset(RunState::Idle);
        QVERIFY2(desk.dock->remark().contains(QStringLiteral("step 40 of an earlier run")), qPrintable(desk.dock->remark()));
        QVERIFY(desk.dock->sensitivity().data().run); // is still to be seen
    }

    void asksForMeasurements()
    {
        Desk desk{m_sample};
        std::optional<engine::SensitivityOptions> asked;
        connect(desk.dock, &SensitivityDock::measureWanted, this, [&](const engine::SensitivityOptions &options) { asked = options; });
        desk.press("sensitivityMeasure");
        QVERIFY(asked && !asked->k && asked->images == 1000);
        desk.dock->findChild<QSpinBox *>(QStringLiteral("sensitivityK"))->setValue(8);
        desk.dock->findChild<QSpinBox *>(QStringLiteral("sensitivityImages"))->setValue(500);
        desk.press("sensitivityMeasure");
        QVERIFY(asked->k == 8 && asked->images == 500);
        desk.dock->setBusy(true);
        QVERIFY(!desk.button("sensitivityMeasure")->isVisible() && desk.button("sensitivityCancel")->isVisible());
        desk.run.apply(engine::StageEntered{engine::Stage::Commit, engine::Step{50}});
        desk.run.flush();
        desk.dock->setBusy(false);
        QVERIFY(!desk.button("sensitivityMeasure")->isEnabled());
        QVERIFY2(desk.note().contains(QStringLiteral("commit stage")), qPrintable(desk.note()));
    }

    void theDialogAsksAndShows()
    {
        AllocationDialog dialog{8000, 0.9, nullptr};
        dialog.show();
        std::optional<engine::AllocationRequest> asked;
        connect(&dialog, &AllocationDialog::wanted, this, [&](const engine::AllocationRequest &request) { asked = request; });
        const auto find = [&dialog](const char *name) { return dialog.findChild<QWidget *>(QString::fromLatin1(name)); };
        auto *demand = dialog.findChild<QComboBox *>(QStringLiteral("allocationDemand"));
        auto *value = dialog.findChild<QDoubleSpinBox *>(QStringLiteral("allocationValue"));
        const auto choose = [&] { QTest::mouseClick(find("allocationChoose"), Qt::LeftButton); };
        choose();
        QVERIFY(asked->bytes == 800 && !asked->accuracy && asked->candidates == (std::vector{2, 3, 4, 6, 8, 16, 32}));
        demand->setCurrentIndex(0);
        value->setValue(1.5);
        choose();
        QVERIFY(asked->bytes == 1500);
        demand->setCurrentIndex(2);
        QCOMPARE(value->value(), 89.0); // a point below the latent weights
        auto *candidates = dialog.findChild<QLineEdit *>(QStringLiteral("allocationCandidates"));
        candidates->setText(QStringLiteral("2,"));
        QVERIFY(!find("allocationChoose")->isEnabled());
        candidates->setText(QStringLiteral("2, 64"));
        choose();
        QVERIFY(!asked->bytes && std::abs(*asked->accuracy - 0.89) < 1e-9 && asked->candidates == (std::vector{2, 64}));

        const auto text = [&](const char *name) { return qobject_cast<QLabel *>(find(name))->text(); };
        auto preview = allocation();
        preview.measured = {.accuracy = std::nan(""), .loss = std::nan("")};
        dialog.setBusy(true);
        dialog.showPreview(preview);
        QVERIFY(text("allocationScores").contains(QStringLiteral("88.50 %")) &&
                !text("allocationScores").contains(QStringLiteral("87.50 %")));
        QVERIFY(text("allocationNote").contains(QStringLiteral("predicted")) && !find("allocationUse")->isEnabled());
        dialog.setBusy(false);
        dialog.showResult(allocation());
        QVERIFY(text("allocationScores").contains(QStringLiteral("87.50 %")) &&
                text("allocationScores").contains(QStringLiteral("2.00 kB (theoretical, order-0 entropy), 4.00 times")));
        QVERIFY(text("allocationNote").contains(QStringLiteral("what was wanted")) && find("allocationUse")->isEnabled());
        const auto *table = dialog.findChild<QTableWidget *>(QStringLiteral("allocationTable"));
        QCOMPARE(table->rowCount(), 2);
        QCOMPARE(table->item(0, 2)->text(), QStringLiteral("16"));
        QCOMPARE(table->item(1, 3)->text(), QStringLiteral("125"));
        auto missed = allocation();
        missed.meets = false;
        dialog.showResult(missed);
        QVERIFY(text("allocationNote").contains(QStringLiteral("comes nearest")));
    }
};

QTEST_MAIN(TstSensitivityDock)
#include "tst_sensitivitydock.moc"
