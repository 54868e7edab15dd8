// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sensitivity/sensitivity.h"
#include "tests/support/quicksnapshot.h"
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>
#include <cmath>

using namespace engine;

namespace {

bool same(const Scores &a, const Scores &b) { return a.accuracy == b.accuracy && std::abs(a.loss - b.loss) < 1e-6; }

} // namespace

class TstSensitivity : public QObject {
    Q_OBJECT
private slots:
    void listsEveryLayer_data()
    {
        QTest::addColumn<QString>("scope");
        QTest::addColumn<int>("layers");
        QTest::newRow("a codebook a layer") << "layer" << 5;
        QTest::newRow("ranges of channels") << "channels" << 10;
        QTest::newRow("unified") << "unified" << 5;
    }
    void listsEveryLayer()
    {
        QFETCH(QString, scope);
        QFETCH(int, layers);
        const auto snapshot =
            support::snapshotAt(support::quick({{ParameterId::Scope, qPrintable(scope)}, {ParameterId::ChannelGroups, "2"}}), Step{40});
        QVERIFY2(snapshot, snapshot ? "" : snapshot.error().text.c_str());
        const auto measured = measureSensitivity(*snapshot, {.images = 100});
        QVERIFY2(measured, measured ? "" : measured.error().text.c_str());
        QCOMPARE(measured->layers.size(), static_cast<std::size_t>(layers));
        QCOMPARE(measured->images, std::uint64_t{100});
        for (std::size_t layer = 0; layer < measured->layers.size(); ++layer) {
            const LayerInfo &info = snapshot->run.description.layers[layer];
            const auto &weights = snapshot->training.layers[layer].weights;
            const auto &[representatives, assignment] = snapshot->network.layers[layer];
            const LayerSensitivity &found = measured->layers[layer];
            QCOMPARE(found.layer, info.name);
            QCOMPARE(found.weights, info.weightCount);
            QCOMPARE(found.k, 4);
            double error = 0;
            for (std::size_t i = 0; i < weights.size(); ++i)
                error += std::pow(static_cast<double>(weights[i]) - representatives[assignment[i]], 2);
            QVERIFY(std::abs(found.meanSquaredError - error / static_cast<double>(weights.size())) <= 1e-4 * found.meanSquaredError);
        }
    }

    void oneLayerAloneIsAllOrNone()
    {
        // Where the others stay float, "alone" is "all" and "all but it" is "none".
        const auto snapshot =
            support::snapshotAt(support::quick({{ParameterId::Layers, "features.*:float; classifier.3:float; classifier.5:float"},
                                                {ParameterId::CodebookSize, "2"}}),
                                Step{35});
        QVERIFY2(snapshot, snapshot ? "" : snapshot.error().text.c_str());
        const auto measured = measureSensitivity(*snapshot);
        QVERIFY2(measured, measured ? "" : measured.error().text.c_str());
        QCOMPARE(measured->layers.size(), std::size_t{1});
        QVERIFY(same(measured->layers[0].alone, measured->snapped));
        QVERIFY(same(measured->layers[0].others, measured->latent));
        QVERIFY(!same(measured->latent, measured->snapped));
        QCOMPARE(measured->images, snapshot->run.description.validationImages);
    }

    void otherCodebooksCanBeTried()
    {
        const auto snapshot = support::snapshotAt(support::quick(), Step{20});
        QVERIFY2(snapshot, snapshot ? "" : snapshot.error().text.c_str());
        const auto coarse = measureSensitivity(*snapshot, {.k = 2}), fine = measureSensitivity(*snapshot, {.k = 64});
        QVERIFY(coarse && fine);
        for (std::size_t layer = 0; layer < coarse->layers.size(); ++layer) {
            QCOMPARE(coarse->layers[layer].k, 2);
            QVERIFY(fine->layers[layer].meanSquaredError < 0.1 * coarse->layers[layer].meanSquaredError);
        }
        QVERIFY(std::abs(fine->snapped.loss - fine->latent.loss) < std::abs(coarse->snapped.loss - coarse->latent.loss));
    }

    void theMostSensitiveComesFirst()
    {
        Sensitivity sensitivity;
        for (const double loss : {0.3, 0.9, 0.3, 2.0})
            sensitivity.layers.emplace_back().alone = {.accuracy = 0.5, .loss = loss};
        QVERIFY((sensitivity.byLoss() == std::vector<std::size_t>{3, 1, 0, 2}));
        sensitivity.layers[3].layer = "the.worst";
        sensitivity.layers[1].layer = "the.second";
        const QString text = QString::fromStdString(describeSensitivity(sensitivity));
        QVERIFY(text.indexOf("the.worst") > 0 && text.indexOf("the.worst") < text.indexOf("the.second"));
        const auto json = QJsonDocument::fromJson(QByteArray::fromStdString(sensitivityToJson(sensitivity))).object();
        QCOMPARE(json["layers"].toArray().size(), 4);
        QCOMPARE(json["layers"][3]["alone"]["loss"].toDouble(), 2.0);
    }

    void readsWhatItWrote()
    {
        Sensitivity written{.dataName = "a \"set\"",
                            .images = 7,
                            .step = Step{42},
                            .latent = {.accuracy = 0.75, .loss = 0.5},
                            .snapped = {.accuracy = 0.25, .loss = 1.5},
                            .layers = {}};
        written.layers.push_back({.layer = "features.3[0:16]",
                                  .weights = 1'000'000'007,
                                  .k = 16,
                                  .meanSquaredError = 1e-7,
                                  .entropyBits = 3.25,
                                  .alone = {.accuracy = 0.5, .loss = std::nan("")},
                                  .others = {.accuracy = 0.125, .loss = 2}});
        const auto read = readSensitivity(sensitivityToJson(written));
        QVERIFY2(read, read ? "" : read.error().text.c_str());
        QCOMPARE(sensitivityToJson(*read), sensitivityToJson(written));
        QVERIFY(std::isnan(read->layers[0].alone.loss));
        QCOMPARE(count(read->step), std::uint64_t{42});
        for (const char *text : {"", "{", "[]", R"({"data": "x"})", R"({"data": 3, "images": "many"})"}) {
            const auto bad = readSensitivity(text);
            QVERIFY(!bad && bad.error().code == ErrorCode::BadFormat &&
                    bad.error().text.find("condensate sensitivity --json") != std::string::npos);
        }
    }

    void batchNormCanBeReestimated()
    {
        const auto snapshot = support::snapshotAt(
            support::quick({{ParameterId::Model, "vgg-small"},
                            {ParameterId::Data, "generated:3x32x32"},
                            {ParameterId::BatchSize, "300"},
                            {ParameterId::Epochs, "1"},
                            {ParameterId::CodebookSize, "2"},
                            {ParameterId::Layers, "features.1?:float; features.3:float; features.7:float; classifier.*:float"}}),
            Step{3});
        QVERIFY2(snapshot, snapshot ? "" : snapshot.error().text.c_str());
        const auto plain = measureSensitivity(*snapshot, {.images = 50}),
                   anew = measureSensitivity(*snapshot, {.images = 50, .reestimatesNorms = true});
        QVERIFY(plain && anew);
        QVERIFY(same(anew->layers[0].others, plain->latent) == false);
        QVERIFY(same(plain->latent, anew->latent));
        QVERIFY(!same(plain->snapped, anew->snapped));
    }

    void canBeStopped()
    {
        const auto snapshot = support::snapshotAt(support::quick(), Step{35});
        QVERIFY2(snapshot, snapshot ? "" : snapshot.error().text.c_str());
        std::vector<std::size_t> seen;
        const auto measured = measureSensitivity(*snapshot, {.images = 50}, [&](std::size_t done, std::size_t all) {
            seen.push_back(done);
            return all == 12 && done < 6;
        });
        QVERIFY(measured);
        QCOMPARE(measured->layers.size(), std::size_t{2});
        QVERIFY((seen == std::vector<std::size_t>{2, 4, 6}));
    }

    void refuses()
    {
        const auto finished = support::snapshotAt(support::quick(), {});
        QVERIFY2(finished, finished ? "" : finished.error().text.c_str());
        const auto committed = measureSensitivity(*finished);
        QVERIFY(!committed && committed.error().text.find("latent weights") != std::string::npos);
        const auto k = measureSensitivity(*finished, {.k = 257});
        QVERIFY(!k && k.error().text.find("1 to 256, found 257") != std::string::npos);
        const auto none = measureSensitivity(*finished, {.images = 0});
        QVERIFY(!none && none.error().code == ErrorCode::BadValue);
    }
};

QTEST_GUILESS_MAIN(TstSensitivity)
#include "tst_sensitivity.moc"
