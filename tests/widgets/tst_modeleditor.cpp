// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/controlpanel.h"
#include "widgets/docks/layerrulesdialog.h"
#include "widgets/models/parametermodel.h"
#include <QComboBox>
#include <QFileDialog>
#include <QLineEdit>
#include <QMainWindow>
#include <QMessageBox>
#include <QProcess>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

using engine::ParameterId;

namespace {

constexpr int kNoPyTorch = 77; // as scripted_modules.py says

struct Bench {
    Bench()
    {
        parameters.reset(engine::Settings{});
        window.addDockWidget(Qt::LeftDockWidgetArea, &panel);
        window.resize(420, 800);
        window.show();
    }
    ~Bench() { window.removeDockWidget(&panel); }

    QMainWindow window;
    widgets::RunModel run;
    widgets::ParameterModel parameters;
    widgets::ControlPanel panel{run, parameters, {}};
};

/// Answers the file dialog that is open under `parent`.
void chooseFile(QWidget &parent, const QString &path)
{
    auto *dialog = parent.findChild<QFileDialog *>();
    QVERIFY(dialog);
    dialog->selectFile(path);
    dialog->findChild<QLineEdit *>(QStringLiteral("fileNameEdit"))->setText(path);
    dialog->QDialog::accept();
    Q_EMIT dialog->fileSelected(path);
}

} // namespace

/// Networks and weights of a user's own, picked in the panel.
class TstModelEditor : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;

private slots:
    void initTestCase()
    {
        const int code = QProcess::execute(QStringLiteral("/usr/bin/python3"),
                                           {QStringLiteral(TEST_SOURCE_DIR "/support/scripted_modules.py"), m_folder.path()});
        if (code == kNoPyTorch)
            QSKIP("python3-torch is not installed");
        QCOMPARE(code, 0);
    }

    void aNetworkComesFromAFile()
    {
        Bench bench;
        auto &box = *bench.panel.findChild<QComboBox *>(QStringLiteral("model"));
        QCOMPARE(box.currentText(), QStringLiteral("lenet5"));
        const int own = box.findText(QStringLiteral("Own network"), Qt::MatchStartsWith);
        QVERIFY(own > 0);
        Q_EMIT box.activated(own);
        QCOMPARE(bench.parameters.settings().text(ParameterId::Model), std::string{"lenet5"}); // nothing chosen yet
        const auto path = m_folder.filePath(QStringLiteral("separable.pt"));
        chooseFile(bench.panel, path);
        QCOMPARE(QString::fromStdString(bench.parameters.settings().text(ParameterId::Model)), "torchscript:" + path);
        QCOMPARE(box.currentText(), QStringLiteral("separable.pt"));
    }

    void itsLayersComeInTheTable()
    {
        Bench bench;
        const auto model = "torchscript:" + m_folder.filePath(QStringLiteral("separable.pt")).toStdString();
        bench.parameters.propose({ParameterId::Model, {}}, engine::ParameterValue{model}, 0);
        widgets::LayerRulesDialog::open(bench.run, bench.parameters, &bench.window);
        QTRY_VERIFY(bench.window.findChild<widgets::LayerRulesDialog *>());
        auto *dialog = bench.window.findChild<widgets::LayerRulesDialog *>();
        auto *table = dialog->findChild<QTableWidget *>(QStringLiteral("layerRules"));
        QCOMPARE(table->rowCount(), 7);
        QCOMPARE(table->item(1, 0)->text(), QStringLiteral("blocks.0.depthwise"));
        QVERIFY(dialog->windowTitle().endsWith(QStringLiteral("separable.pt")));
        dialog->reject();
    }

    void aFileThatIsNoNetworkIsExplained()
    {
        Bench bench;
        const auto model = "torchscript:" + m_folder.filePath(QStringLiteral("tied.pt")).toStdString();
        bench.parameters.propose({ParameterId::Model, {}}, engine::ParameterValue{model}, 0);
        bool explained = false;
        widgets::LayerRulesDialog::open(bench.run, bench.parameters, &bench.window);
        QTRY_VERIFY(bench.window.findChild<QMessageBox *>());
        if (auto *box = bench.window.findChild<QMessageBox *>()) {
            explained = box->text().contains(QStringLiteral("shares its values"));
            box->accept();
        }
        QVERIFY(explained);
        QVERIFY(!bench.window.findChild<widgets::LayerRulesDialog *>());
    }

    void startWeightsComeFromAFile()
    {
        Bench bench;
        bench.panel.setAdvancedShown(true);
        QTest::mouseClick(bench.panel.findChild<QToolButton *>(QStringLiteral("weightsFile")), Qt::LeftButton);
        const auto path = m_folder.filePath(QStringLiteral("separable.pt"));
        chooseFile(bench.panel, path);
        QCOMPARE(QString::fromStdString(bench.parameters.settings().text(ParameterId::StartWeights)), path);
        QCOMPARE(bench.panel.findChild<QLineEdit *>(QStringLiteral("weights"))->text(), path);
    }
};

QTEST_MAIN(TstModelEditor)
#include "tst_modeleditor.moc"
