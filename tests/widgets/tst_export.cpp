// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/sampleframes.h"
#include "widgets/plots/curvesview.h"
#include "widgets/plots/figures.h"
#include "widgets/plots/histogramview.h"
#include "widgets/plots/trajectoryview.h"
#include <QDir>
#include <QFile>
#include <QImage>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>
#include <cmath>

using namespace widgets;

namespace {

QByteArray content(const QString &file)
{
    QFile source{file};
    return source.open(QIODevice::ReadOnly) ? source.readAll() : QByteArray{};
}

QString textOf(const engine::Result<void> &result)
{
    return result ? QString{} : QString::fromStdString(result.error().text);
}

} // namespace

class TstExport : public QObject {
    Q_OBJECT

private:
    support::SampleRun m_run = support::condense({.k = 4, .frames = 40, .share = 0.8});
    PlotData data(std::uint16_t layer = 2) const
    {
        return {m_run.description, m_run.last(), m_run.history, engine::LayerId{layer}};
    }

private Q_SLOTS:
    void pdfHasItsSize()
    {
        QTemporaryDir folder;
        HistogramView view;
        view.setData(data());
        const QString file = folder.filePath("a.pdf");
        const auto done = exportPlot(view, file, {.sizeMm = {kPageWidthMm, 80}});
        QVERIFY2(done.has_value(), qPrintable(textOf(done)));
        const QByteArray pdf = content(file);
        QVERIFY(pdf.startsWith("%PDF-"));
        static const QRegularExpression box{QStringLiteral("/MediaBox \\[\\s*0 0 ([0-9.]+) ([0-9.]+)")};
        const auto match = box.match(QString::fromLatin1(pdf));
        QVERIFY(match.hasMatch());
        QVERIFY(std::abs(match.captured(1).toDouble() - kPageWidthMm / 25.4 * 72) < 1);
        QVERIFY(std::abs(match.captured(2).toDouble() - 80 / 25.4 * 72) < 1);
        QVERIFY(!pdf.contains("/Subtype /Image")); // all vector
        QVERIFY(pdf.contains("/FontFile"));
    }

    void svgIsVector()
    {
        QTemporaryDir folder;
        HistogramView view;
        view.setData(data());
        const QString file = folder.filePath("a.svg");
        QVERIFY(exportPlot(view, file).has_value());
        QXmlStreamReader xml{content(file)};
        int shapes = 0, texts = 0, images = 0;
        while (!xml.atEnd()) {
            if (xml.readNext() != QXmlStreamReader::StartElement)
                continue;
            if (xml.name() == QLatin1String("svg"))
                QVERIFY(xml.attributes().value("width").startsWith(QLatin1String("88.9"))
                        || xml.attributes().value("width").startsWith(QLatin1String("89")));
            shapes +=
                xml.name() == QLatin1String("path") || xml.name() == QLatin1String("polyline") || xml.name() == QLatin1String("circle");
            texts += xml.name() == QLatin1String("text");
            images += xml.name() == QLatin1String("image");
        }
        QVERIFY2(!xml.hasError(), qPrintable(xml.errorString()));
        QVERIFY(shapes > 10);
        QVERIFY(texts > 10);
        QCOMPARE(images, 0);
    }

    void pngHasItsResolutionAndIsLight()
    {
        QTemporaryDir folder;
        HistogramView view;
        view.setTheme(PlotTheme::dimmed());
        view.setData(data());
        const QString file = folder.filePath("a.png");
        QVERIFY(exportPlot(view, file, {.dpi = 300}).has_value());
        const QImage image{file};
        QVERIFY(std::abs(image.width() - kColumnWidthMm / 25.4 * 300) < 3);
        QCOMPARE(image.dotsPerMeterX(), 11811);
        QCOMPARE(image.pixelColor(1, 1), QColor{Qt::white});
        QVERIFY(exportPlot(view, file, {.theme = PlotTheme::dimmed()}).has_value()); // replaced
        QCOMPARE(QImage{file}.pixelColor(1, 1), PlotTheme::dimmed().background);
        QVERIFY(view.theme().dark); // the view itself is untouched
    }

    void theScreenDoesNotMatter_data()
    {
        QTest::addColumn<bool>("shown");
        QTest::newRow("never shown") << false;
        QTest::newRow("shown, large, dark") << true;
    }
    void theScreenDoesNotMatter()
    {
        QFETCH(bool, shown);
        QTemporaryDir folder;
        TrajectoryView one, other;
        one.setData(data());
        other.setData(data());
        other.resize(1500, 300);
        if (shown) {
            other.setTheme(PlotTheme::dimmed());
            other.show();
            QVERIFY(QTest::qWaitFor([&] { return other.replotCount() > 0; }));
        }
        QVERIFY(exportPlot(one, folder.filePath("one.png")).has_value());
        QVERIFY(exportPlot(other, folder.filePath("other.png")).has_value());
        QCOMPARE(QImage{folder.filePath("one.png")}, QImage{folder.filePath("other.png")});
    }

    void csvCarriesTheNumbers()
    {
        QTemporaryDir folder;
        CurvesView view;
        view.setData(data());
        const QString file = folder.filePath("a.csv");
        QVERIFY(exportPlot(view, file).has_value());
        const auto lines = content(file).trimmed().split('\n');
        const auto &samples = m_run.history->samples();
        QCOMPARE(lines.size(), static_cast<qsizetype>(samples.size()) + 1);
        QVERIFY(lines[0].startsWith("step,epoch,task loss (nat),"));
        for (std::size_t i = 0; i < samples.size(); ++i)
            QCOMPARE(lines[static_cast<qsizetype>(i) + 1].split(',')[2].toDouble(), samples[i].taskLoss);
    }

    void troubleIsNamed_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QSizeF>("size");
        QTest::addColumn<int>("dpi");
        QTest::addColumn<QString>("says");
        const QSizeF usual{89, 62};
        QTest::newRow("folder is missing") << "missing/a.pdf" << usual << 300 << "missing/a.pdf";
        QTest::newRow("folder is a file") << "file/a.csv" << usual << 300 << "file/a.csv";
        QTest::newRow("unknown ending") << "a.gif" << usual << 300 << ".svg";
        QTest::newRow("no ending") << "a" << usual << 300 << ".svg";
        QTest::newRow("too small") << "a.pdf" << QSizeF{5, 62} << 300 << "20 to 1000 mm";
        QTest::newRow("not a size") << "a.pdf" << QSizeF{std::nan(""), 62} << 300 << "20 to 1000 mm";
        QTest::newRow("too fine") << "a.png" << usual << 90000 << "90000";
    }
    void troubleIsNamed()
    {
        QFETCH(QString, name);
        QFETCH(QSizeF, size);
        QFETCH(int, dpi);
        QFETCH(QString, says);
        QTemporaryDir folder;
        QFile file{folder.filePath("file")};
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.close();
        HistogramView view;
        view.setData(data());
        const auto done = exportPlot(view, folder.filePath(name), {.sizeMm = size, .dpi = dpi});
        QVERIFY(!done);
        QVERIFY2(textOf(done).contains(says), qPrintable(textOf(done)));
        QCOMPARE(QDir{folder.path()}.entryList(QDir::Files), QStringList{"file"}); // nothing half-written
    }

    void figuresOfARun()
    {
        QTemporaryDir folder;
        auto description = *m_run.description;
        description.layers[1].name = "../odd name/ü";
        const QString into = folder.filePath("new/figures");
        const auto files = renderFigures({description, *m_run.last(), *m_run.history, 0.9}, into, {.dpi = 100});
        QVERIFY2(files.has_value(), files ? "" : files.error().text.c_str());
        QCOMPARE(files->size(), (2 * 5 + 2) * 4);
        for (const auto &file : *files) {
            QVERIFY2(QFileInfo{file}.size() > 100, qPrintable(file));
            QCOMPARE(QFileInfo{file}.absolutePath(), QFileInfo{into}.absoluteFilePath());
        }
        QCOMPARE(QDir{into}.entryList(QDir::Files).size(), files->size()); // no leftovers
        QVERIFY(QFile::exists(into + "/histogram-00-features.0.pdf"));
        QVERIFY(QFile::exists(into + "/tradeoff.csv"));
    }

    void figuresNeedAFolder()
    {
        QTemporaryDir folder;
        QFile file{folder.filePath("taken")};
        QVERIFY(file.open(QIODevice::WriteOnly));
        const auto files = renderFigures({*m_run.description, *m_run.last(), *m_run.history, {}}, folder.filePath("taken/in"));
        QVERIFY(!files);
        QVERIFY(files.error().text.find("taken/in") != std::string::npos);
    }

    void figuresOfAnEmptyRun()
    {
        QTemporaryDir folder;
        const auto files = renderFigures({*m_run.description, {}, engine::History{}, {}}, folder.path(), {.dpi = 60});
        QVERIFY(files.has_value()); // axes and nothing in them, but no crash
    }
};

QTEST_MAIN(TstExport)
#include "tst_export.moc"
