// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/report/report.h"
#include "tests/support/samplesnapshot.h"
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>
#include <algorithm>
#include <cmath>

using namespace engine;

namespace {

/// Two layers small enough to reckon by hand: occupancies (6, 2, 0, 0) and (4, 4).
SnapshotData reckonable()
{
    auto data = support::sampleSnapshot({{"features.0", "conv", {2, 1, 2, 2}, 4}, {"classifier", "linear", {2, 4}, 2}}, 4);
    data.network.layers[0].representatives = {-0.5f, 0.0f, 0.25f, 0.5f};
    data.network.layers[0].assignment = {0, 0, 0, 0, 0, 0, 1, 1};
    data.training.layers[0].weights = {-0.5f, -0.5f, -0.5f, -0.5f, -0.5f, -0.5f, 0.25f, -0.25f}; // distances: 6 × 0, 2 × 0.25
    data.network.layers[1].representatives = {-1.0f, 1.0f};
    data.network.layers[1].assignment = {0, 0, 0, 0, 1, 1, 1, 1};
    data.training.layers[1].weights = {-1, -1, -1, -1, 1, 1, 1, 2}; // one distance of 1
    (void)data.run.description.settings.setText(ParameterId::Layers, "classifier:lambda=0.25");
    data.run.description.floatParameters = 10;
    data.run.programVersion = "0.1.0";
    return data;
}

QJsonValue jsonOf(const SnapshotData &data) { return QJsonDocument::fromJson(QByteArray::fromStdString(toJson(data))).object(); }

} // namespace

class TstReport : public QObject {
    Q_OBJECT
private slots:
    void reckonsEachLayer();
    void tellsLearntMixing();
    void reckonsTheSizes();
    void alignsTheTable();
    void listsFloatLayersInTheirPlace();
    void showsRampsOfLayersWhereThereAreAny();
    void tellsOfAKeptModule();
    void namesChangedParametersOnly();
    void tellsAccuraciesThatWereMeasured();
    void standsOddData_data();
    void standsOddData();
};

void TstReport::reckonsEachLayer()
{
    const auto layers = jsonOf(reckonable())["layers"].toArray();
    QCOMPARE(layers.size(), 2);
    const auto first = layers[0].toObject();
    QCOMPARE(first["name"].toString(), "features.0");
    QCOMPARE(first["shape"].toArray(), (QJsonArray{2, 1, 2, 2}));
    QCOMPARE(first["occupancy"].toArray(), (QJsonArray{6, 2, 0, 0}));
    QCOMPARE(first["k"].toInt(), 4);
    QCOMPARE(first["used"].toInt(), 2);
    QCOMPARE(first["entropy_bits"].toDouble(), -0.75 * std::log2(0.75) - 0.25 * std::log2(0.25));
    QCOMPARE(first["mean_distance"].toDouble(), 0.0625);
    QVERIFY(first["lambda_override"].isNull());
    QCOMPARE(layers[1].toObject()["entropy_bits"].toDouble(), 1.0);
    QCOMPARE(layers[1].toObject()["lambda_override"].toDouble(), 0.25);
}

void TstReport::tellsLearntMixing()
{
    auto data = reckonable();
    QVERIFY(jsonOf(data)["layers"][1]["mixing"].isNull());
    QVERIFY(!QString::fromStdString(describeSnapshot(data)).contains("mixing"));
    data.training.layers[1].mixing = {0.25, 0.75};
    QCOMPARE(jsonOf(data)["layers"][1]["mixing"].toArray(), (QJsonArray{0.25, 0.75}));
    QVERIFY(jsonOf(data)["layers"][0]["mixing"].isNull());
    data.training.layers[0].mixing.assign(17, 1.0 / 17);
    QVERIFY(QString::fromStdString(describeSnapshot(data)).contains("  features.0  5.88 to 5.88\n"));
    data.training.layers[0].mixing.clear();
    const auto text = QString::fromStdString(describeSnapshot(data));
    QVERIFY2(text.contains("\nlearnt mixing proportions in %:\n  classifier  25.00  75.00\n"), qPrintable(text));
}

void TstReport::reckonsTheSizes()
{
    const auto size = jsonOf(reckonable())["size"].toObject();
    QCOMPARE(size["weights"].toInt(), 16);
    QCOMPARE(size["float32_bytes"].toInt(), 4 * (16 + 10));
    // Codes at 2 and 1 bits, 6 codebook values and 10 others as float32.
    QCOMPARE(size["theoretical_fixed_length"]["bytes"].toDouble(), 8 * 2 / 8.0 + 8 * 1 / 8.0 + 4 * (6 + 10));
    QCOMPARE(size["theoretical_fixed_length"]["ratio"].toDouble(), 104 / 67.0);
    const auto text = QString::fromStdString(describeSnapshot(reckonable()));
    int sizes = 0;
    for (const auto &line : text.split('\n')) {
        if (!line.contains("codes") && !line.contains("order-0"))
            continue;
        QVERIFY2(line.contains("(theoretical)"), qPrintable(line));
        ++sizes;
    }
    QCOMPARE(sizes, 2);
    QVERIFY2(text.contains("1.55×"), qPrintable(text));
}

void TstReport::alignsTheTable()
{
    auto data = support::sampleSnapshot(support::lenetLayers(), 1);
    data.run.description.layers[2].name = data.run.description.layers[2].name = "a.rather.long.name";
    const auto lines = QString::fromStdString(describeSnapshot(data)).split('\n');
    const auto head = std::ranges::find_if(lines, [](const QString &line) { return line.startsWith("layer"); });
    QVERIFY(head != lines.end());
    for (auto line = head; line != head + 7; ++line) // five layers and the total
        QCOMPARE(line->size(), head->size());
    QVERIFY((head + 3)->startsWith("a.rather.long.name  linear  120×400 "));
    QVERIFY((head + 3)->contains(" 48,000 "));
    QVERIFY((head + 6)->startsWith("total"));
}

void TstReport::listsFloatLayersInTheirPlace()
{
    auto data = reckonable();
    data.run.description.floatLayers = {support::floatLayer("features.3", {5, 2, 1, 1}, 1), support::floatLayer("head", {3, 2}, 2)};
    data.run.description.floatParameters += 16;
    const auto lines = QString::fromStdString(describeSnapshot(data)).split('\n');
    QStringList names;
    for (auto line = std::ranges::find_if(lines, [](const QString &text) { return text.startsWith("layer"); }) + 1;
         !line->startsWith("total"); ++line)
        names << line->section(' ', 0, 0);
    QCOMPARE(names, (QStringList{"features.0", "features.3", "classifier", "head"}));
    const auto row = *std::ranges::find_if(lines, [](const QString &text) { return text.startsWith("features.3"); });
    const double total = 8 * 0.811278 / 8 + 1 + 4 * (6 + 26.0); // bytes: codes of both layers, codebooks and floats
    const auto share = QString::number(100 * 40 / total, 'f', 2) + " %";
    QVERIFY2(row.contains("  float  ") && row.contains("conv") && row.contains("5×2×1×1") && row.contains(share),
             qPrintable(row + ": expected " + share));
    const auto json = jsonOf(data)["float_layers"].toArray();
    QCOMPARE(json.size(), 2);
    QCOMPARE(json[0]["name"].toString(), "features.3");
    QCOMPARE(json[0]["bytes"].toInt(), 40);
    QCOMPARE(json[1]["quantized_before"].toInt(), 2);
}

void TstReport::showsRampsOfLayersWhereThereAreAny()
{
    auto data = reckonable();
    QVERIFY(!QString::fromStdString(describeSnapshot(data)).contains("ramp own"));
    QVERIFY(jsonOf(data)["layers"][0]["ramp_own"]["ramp"].isNull());
    QVERIFY(data.run.description.settings.setText(ParameterId::Layers, "classifier:ramp=linear,ramp-share=0.5; f*:k=2"));
    const auto lines = QString::fromStdString(describeSnapshot(data)).split('\n');
    const auto head = std::ranges::find_if(lines, [](const QString &text) { return text.startsWith("layer"); });
    QVERIFY(head->contains("ramp own"));
    QVERIFY2((head + 2)->endsWith("  linear, length 0.5"), qPrintable(*(head + 2)));
    QCOMPARE((head + 1)->size(), (head + 2)->size());
    QCOMPARE((head + 1)->trimmed().last(1), QString{"%"}); // the other layer has none
    QCOMPARE(jsonOf(data)["layers"][1]["ramp_own"]["ramp-share"].toDouble(), 0.5);
    QVERIFY(jsonOf(data)["layers"][1]["ramp_own"]["ramp-start"].isNull());
}

void TstReport::tellsOfAKeptModule()
{
    auto data = reckonable();
    QVERIFY(!QString::fromStdString(describeSnapshot(data)).contains("network:"));
    QVERIFY(data.run.description.settings.setText(ParameterId::Model, "torchscript:/nowhere/net.pt"));
    QVERIFY(
        QString::fromStdString(describeSnapshot(data)).contains("network: /nowhere/net.pt (gone), without which the run cannot go on\n"));
    data.network.module.resize(12345);
    QVERIFY(
        QString::fromStdString(describeSnapshot(data))
            .contains("network: /nowhere/net.pt (gone); its code is kept in the snapshot (12,345 bytes), with which the run can go on\n"));
    QCOMPARE(jsonOf(data)["module_bytes"].toInt(), 12345);
}

void TstReport::namesChangedParametersOnly()
{
    auto data = reckonable();
    data.run.description.settings.setLayerRules({});
    QVERIFY(QString::fromStdString(describeSnapshot(data)).endsWith("All parameters have their defaults."));
    QVERIFY(data.run.description.settings.set(ParameterId::Lambda, 0.75));
    const auto text = QString::fromStdString(describeSnapshot(data));
    QVERIFY2(text.contains("lambda             0.75 (default "), qPrintable(text));
    QVERIFY2(!text.contains("momentum"), qPrintable(text));
    QCOMPARE(jsonOf(data)["parameters"]["lambda"].toDouble(), 0.75);
    QCOMPARE(jsonOf(data)["parameters"].toObject().size(), static_cast<qsizetype>(parameterTable().size()));
}

void TstReport::tellsAccuraciesThatWereMeasured()
{
    auto data = reckonable();
    auto text = QString::fromStdString(describeSnapshot(data));
    QVERIFY2(text.contains("validation accuracy at step 30 (subset): latent "), qPrintable(text));
    QVERIFY2(!text.contains("test accuracy"), qPrintable(text));
    QVERIFY(jsonOf(data)["test_accuracy"]["latent"].isNull());
    data.run.latentTestAccuracy = kNotMeasured;
    data.run.snappedTestAccuracy = 0.91234;
    text = QString::fromStdString(describeSnapshot(data));
    QVERIFY2(text.contains("test accuracy: latent not measured, snapped 91.23 %"), qPrintable(text));
    QCOMPARE(jsonOf(data)["test_accuracy"]["snapped"].toDouble(), 0.91234);
}

void TstReport::standsOddData_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<bool>("layers");
    QTest::newRow("no layers") << QByteArray{"plain"} << false;
    QTest::newRow("a name that is no UTF-8") << QByteArray{"\xff\xfe"} << true;
    QTest::newRow("quotes and braces") << QByteArray{"\"{}\""} << true;
}

void TstReport::standsOddData()
{
    QFETCH(QByteArray, name);
    QFETCH(bool, layers);
    SnapshotData data;
    if (layers)
        data = reckonable();
    data.run.description.dataName = name.toStdString();
    QVERIFY(!describeSnapshot(data).empty());
    QVERIFY(jsonOf(data)["layers"].isArray());
}

QTEST_APPLESS_MAIN(TstReport)
#include "tst_report.moc"
