// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/application.h"
#include "app/gui/dockset.h"
#include "engine/recipes/recipe.h"
#include "tests/support/runprogram.h"
#include "tests/support/windowdriver.h"
#include "widgets/docks/numberfield.h"
#include "widgets/docks/plotdock.h"
#include "widgets/plots/export.h"
#include "widgets/plots/numberboxes.h"
#include <QAction>
#include <QLabel>
#include <QTableView>
#include <clocale>

using app::MainWindow;
using support::Outcome;
using support::run;

namespace {

constexpr auto kGerman = "de_DE.UTF-8";

QByteArray contents(const QString &file)
{
    QFile opened{file};
    return opened.open(QIODevice::ReadOnly) ? opened.readAll() : QByteArray{};
}

QProcessEnvironment environment(const char *locale)
{
    auto all = QProcessEnvironment::systemEnvironment();
    all.insert(QStringLiteral("LC_ALL"), QLatin1String{locale});
    return all;
}

Outcome inGerman(const QStringList &arguments) { return run(arguments, QStringLiteral(CONDENSATE_PROGRAM), environment(kGerman)); }
Outcome inPlain(const QStringList &arguments) { return run(arguments, QStringLiteral(CONDENSATE_PROGRAM), environment("C.UTF-8")); }

/// Texts of the window in which a comma stands between digits.
QStringList numbersWithCommas(const QWidget &window)
{
    QStringList texts;
    for (const auto *label : window.findChildren<QLabel *>())
        texts << label->text() << label->toolTip();
    for (const auto *field : window.findChildren<QLineEdit *>())
        texts << field->text() << field->placeholderText();
    for (const auto *table : window.findChildren<QTableView *>())
        for (int row = 0; table->model() && row < table->model()->rowCount(); ++row)
            for (int column = 0; column < table->model()->columnCount(); ++column)
                texts << table->model()->index(row, column).data().toString();
    return texts.filter(QRegularExpression{QStringLiteral("\\d,\\d")});
}

void type(QAbstractSpinBox &field, const char *text)
{
    field.selectAll();
    QTest::keyClicks(&field, QLatin1String{text});
    QTest::keyClick(&field, Qt::Key_Return);
}

} // namespace

/// Numbers in a locale that writes them with a comma: the window, figures, files and the command line keep the point.
class TstLocale : public QObject {
    Q_OBJECT

    OwnFolder m_folder;
    QString m_snapshot;

private Q_SLOTS:
    void initTestCase()
    {
        if (QString::fromLocal8Bit(std::setlocale(LC_MESSAGES, nullptr)) != QLatin1String{kGerman})
            QSKIP("no German locale, and no localedef that could make one");
        const auto recipe = m_folder.file("begin.toml");
        auto settings = shortRun();
        QVERIFY(settings.setText(engine::ParameterId::Epochs, "2") && settings.setText(engine::ParameterId::Lambda, "0.25"));
        QVERIFY(engine::writeRecipe({settings, {}}, "A recipe", recipe.toStdString()));
        QVERIFY(contents(recipe).contains("\nlambda = 0.25"));
        const Outcome trained = inGerman({QStringLiteral("train"), recipe, QStringLiteral("--lr"), QStringLiteral("0.03125"),
                                          QStringLiteral("--out"), m_folder.file("run"), QStringLiteral("--quiet")});
        QVERIFY2(trained.code == 0, qPrintable(trained.err));
        m_snapshot = m_folder.file("run/snapshot.h5");
        const auto written = contents(m_folder.file("run/recipe.toml"));
        QVERIFY2(written.contains("\nlambda = 0.25") && written.contains("\nlr = 0.03125"), written.constData());
    }

    void theCommandLineIsTheSame_data()
    {
        QTest::addColumn<QStringList>("arguments");
        const QString packed = m_folder.file("run/model.cnd");
        QTest::newRow("info") << QStringList{"info", m_snapshot};
        QTest::newRow("info as JSON") << QStringList{"info", m_snapshot, "--json"};
        QTest::newRow("info of a packed file") << QStringList{"info", packed};
        QTest::newRow("models") << QStringList{"models"};
        QTest::newRow("evaluate") << QStringList{"evaluate", packed, "--json"};
        QTest::newRow("quantize") << QStringList{"quantize", m_snapshot, "--method", "uniform", "--k", "4", "--prune", "12.5"};
        QTest::newRow("a comma is refused") << QStringList{"train", "--lambda", "0,25", "--out", m_folder.file("no")};
        QTest::newRow("a comma is refused elsewhere, too")
            << QStringList{"quantize", m_snapshot, "--method", "uniform", "--k", "4", "--prune", "12,5"};
    }
    void theCommandLineIsTheSame()
    {
        QFETCH(QStringList, arguments);
        const Outcome german = inGerman(arguments), plain = inPlain(arguments);
        QCOMPARE(german.out, plain.out);
        QCOMPARE(german.err, plain.err);
        QCOMPARE(german.code, QString{QTest::currentDataTag()}.startsWith("a comma") ? 2 : 0);
    }

    void figuresAreTheSame()
    {
        const auto figures = [this](const char *folder) {
            return QStringList{QStringLiteral("figures"), m_snapshot, QStringLiteral("--out"), m_folder.file(folder)};
        };
        const Outcome german = inGerman(figures("german")), plain = inPlain(figures("plain"));
        QVERIFY2(german.code == 0 && plain.code == 0, qPrintable(german.err + plain.err));
        int compared = 0;
        for (const auto &entry : QDir{m_folder.file("plain")}.entryInfoList(QDir::Files)) {
            if (entry.suffix() == QLatin1String{"pdf"}) // tells when it was made
                continue;
            const auto other = contents(m_folder.file("german/") + entry.fileName());
            QVERIFY2(!other.isEmpty() && other == contents(entry.filePath()), qPrintable(entry.fileName()));
            ++compared;
        }
        QCOMPARE(compared, 12 * 3);
    }

    void theProgramReadsNumbersWithAPoint()
    {
        QCOMPARE(std::strtod("0.25", nullptr), 0.25);
        QCOMPARE(QLocale{}.toString(0.25), QStringLiteral("0.25"));
    }

    void theWindowShowsPoints()
    {
        MainWindow window{{.settings = shortRun(), .remember = false}};
        window.show();
        window.openSnapshot(m_snapshot);
        QTRY_VERIFY_WITH_TIMEOUT(window.run().frame() && window.run().state() == widgets::RunState::Finished, 60000);
        QCOMPARE(numbersWithCommas(window), QStringList{});
        QCOMPARE(window.findChild<widgets::NumberField *>(QStringLiteral("lambda"))->text(), QStringLiteral("0.25"));
        int exported = 0;
        for (const auto *dock : window.docks().plots()) {
            for (const auto *ending : {"svg", "csv"}) {
                const auto file = m_folder.file("from-window.") + QLatin1String{ending};
                if (!widgets::exportPlot(dock->view(), file, {}))
                    continue; // there is nothing in it yet
                static const QRegularExpression comma{QStringLiteral(">[^<]*\\d,\\d[^<]*</text>")};
                const auto text = QString::fromUtf8(contents(file));
                QVERIFY2(*ending == 'c' || !text.contains(comma), qPrintable(comma.match(text).captured()));
                ++exported;
            }
        }
        QVERIFY(exported >= 8);
        leave(window);
    }

    void aCommaIsADecimalPoint_data()
    {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<double>("value");
        QTest::newRow("a comma") << "0,25" << 0.25;
        QTest::newRow("a point") << "0.25" << 0.25;
        QTest::newRow("at the end") << "12," << 12.0;
        QTest::newRow("a second one is not taken") << "1,5,2" << 1.52;
    }
    void aCommaIsADecimalPoint()
    {
        QFETCH(QString, typed);
        widgets::RealBox field;
        field.setRange(0, 5000);
        field.setValue(3);
        type(field, qPrintable(typed));
        QTEST(field.value(), "value");
        QVERIFY(!field.text().contains(QLatin1Char(',')));
    }

    void aWholeNumberHasNone_data()
    {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<int>("value");
        QTest::newRow("digits") << "1250" << 1250;
        QTest::newRow("a comma") << "0,25" << 3;
        QTest::newRow("a point") << "0.25" << 3;
        QTest::newRow("marks between thousands") << "1,250" << 1; // the last that was a number while it was typed
    }
    void aWholeNumberHasNone()
    {
        QFETCH(QString, typed);
        widgets::WholeBox field;
        field.setRange(1, 5000);
        field.setValue(3);
        type(field, qPrintable(typed));
        QTEST(field.value(), "value");
        QCOMPARE(field.text(), QString::number(field.value())); // which is seen
    }
};

/// Before there is an application object: the locale that this process and those it starts live in.
int main(int argc, char **argv)
{
    const QTemporaryDir locales;
    QProcess::execute(QStringLiteral("localedef"), {QStringLiteral("-i"), QStringLiteral("de_DE"), QStringLiteral("-f"),
                                                    QStringLiteral("UTF-8"), locales.filePath(QLatin1String{kGerman})});
    if (QFile::exists(locales.filePath(QLatin1String{kGerman})))
        qputenv("LOCPATH", locales.path().toLocal8Bit());
    qputenv("LC_ALL", kGerman);
    app::Application application{argc, argv};
    TstLocale test;
    QTEST_SET_MAIN_SOURCE_PATH
    return QTest::qExec(&test, argc, argv);
}
#include "tst_locale.moc"
