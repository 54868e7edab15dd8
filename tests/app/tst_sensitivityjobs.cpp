// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dockset.h"
#include "app/gui/figureexporter.h"
#include "engine/core/layerrules.h"
#include "tests/support/windowdriver.h"
#include "widgets/docks/allocationdialog.h"
#include "widgets/docks/messagebar.h"
#include "widgets/docks/sensitivitydock.h"
#include "widgets/plots/sensitivityview.h"
#include <QAction>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableWidget>
#include <QUndoStack>
#include <functional>

using app::MainWindow;
using engine::ParameterId;
using widgets::RunState;

/// The dock of sensitivities and the dialog that allocates bits: the window has the program itself measure.
class TstSensitivityJobs : public QObject {
    Q_OBJECT

    OwnFolder m_folder;

    /// With a paused run.
    void withRun(const std::function<void(MainWindow &)> &test)
    {
        MainWindow window{{.settings = shortRun(), .remember = false, .program = QStringLiteral(CONDENSATE_PROGRAM)}};
        window.resize(1440, 900);
        window.show();
        window.docks().sensitivity->raise();
        QVERIFY(!button(window, "sensitivityMeasure")->isEnabled());
        QVERIFY(note(window).contains(QStringLiteral("press Run")));
        window.startRun(true);
        QTRY_COMPARE_WITH_TIMEOUT(window.run().state(), RunState::Paused, 60000);
        QTRY_VERIFY(button(window, "sensitivityMeasure")->isEnabled());
        window.findChild<QSpinBox *>(QStringLiteral("sensitivityImages"))->setValue(100);
        test(window);
        leave(window);
    }
    static QPushButton *button(const MainWindow &window, const char *name)
    {
        return window.findChild<QPushButton *>(QString::fromLatin1(name));
    }
    static void press(const MainWindow &window, const char *name) { QTest::mouseClick(button(window, name), Qt::LeftButton); }
    static QString note(const MainWindow &window) { return window.findChild<QLabel *>(QStringLiteral("sensitivityNote"))->text(); }
    static std::string rulesOfNext(const MainWindow &window) { return window.parameters().next().text(ParameterId::Layers); }
    static void measure(MainWindow &window)
    {
        press(window, "sensitivityMeasure");
        QTRY_VERIFY_WITH_TIMEOUT(window.docks().sensitivity->sensitivity().measured(), 60000);
    }

private Q_SLOTS:
    void init() { OwnFolder::clearSettings(); }

    void measuresAndPlansTheNextRun()
    {
        withRun([](MainWindow &window) {
            const auto title = window.windowTitle();
            measure(window);
            auto &view = window.docks().sensitivity->sensitivity();
            QCOMPARE(view.measured()->result.layers.size(), std::size_t{5});
            QCOMPARE(view.measured()->result.images, std::uint64_t{100});
            QCOMPARE(window.windowTitle(), title); // the run's file is still none
            const auto worst = view.chosenLayer();
            QVERIFY(note(window).contains(QString::fromStdString(worst)));

            press(window, "sensitivityFloat");
            QCOMPARE(rulesOfNext(window), worst + ":float");
            QVERIFY2(note(window).contains(QStringLiteral("stays float in the next run")), qPrintable(note(window)));
            QVERIFY(window.parameters().settings().text(ParameterId::Layers).empty()); // this run goes on as it is
            QTRY_COMPARE(window.undoStack().count(), 1);
            window.findChild<QAction *>(QStringLiteral("undo"))->trigger();
            QVERIFY(rulesOfNext(window).empty());
            window.findChild<QAction *>(QStringLiteral("redo"))->trigger();
            QCOMPARE(rulesOfNext(window), worst + ":float");

            click(window, "stopButton");
            QTRY_COMPARE_WITH_TIMEOUT(window.run().state(), RunState::Ended, 20000);
            QCOMPARE(window.parameters().settings().text(ParameterId::Layers), worst + ":float");
            QTRY_VERIFY(!button(window, "sensitivityMeasure")->isEnabled());
            window.startRun(true);
            QTRY_COMPARE_WITH_TIMEOUT(window.run().state(), RunState::Paused, 60000);
            QCOMPARE(window.run().description()->floatLayers.size(), std::size_t{1});
            QCOMPARE(window.run().description()->floatLayers[0].info.name, worst);
        });
    }

    void isAmongAllFigures()
    {
        withRun([](MainWindow &window) {
            const QTemporaryDir folder;
            const auto exportAll = [&] {
                auto *exporter = new app::FigureExporter{window.docks(), window.run(), folder.path(), &window};
                QSignalSpy done{exporter, &app::FigureExporter::done};
                exporter->start();
                QTRY_COMPARE_WITH_TIMEOUT(done.count(), 1, 60000);
            };
            QTRY_VERIFY(window.run().frame());
            exportAll();
            QVERIFY(!QFile::exists(folder.filePath(QStringLiteral("sensitivity-of-layers.pdf")))); // nothing is measured yet
            measure(window);
            exportAll();
            for (const auto *ending : {"pdf", "svg", "png", "csv"})
                QVERIFY(QFile::exists(folder.filePath(QStringLiteral("sensitivity-of-layers.") + QString::fromLatin1(ending))));
            QFile csv{folder.filePath(QStringLiteral("sensitivity-of-layers.csv"))};
            QVERIFY(csv.open(QIODevice::ReadOnly));
            const auto text = csv.readAll();
            for (const auto &layer : window.run().description()->layers)
                QVERIFY(text.contains("\n" + QByteArray::fromStdString(layer.name) + ","));
        });
    }

    void canBeCancelled()
    {
        withRun([](MainWindow &window) {
            press(window, "sensitivityMeasure");
            QVERIFY(button(window, "sensitivityCancel")->isVisible() && !button(window, "sensitivityMeasure")->isVisible());
            press(window, "sensitivityCancel");
            QVERIFY(button(window, "sensitivityMeasure")->isVisible());
            QVERIFY(note(window).contains(QStringLiteral("given up")));
            QVERIFY(!window.docks().sensitivity->sensitivity().measured());
            measure(window); // and begun anew
            const auto *messages = window.findChild<widgets::MessageBar *>();
            QVERIFY2(messages->text().isEmpty(), qPrintable(messages->text())); // about the snapshot that nobody waits for any more
        });
    }

    void saysWhyACommittedRunIsNotMeasured()
    {
        withRun([](MainWindow &window) {
            click(window, "stepButton");
            QTRY_VERIFY_WITH_TIMEOUT(count(window.run().step()) == 1 && window.run().state() == RunState::Paused, 20000);
            for (const auto stage : {engine::Stage::Cluster, engine::Stage::Commit}) {
                window.findChild<QAction *>(QStringLiteral("nextStage"))->trigger();
                click(window, "stepButton");
                QTRY_COMPARE_WITH_TIMEOUT(window.run().stage(), stage, 20000);
            }
            QTRY_VERIFY(!button(window, "sensitivityMeasure")->isEnabled());
            QVERIFY2(note(window).contains(QStringLiteral("commit stage")), qPrintable(note(window)));
        });
    }

    void allocatesBits()
    {
        withRun([](MainWindow &window) {
            press(window, "sensitivityAllocate");
            auto *dialog = window.findChild<widgets::AllocationDialog *>();
            QVERIFY(dialog && dialog->isVisible());
            const auto find = [dialog](const char *name) { return dialog->findChild<QWidget *>(QString::fromLatin1(name)); };
            qobject_cast<QLineEdit *>(find("allocationCandidates"))->setText(QStringLiteral("2, 16"));
            qobject_cast<QSpinBox *>(find("allocationImages"))->setValue(100);
            qobject_cast<QDoubleSpinBox *>(find("allocationValue"))->setValue(12);
            const auto said = [dialog] { return dialog->findChild<QLabel *>(QStringLiteral("allocationNote"))->text(); };
            QTest::mouseClick(find("allocationChoose"), Qt::LeftButton);
            QVERIFY(find("allocationCancel")->isVisible());
            QTRY_VERIFY_WITH_TIMEOUT(dialog->allocation(), 180000);
            QVERIFY2(said().contains(QStringLiteral("This is what was wanted")), qPrintable(said()));
            QCOMPARE(qobject_cast<QTableWidget *>(find("allocationTable"))->rowCount(), 5);
            QTest::mouseClick(find("allocationUse"), Qt::LeftButton);
            for (const auto &layer : dialog->allocation()->layers)
                QCOMPARE(window.parameters().next().layer(layer.layer).k, std::int64_t{layer.option.k});
            QVERIFY2(said().contains(QStringLiteral("next run")), qPrintable(said()));

            qobject_cast<QDoubleSpinBox *>(find("allocationValue"))->setValue(900); // cannot be had
            QTest::mouseClick(find("allocationChoose"), Qt::LeftButton);
            QVERIFY(!find("allocationUse")->isEnabled());
            QTRY_VERIFY_WITH_TIMEOUT(dialog->allocation(), 180000);
            QVERIFY2(said().contains(QStringLiteral("comes nearest")), qPrintable(said()));
            dialog->close();
        });
    }
};

QTEST_MAIN(TstSensitivityJobs)
#include "tst_sensitivityjobs.moc"
