// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/panelbench.h"
#include "widgets/docks/layerrulesdialog.h"
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSpinBox>
#include <QTableWidget>
#include <QTest>
#include <QToolButton>

using engine::ParameterId;

/// The table of rules for single layers, before and in a run.
class TstLayerRulesDialog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aTableSetsSingleLayers();
    void inARunTheTableChangesRamps();
    void inARunTheTableShowsLambdaInForce();
};

/// The dialog as a user works with it; then the same rules are back in it.
void TstLayerRulesDialog::aTableSetsSingleLayers()
{
    Bench bench;
    bench.panel.setAdvancedShown(true);
    bench.parameters.propose({ParameterId::Layers, {}}, engine::ParameterValue{std::string{"features.*:k=16"}}, 0);
    auto &button = bench.find<QToolButton>("layersTable");
    QCoreApplication::processEvents();
    bench.find<QScrollArea>("parameterScroll").ensureWidgetVisible(&button);
    QTest::mouseClick(&button, Qt::LeftButton);
    auto *dialog = bench.window.findChild<widgets::LayerRulesDialog *>();
    QVERIFY(dialog && dialog->isVisible());
    auto *table = dialog->findChild<QTableWidget *>(QStringLiteral("layerRules"));
    QCOMPARE(table->rowCount(), 5); // of lenet5
    QCOMPARE(table->item(0, 0)->text(), QStringLiteral("features.0"));
    QCOMPARE(qobject_cast<QSpinBox *>(table->cellWidget(0, 2))->value(), 16);
    QCOMPARE(qobject_cast<QSpinBox *>(table->cellWidget(2, 2))->value(), 4);

    QTest::mouseClick(table->cellWidget(4, 1), Qt::LeftButton, {}, QPoint{8, table->cellWidget(4, 1)->height() / 2}); // leave it float
    QVERIFY(!table->cellWidget(4, 2)->isEnabled());
    QTest::keyClicks(table->cellWidget(1, 3), QStringLiteral("0.5"));
    const auto choose = [&](int row, int column, const char *typed) {
        table->cellWidget(row, column)->setFocus();
        QTest::keyClicks(table->cellWidget(row, column), QString::fromLatin1(typed));
    };
    choose(2, 7, "harm");
    choose(1, 4, "lin");
    QTest::keyClicks(table->cellWidget(3, 6), QStringLiteral("0,5")); // as many keyboards have it
    const QString expected = QStringLiteral("features.*:k=16; features.3:lambda=0.5,ramp=linear; classifier.1:regularizer=harmonic; "
                                            "classifier.3:ramp-share=0.5; classifier.5:float");
    QTest::keyClicks(table->cellWidget(0, 5), QStringLiteral("7")); // beyond 1
    dialog->accept();
    QVERIFY(dialog->isVisible());
    QCOMPARE(dialog->findChild<QLabel *>(QStringLiteral("layerRulesNote"))->text(),
             QStringLiteral("ramp-start: expected a number from 0.0001 to 1, found 7."));
    qobject_cast<QLineEdit *>(table->cellWidget(0, 5))->clear();
    QCOMPARE(dialog->rules(), expected);
    dialog->accept();
    QCOMPARE(bench.find<QLineEdit>("layers").text(), expected);

    QTRY_VERIFY(!bench.window.findChild<widgets::LayerRulesDialog *>());
    QTest::mouseClick(&button, Qt::LeftButton);
    dialog = bench.window.findChild<widgets::LayerRulesDialog *>();
    QCOMPARE(dialog->rules(), expected);
    for (auto *reset : dialog->findChildren<QPushButton *>()) {
        if (reset->text() == QStringLiteral("All as the network"))
            QTest::mouseClick(reset, Qt::LeftButton);
    }
    QCOMPARE(dialog->rules(), QStringLiteral("features.*:k=16; features.0:k=4; features.3:k=4"));
    dialog->reject();
    QCOMPARE(bench.find<QLineEdit>("layers").text(), expected);
}

/// What else a rule says stays as it is, also when all ramps are put back.
void TstLayerRulesDialog::inARunTheTableChangesRamps()
{
    Bench bench;
    bench.parameters.propose({ParameterId::Layers, {}},
                             engine::ParameterValue{std::string{"features.0:k=16,lambda=3; classifier.5:ramp=linear"}}, 0);
    bench.attach();
    widgets::LayerRulesDialog::open(bench.run, bench.parameters, &bench.window);
    auto *dialog = bench.window.findChild<widgets::LayerRulesDialog *>();
    auto *table = dialog->findChild<QTableWidget *>(QStringLiteral("layerRules"));
    for (int column = 1; column < table->columnCount(); ++column)
        QCOMPARE(table->cellWidget(0, column)->isEnabled(), column >= 4 && column <= 6);
    for (auto *reset : dialog->findChildren<QPushButton *>()) {
        if (reset->text() == QStringLiteral("All as the network"))
            QTest::mouseClick(reset, Qt::LeftButton);
    }
    QCOMPARE(dialog->rules(), QStringLiteral("features.0:k=16,lambda=3"));
    QTest::keyClicks(table->cellWidget(0, 5), QStringLiteral("0.3"));
    dialog->accept();
    QTRY_COMPARE(bench.commands.size(), std::size_t{1});
    const auto &command = std::get<engine::SetParameter>(bench.commands.front());
    QVERIFY(command.id == ParameterId::Layers);
    QCOMPARE(std::get<std::string>(command.value), std::string{"features.0:k=16,lambda=3,ramp-start=0.3"});
}

/// As the run's frames tell it: now, and where the ramp leads. It is no rule, whatever a rule said before.
void TstLayerRulesDialog::inARunTheTableShowsLambdaInForce()
{
    Bench bench;
    bench.parameters.propose({ParameterId::Layers, {}}, engine::ParameterValue{std::string{"b:lambda=3; c:float"}}, 0);
    engine::RunDescription description;
    description.settings = bench.parameters.settings();
    for (const char *name : {"a[0:2]", "a[2:4]", "b"}) {
        const auto id = static_cast<std::uint16_t>(description.layers.size());
        description.layers.push_back({.id = engine::LayerId{id}, .name = name, .kind = "linear", .shape = {2, 2}, .weightCount = 4});
    }
    description.floatLayers = {{.info = {.name = "c", .kind = "linear", .shape = {2, 2}, .weightCount = 4}, .quantizedBefore = 2}};
    bench.run.reset(widgets::RunState::Preparing);
    bench.run.apply(engine::Prepared{std::make_shared<engine::RunDescription>(description), nullptr});
    bench.attach();
    engine::Frame frame;
    frame.layers.resize(3);
    for (std::uint16_t layer = 0; layer < 3; ++layer) {
        frame.layers[layer].id = engine::LayerId{layer};
        frame.layers[layer].lambda = 0.25;
        frame.layers[layer].lambdaTarget = layer == 2 ? 3 : 1;
    }
    const auto show = [&] {
        bench.run.setFrame(std::make_shared<engine::Frame>(frame));
        bench.run.flush();
    };
    show();
    widgets::LayerRulesDialog::open(bench.run, bench.parameters, &bench.window);
    auto *dialog = bench.window.findChild<widgets::LayerRulesDialog *>();
    QVERIFY(dialog);
    const auto *table = dialog->findChild<QTableWidget *>(QStringLiteral("layerRules"));
    QCOMPARE(table->rowCount(), 3); // a once, c in its place
    QCOMPARE(table->item(1, 0)->text(), QStringLiteral("c"));
    const auto lambda = [&](int row) { return qobject_cast<QLineEdit *>(table->cellWidget(row, 3))->text(); };
    QCOMPARE(lambda(0), QStringLiteral("0.25 → 1"));
    QCOMPARE(lambda(1), QStringLiteral("–"));
    QCOMPARE(lambda(2), QStringLiteral("0.25 → 3"));
    for (auto &layer : frame.layers)
        layer.lambda = layer.lambdaTarget;
    show();
    QCOMPARE(lambda(0), QStringLiteral("1"));
    QCOMPARE(lambda(2), QStringLiteral("3"));
    frame.layers[1].lambdaTarget = 0.5; // given in the table of layers
    show();
    QCOMPARE(lambda(0), QStringLiteral("1 → 0.5 … 1"));
    QCOMPARE(dialog->rules(), QStringLiteral("c:float; b:lambda=3"));
    dialog->accept();
    QVERIFY(!dialog->isVisible());
}

QTEST_MAIN(TstLayerRulesDialog)
#include "tst_layerrulesdialog.moc"
