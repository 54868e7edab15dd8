// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/posttraining/posttraining.h"
#include "engine/posttraining/posttrainingbench.h"
#include "tests/support/finishedrun.h"
#include "tests/support/quicksnapshot.h"
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <string_view>

using namespace engine;
using Images = PostTrainingBench::Images;

namespace {

PostTrainingOptions with(const char *method, int k, bool isUnified = false)
{
    return {.method = findQuantizer(method), .quantizer = {.k = k}, .isUnified = isUnified};
}

PostTrainingBench opened(const SnapshotData &source, Images images)
{
    auto bench = PostTrainingBench::open(source, images);
    if (!bench)
        qFatal("%s", bench.error().text.c_str());
    return *std::move(bench);
}

} // namespace

/// Many quantizers on one network, loaded once.
class TstPostTrainingBench : public QObject {
    Q_OBJECT

    static Settings settings(bool hasBatchNorm, const char *scope = "layer")
    {
        return hasBatchNorm
                   ? support::quick({{ParameterId::Model, "vgg-small"},
                                     {ParameterId::Epochs, "1"},
                                     {ParameterId::BatchSize, "180"},
                                     {ParameterId::CommitShare, "0.2"}})
                   : support::quick(
                         {{ParameterId::Scope, scope}, {ParameterId::ChannelGroups, "3"}, {ParameterId::Layers, "classifier.1:float"}});
    }

private slots:
    void measuresTheNetworkThatQuantizingMakes_data()
    {
        QTest::addColumn<bool>("hasBatchNorm");
        QTest::addColumn<QByteArray>("scope");
        QTest::addColumn<bool>("isUnified");
        QTest::newRow("a codebook a layer") << false << QByteArray{"layer"} << false;
        QTest::newRow("unified") << false << QByteArray{"layer"} << true;
        QTest::newRow("ranges of channels before") << false << QByteArray{"channels"} << false;
        QTest::newRow("batch-norm, channels side by side") << true << QByteArray{"layer"} << false;
    }
    void measuresTheNetworkThatQuantizingMakes()
    {
        QFETCH(bool, hasBatchNorm);
        QFETCH(QByteArray, scope);
        QFETCH(bool, isUnified);
        const auto source = support::snapshotAt(settings(hasBatchNorm, scope.constData()), Step{hasBatchNorm ? 4u : 40u});
        QVERIFY2(source, source ? "" : source.error().text.c_str());
        auto bench = opened(*source, Images::Test);
        QVERIFY(bench.measure(with("uniform", 64, isUnified))); // leaves nothing behind
        for (const char *method : {"probabilistic", "entropy-constrained"}) {
            if (hasBatchNorm && method != std::string_view{"probabilistic"})
                continue; // one of them takes long enough
            const auto options = with(method, 6, isUnified);
            const auto measured = bench.measure(options);
            const auto expected = quantizeAfterTraining(*source, options);
            QVERIFY(measured && expected);
            QCOMPARE(measured->accuracy, expected->accuracy);
            QCOMPARE(measured->reestimatedAccuracy, expected->reestimatedAccuracy);
            QCOMPARE(measured->size, expected->size);
            QCOMPARE(measured->layers.size(), expected->snapshot.network.layers.size());
            for (std::size_t l = 0; l < measured->layers.size(); ++l) {
                QCOMPARE(measured->layers[l].name, expected->snapshot.run.description.layers[l].name);
                QCOMPARE(static_cast<std::size_t>(measured->layers[l].k), expected->snapshot.network.layers[l].representatives.size());
            }
        }
    }

    void theValidationImagesAreTheRunsOwn_data()
    {
        QTest::addColumn<bool>("hasBatchNorm");
        QTest::newRow("lenet5") << false;
        QTest::newRow("batch-norm") << true;
    }
    void theValidationImagesAreTheRunsOwn()
    {
        QFETCH(bool, hasBatchNorm);
        const QTemporaryDir folder;
        Run run{FromSettings{settings(hasBatchNorm)}};
        const auto finished = support::finishRun(run, folder.filePath("run.h5").toStdString());
        run.stop();
        QVERIFY(finished);
        const auto measured =
            opened(finished->data, Images::Validation).measure(with("kmeans", 4)); // its own four values, and its own statistics
        QVERIFY2(measured, measured ? "" : measured.error().text.c_str());
        QCOMPARE(measured->accuracy, finished->summary.snappedValidationAccuracy);
        QCOMPARE(measured->size, finished->summary.size);
    }

    void tellsWhatIsWrong()
    {
        auto source = support::snapshotAt(support::quick(), Step{2});
        QVERIFY(source);
        SnapshotData bad = *source;
        bad.training.layers[2].weights[7] = std::nanf("");
        const auto measured = opened(bad, Images::Validation).measure(with("uniform", 4));
        QVERIFY(!measured);
        QVERIFY2(measured.error().text.starts_with(bad.run.description.layers[2].name) &&
                     measured.error().text.find("number 7") != std::string::npos,
                 measured.error().text.c_str());
        QVERIFY(source->run.description.settings.setText(ParameterId::Data, "fashion-mnist:/no/such/folder"));
        const auto missing = PostTrainingBench::open(*source, Images::Test);
        QVERIFY(!missing && missing.error().text.find("/no/such/folder") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TstPostTrainingBench)
#include "tst_posttrainingbench.moc"
