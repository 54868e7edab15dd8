// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/panelbench.h"
#include "widgets/docks/logslider.h"
#include "widgets/docks/numberfield.h"
#include "widgets/models/texts.h"
#include <QComboBox>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QSignalSpy>
#include <QTest>
#include <QTextDocumentFragment>
#include <QToolButton>
#include <QWheelEvent>
#include <set>

using engine::ParameterId;
using widgets::LogSlider;
using widgets::NumberField;
using widgets::ParameterModel;
using widgets::SettingState;

class TstControlPanel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void hasAnEditorForEveryParameter_data();
    void hasAnEditorForEveryParameter();
    void typingSetsTheDraft();
    void arrowsStepByTheRange_data();
    void arrowsStepByTheRange();
    void labelsStandInOneColumn();
    void plansStandUnderTheirField();
    void whatCannotBeginIsSaidBeforehand();
    void nonsenseIsRefusedBesideTheField();
    void aRefusedTextStaysToBeMended();
    void fixedFieldsAreDisabledDuringARun();
    void pendingAndRejectedAreMarked();
    void draggingTheSliderProposesAllTheWay();
    void sliderCoversItsRange_data();
    void sliderCoversItsRange();
    void theWheelDoesNotChangeWhatHasNoFocus();
    void advancedFolds();
    void asksForAFolderOfImages_data();
    void asksForAFolderOfImages();
};

void TstControlPanel::hasAnEditorForEveryParameter_data()
{
    QTest::addColumn<int>("row");
    for (std::size_t i = 0; i < engine::parameterTable().size(); ++i)
        QTest::newRow(std::string{engine::parameterTable()[i].key}.c_str()) << static_cast<int>(i);
}

void TstControlPanel::hasAnEditorForEveryParameter()
{
    QFETCH(int, row);
    const auto &spec = engine::parameterTable()[static_cast<std::size_t>(row)];
    Bench bench;
    auto *control = bench.panel.findChild<QWidget *>(widgets::qtext(spec.key));
    QVERIFY(control);
    QVERIFY(control->isEnabled());
    QCOMPARE(control->accessibleName(), widgets::qtext(spec.label));
    QVERIFY(QTextDocumentFragment::fromHtml(control->toolTip()).toPlainText().contains(widgets::qtext(spec.help).remove(QLatin1Char('`'))));
    QVERIFY(control->focusPolicy() & Qt::TabFocus);
    const auto shown = widgets::shownValue(bench.parameters.settings().value(spec.id));
    if (const auto *field = qobject_cast<NumberField *>(control))
        QCOMPARE(field->text(), shown);
    else if (const auto *line = qobject_cast<QLineEdit *>(control))
        QCOMPARE(line->text(), shown);
    else if (spec.id == ParameterId::Data)
        QCOMPARE(qobject_cast<QComboBox *>(control)->currentData().toString(), shown);
    else
        QCOMPARE(qobject_cast<QComboBox *>(control)->currentText(), shown);
}

void TstControlPanel::typingSetsTheDraft()
{
    Bench bench;
    auto &field = bench.find<NumberField>("k");
    field.setFocus();
    field.selectAll();
    QTest::keyClicks(&field, QStringLiteral("16"));
    QCOMPARE(bench.parameters.settings().whole(ParameterId::CodebookSize), 4); // not while typing
    QTest::keyClick(&field, Qt::Key_Return);
    QCOMPARE(bench.parameters.settings().whole(ParameterId::CodebookSize), 16);
}

void TstControlPanel::arrowsStepByTheRange_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("key");
    QTest::addColumn<QString>("after");
    QTest::newRow("whole up") << "k" << int{Qt::Key_Up} << "5";
    QTest::newRow("whole down") << "k" << int{Qt::Key_Down} << "3";
    QTest::newRow("logarithmic up") << "lr" << int{Qt::Key_Up} << "0.0629";
    QTest::newRow("logarithmic down") << "lr" << int{Qt::Key_Down} << "0.0397";
    QTest::newRow("linear up") << "warmup-share" << int{Qt::Key_Up} << "0.51";
    QTest::newRow("stays in range") << "threads" << int{Qt::Key_Down} << "0";
}

void TstControlPanel::arrowsStepByTheRange()
{
    QFETCH(QString, name);
    QFETCH(int, key);
    Bench bench;
    bench.panel.setAdvancedShown(true);
    auto &field = bench.find<NumberField>(qPrintable(name));
    QTest::keyClick(&field, static_cast<Qt::Key>(key));
    QTEST(field.text(), "after");
}

void TstControlPanel::labelsStandInOneColumn()
{
    Bench bench;
    bench.panel.setAdvancedShown(true);
    QCoreApplication::processEvents();
    std::set<int> starts;
    for (const auto &row : engine::parameterTable()) {
        const auto &field = bench.find(std::string{row.key}.c_str());
        starts.insert(field.mapTo(&bench.panel, QPoint{}).x());
    }
    QCOMPARE(starts.size(), std::size_t{1});
}

/// Beside the field, as soon as the values do not go together, and at the fold while the field is hidden.
void TstControlPanel::whatCannotBeginIsSaidBeforehand()
{
    Bench bench;
    auto &fold = bench.find<QToolButton>("advancedToggle");
    const auto &reason = bench.find<QLabel>("deadReason");
    const auto set = [&](ParameterId id, engine::ParameterValue value) { bench.parameters.propose({id, {}}, value, 0); };
    set(ParameterId::Dead, std::string{"drop"});
    QCOMPARE(bench.find<QLabel>("deadMark").text(), QString{});
    QVERIFY(!fold.text().contains(QStringLiteral("⚠")));
    set(ParameterId::Scope, std::string{"unified"}); // another field than the one that tells
    QCOMPARE(bench.find<QLabel>("deadMark").text(), QStringLiteral("⚠"));
    QCOMPARE(reason.text(), QStringLiteral("dead: expected keep where layers share a codebook (scope = unified), found drop."));
    QVERIFY(fold.text().contains(QStringLiteral("⚠")));
    const auto &folded = bench.find<QLabel>("foldedConflicts");
    QVERIFY(folded.isVisibleTo(&bench.panel));
    QCOMPARE(folded.text(), reason.text());
    set(ParameterId::Entropy, 0.5);
    QVERIFY(bench.find<QLabel>("entropyReason").text().contains(QStringLiteral("expected 0")));
    bench.panel.setAdvancedShown(true);
    QVERIFY(reason.isVisibleTo(&bench.panel) && !folded.isVisibleTo(&bench.panel));
    set(ParameterId::Scope, std::string{"layer"});
    QVERIFY(!reason.isVisibleTo(&bench.panel) && !bench.find<QLabel>("entropyReason").isVisibleTo(&bench.panel));
    QCOMPARE(bench.find<QLabel>("deadMark").text(), QString{});
    QVERIFY(!fold.text().contains(QStringLiteral("⚠")));
    set(ParameterId::PinZero, std::string{"on"});
    set(ParameterId::Symmetric, std::string{"on"});
    QVERIFY(bench.find<QLabel>("kReason").isVisibleTo(&bench.panel)); // k is 4
    QVERIFY(!fold.text().contains(QStringLiteral("⚠"))); // k is not folded away
}

void TstControlPanel::nonsenseIsRefusedBesideTheField()
{
    Bench bench;
    auto &field = bench.find<NumberField>("lr");
    field.setFocus();
    field.selectAll();
    QTest::keyClicks(&field, QStringLiteral("fast"));
    QTest::keyClick(&field, Qt::Key_Return);
    QCOMPARE(field.text(), QStringLiteral("0.05"));
    QVERIFY(bench.find<QLabel>("lrReason").isVisibleTo(&bench.panel));
    QVERIFY(bench.find<QLabel>("lrReason").text().contains(QStringLiteral("fast")));
    field.selectAll();
    QTest::keyClicks(&field, QStringLiteral("0.1"));
    QTest::keyClick(&field, Qt::Key_Return);
    QVERIFY(!bench.find<QLabel>("lrReason").isVisibleTo(&bench.panel));
}

void TstControlPanel::aRefusedTextStaysToBeMended()
{
    Bench bench;
    bench.panel.setAdvancedShown(true);
    auto &line = bench.find<QLineEdit>("layers");
    line.setFocus();
    QTest::keyClicks(&line, QStringLiteral("features.*:k=999"));
    QTest::keyClick(&line, Qt::Key_Return);
    QCOMPARE(line.text(), QStringLiteral("features.*:k=999"));
    QVERIFY(bench.find<QLabel>("layersReason").text().contains(QStringLiteral("256")));
    QCOMPARE(bench.parameters.settings().text(ParameterId::Layers), std::string{});
    QTest::keyClick(&line, Qt::Key_Backspace);
    QTest::keyClick(&line, Qt::Key_Return);
    QVERIFY(!bench.find<QLabel>("layersReason").isVisibleTo(&bench.panel));
    QCOMPARE(bench.parameters.settings().text(ParameterId::Layers), std::string{"features.*:k=99"});
}

void TstControlPanel::fixedFieldsAreDisabledDuringARun()
{
    Bench bench;
    bench.attach();
    for (const auto &row : engine::parameterTable())
        QCOMPARE(bench.find(std::string{row.key}.c_str()).isEnabled(), row.change == engine::Change::Live);
    QVERIFY(bench.find<QLabel>("fixedNote").isVisibleTo(&bench.panel));
    bench.parameters.detach();
    QVERIFY(bench.find("k").isEnabled());
    QVERIFY(!bench.find<QLabel>("fixedNote").isVisibleTo(&bench.panel));
}

void TstControlPanel::pendingAndRejectedAreMarked()
{
    Bench bench;
    bench.attach();
    auto &field = bench.find<NumberField>("lambda");
    const auto &mark = bench.find<QLabel>("lambdaMark");
    QTest::keyClick(&field, Qt::Key_Up);
    QCOMPARE(field.text(), QStringLiteral("1.26"));
    QCOMPARE(mark.text(), QStringLiteral("…"));
    QTRY_COMPARE(bench.commands.size(), std::size_t{1});
    bench.answer(engine::Rejected{{engine::ErrorCode::BadValue, "Not today."}});
    QCOMPARE(field.text(), QStringLiteral("1"));
    QCOMPARE(mark.text(), QStringLiteral("⚠"));
    QCOMPARE(bench.find<QLabel>("lambdaReason").text(), QStringLiteral("Not today."));
    QTest::keyClick(&field, Qt::Key_Up);
    QTRY_COMPARE(bench.commands.size(), std::size_t{2});
    bench.answer(engine::Applied{});
    QCOMPARE(mark.text(), QString{});
    QCOMPARE(field.text(), QStringLiteral("1.26"));
}

void TstControlPanel::draggingTheSliderProposesAllTheWay()
{
    Bench bench;
    bench.attach();
    auto &slider = bench.find<LogSlider>("lambdaSlider");
    QSignalSpy moved{&slider, &LogSlider::moved};
    QSignalSpy drags{&slider, &LogSlider::dragBegan};
    slider.setSliderDown(true);
    const int start = slider.value();
    for (int move = 1; move <= 40; ++move)
        slider.setSliderPosition(start + move);
    slider.setSliderDown(false);
    QCOMPARE(moved.size(), 40);
    QCOMPARE(drags.size(), 1);
    QTRY_COMPARE(bench.commands.size(), std::size_t{1}); // all forty fell into one tick
    const auto &command = std::get<engine::SetParameter>(bench.commands[0]);
    QCOMPARE(std::get<double>(command.value), slider.valueAt(start + 40));
    QCOMPARE(bench.find<NumberField>("lambda").text(), widgets::shownValue(command.value));
}

void TstControlPanel::sliderCoversItsRange_data()
{
    QTest::addColumn<double>("value");
    for (const double value : {0.0, 0.0001, 0.01, 1.0, 100.0, 1000.0})
        QTest::newRow(qPrintable(QString::number(value))) << value;
}

void TstControlPanel::sliderCoversItsRange()
{
    QFETCH(double, value);
    LogSlider slider{{1.0, 0.0, 1000.0, true}};
    slider.show(value);
    QCOMPARE(slider.valueAt(slider.value()), value);
}

void TstControlPanel::theWheelDoesNotChangeWhatHasNoFocus()
{
    Bench bench;
    auto &box = bench.find<QComboBox>("model");
    bench.find("lr").setFocus();
    QWheelEvent wheel{{5, 5}, box.mapToGlobal(QPointF{5, 5}), {}, {0, -120}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false};
    QCoreApplication::sendEvent(&box, &wheel);
    QCOMPARE(box.currentText(), QStringLiteral("lenet5"));
}

void TstControlPanel::advancedFolds()
{
    Bench bench;
    QVERIFY(!bench.find("momentum").isVisibleTo(&bench.panel));
    QTest::mouseClick(&bench.find("advancedToggle"), Qt::LeftButton);
    QVERIFY(bench.find("momentum").isVisibleTo(&bench.panel));
    QVERIFY(bench.panel.isAdvancedShown());
}

void TstControlPanel::asksForAFolderOfImages_data()
{
    QTest::addColumn<QString>("item");
    QTest::addColumn<QString>("value");
    QTest::newRow("own size or 32×32") << "folders of PNG" << "folder:/home/me/fruit";
    QTest::newRow("64×64") << "the same at 64×64" << "folder:/home/me/fruit@64";
}

void TstControlPanel::asksForAFolderOfImages()
{
    QFETCH(QString, item);
    QFETCH(QString, value);
    Bench bench;
    auto &box = bench.find<QComboBox>("data");
    box.setCurrentIndex(box.findText(item, Qt::MatchContains));
    Q_EMIT box.activated(box.currentIndex());
    QCOMPARE(box.currentData().toString(), QStringLiteral("fashion-mnist")); // until a folder is chosen
    auto *dialog = bench.panel.findChild<QFileDialog *>();
    QVERIFY(dialog && dialog->fileMode() == QFileDialog::Directory);
    Q_EMIT dialog->fileSelected("/home/me/fruit");
    QCOMPARE(QString::fromStdString(bench.parameters.settings().text(ParameterId::Data)), value);
    QCOMPARE(box.currentData().toString(), value);
}

void TstControlPanel::plansStandUnderTheirField()
{
    Bench bench;
    bench.panel.setAdvancedShown(true);
    bench.attach();
    const auto &reason = bench.find<QLabel>("layersReason");
    QVERIFY(!reason.isVisibleTo(&bench.panel));
    bench.parameters.plan(ParameterId::Layers, std::string{"features.0:float"});
    QVERIFY(reason.isVisibleTo(&bench.panel));
    QCOMPARE(reason.text(), QStringLiteral("For the next run: features.0:float"));
    QVERIFY(bench.find<QLineEdit>("layers").text().isEmpty()); // this run's
    bench.parameters.detach();
    QVERIFY(!reason.isVisibleTo(&bench.panel));
    QCOMPARE(bench.find<QLineEdit>("layers").text(), QStringLiteral("features.0:float"));
}

QTEST_MAIN(TstControlPanel)
#include "tst_controlpanel.moc"
