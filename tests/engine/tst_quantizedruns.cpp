// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/run.h"
#include "engine/posttraining/posttraining.h"
#include "tests/support/follower.h"
#include "tests/support/quickrun.h"
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <set>

using namespace engine;
using support::quick;

namespace {

/// The snapshot of a run of a second at its end.
SnapshotData trained(const Settings &settings)
{
    const QTemporaryDir folder;
    const auto file = folder.filePath("run.h5").toStdString();
    Run run{FromSettings{settings}};
    Follower follower{run};
    run.start();
    if (!follower.await<Finished>())
        qFatal("training failed");
    run.post(TakeSnapshot{file});
    if (!follower.await<SnapshotSaved>())
        qFatal("saving failed");
    run.stop();
    run.wait();
    auto data = readSnapshot(file);
    if (!data)
        qFatal("%s", data.error().text.c_str());
    return *std::move(data);
}

PostTrainingOptions with(const char *method, QuantizerOptions quantizer, bool isUnified = false, int epochs = 0)
{
    return {.method = findQuantizer(method), .quantizer = quantizer, .isUnified = isUnified, .fineTuningEpochs = epochs};
}

bool isOnItsRepresentatives(const SnapshotData &data, std::size_t l)
{
    const auto &weights = data.training.layers[l].weights;
    const auto &[representatives, assignment] = data.network.layers[l];
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (weights[i] != representatives.at(assignment[i]))
            return false;
    }
    return true;
}

std::size_t zeros(const SnapshotData &data)
{
    std::size_t count = 0;
    for (const auto &layer : data.training.layers)
        count += static_cast<std::size_t>(std::ranges::count(layer.weights, 0.0f));
    return count;
}

} // namespace

/// Networks that are quantized after their training, measured, fine-tuned, stored and opened again.
class TstQuantizedRuns : public QObject {
    Q_OBJECT
private slots:
    void initTestCase()
    {
        m_float = trained(quick({{ParameterId::Forward, "float"}, {ParameterId::Entropy, "0.1"}, {ParameterId::Dead, "drop"}}));
    }

    void aSnapshotHoldsTheNetworkThatWasMeasured_data()
    {
        QTest::addColumn<QByteArray>("method");
        for (const auto &method : quantizers())
            QTest::addRow("%s", method.name.data()) << QByteArray{method.name.data(), static_cast<qsizetype>(method.name.size())};
    }
    void aSnapshotHoldsTheNetworkThatWasMeasured()
    {
        QFETCH(QByteArray, method);
        const auto result = quantizeAfterTraining(m_float, with(method.constData(), {.k = 8}));
        QVERIFY2(result.has_value(), result ? "" : result.error().text.c_str());
        QCOMPARE(result->accuracy, result->reestimatedAccuracy); // lenet5 has no batch-norm
        QVERIFY(std::isnan(result->fineTunedAccuracy));
        SizeEstimate size = floatSize(m_float.run.description.floatParameters);
        for (std::size_t l = 0; l < m_float.training.layers.size(); ++l) {
            const auto &weights = result->snapshot.training.layers[l].weights;
            const auto &layer = result->snapshot.network.layers[l];
            QVERIFY(isOnItsRepresentatives(result->snapshot, l));
            QVERIFY(layer.representatives.size() <= 8);
            std::vector<std::uint64_t> occupancy(layer.representatives.size());
            for (const auto code : layer.assignment)
                ++occupancy[code];
            size += layerSize(occupancy);
            if (method == "kmeans") { // the latent weights' own nearest representatives
                for (std::size_t i = 0; i < weights.size(); ++i) {
                    const float w = m_float.training.layers[l].weights[i];
                    for (const float r : layer.representatives)
                        QVERIFY(std::abs(w - weights[i]) <= std::abs(w - r) * 1.0001f);
                }
            }
        }
        QCOMPARE(result->size, size);

        const QTemporaryDir folder;
        const auto file = folder.filePath("quantized.h5").toStdString();
        QVERIFY(writeSnapshot(result->snapshot, file).has_value());
        const auto run = std::make_unique<Run>(FromSnapshot{file});
        Follower follower{*run};
        run->start();
        const auto *finished = follower.await<Finished>();
        QVERIFY(finished);
        QCOMPARE(finished->summary.snappedTestAccuracy, result->accuracy);
        QCOMPARE(finished->summary.size, size);
        const auto frame = run->frames().take();
        QVERIFY(frame && frame->latentAccuracy == frame->snappedAccuracy);
        const auto again = quantizedSnapshot(*readSnapshot(file), with("kmeans", {.k = 8})); // what is quantized stays as it is
        QVERIFY(again && again->network.layers[0].representatives == result->snapshot.network.layers[0].representatives &&
                again->network.layers[0].assignment == result->snapshot.network.layers[0].assignment);
    }

    void manyRepresentativesKeepTheAccuracy()
    {
        const auto many = quantizeAfterTraining(m_float, with("kmeans", {.k = 256})),
                   few = quantizeAfterTraining(m_float, with("kmeans", {.k = 2}));
        QVERIFY(many && few);
        QVERIFY2(std::abs(many->accuracy - *m_float.run.latentTestAccuracy) < 0.01, qPrintable(QString::number(many->accuracy)));
        QVERIFY(few->accuracy < many->accuracy && few->size.entropyBytes < many->size.entropyBytes);
    }

    void fineTuningKeepsCodesAndZeros_data()
    {
        QTest::addColumn<int>("k");
        QTest::newRow("apart from 0") << 3;
        QTest::newRow("close to 0: the mean of all that is left") << 2;
    }
    void fineTuningKeepsCodesAndZeros()
    {
        QFETCH(int, k);
        int epochs = 0;
        double firstLoss = 0, lastLoss = 0;
        const FineTuningWatch watch{.epochEnded = [&](int epoch, double loss) {
            QCOMPARE(epoch, ++epochs);
            (epochs == 1 ? firstLoss : lastLoss) = loss;
        }};
        const auto options = with("kmeans", {.k = k, .prune = 40}, false, 3);
        const auto before = quantizedSnapshot(m_float, options);
        const auto result = quantizeAfterTraining(m_float, options, watch);
        QVERIFY(before && result);
        QCOMPARE(epochs, 3);
        qInfo("loss %.3f → %.3f, accuracy %.4f → %.4f", firstLoss, lastLoss, result->accuracy, result->fineTunedAccuracy);
        QVERIFY(lastLoss < firstLoss || k == 2); // too few to learn anything
        QVERIFY(result->fineTunedAccuracy >= result->accuracy);
        bool moved = false;
        for (std::size_t l = 0; l < before->network.layers.size(); ++l) {
            QVERIFY(before->network.layers[l].assignment == result->snapshot.network.layers[l].assignment);
            QVERIFY(isOnItsRepresentatives(result->snapshot, l));
            moved |= before->network.layers[l].representatives != result->snapshot.network.layers[l].representatives;
        }
        QVERIFY(moved);
        std::size_t weights = 0;
        for (const auto &layer : m_float.training.layers)
            weights += layer.weights.size();
        QCOMPARE(zeros(result->snapshot), zeros(*before));
        QVERIFY(std::abs(static_cast<double>(zeros(*before)) / static_cast<double>(weights) - 0.4) < 0.001);
        QCOMPARE(result->snapshot.run.stage, Stage::Finished);
        QCOMPARE(count(result->snapshot.run.step), 3 * m_float.run.description.stepsPerEpoch);
    }

    void fineTuningCanBeInterrupted()
    {
        int steps = 0;
        const auto result = quantizeAfterTraining(m_float, with("uniform", {.k = 4}, false, 1000),
                                                  {.epochEnded = {}, .isInterrupted = [&] { return ++steps > 3; }});
        QVERIFY(!result);
        QCOMPARE(steps, 4);
    }

    void layersShareACodebook()
    {
        const auto data = quantizedSnapshot(m_float, with("probabilistic", {.k = 5}, true));
        QVERIFY(data.has_value());
        std::set<std::string> kinds;
        const auto &infos = data->run.description.layers;
        for (const auto &info : infos) {
            const auto l = index(info.id), owner = index(std::ranges::find(infos, info.kind, &LayerInfo::kind)->id);
            QVERIFY(data->network.layers[l].representatives == data->network.layers[owner].representatives);
            QVERIFY(isOnItsRepresentatives(*data, l));
            kinds.insert(info.kind);
        }
        QCOMPARE(kinds.size(), std::size_t{2});
        QVERIFY(data->network.layers.front().representatives != data->network.layers.back().representatives);
        const auto result = quantizeAfterTraining(m_float, with("probabilistic", {.k = 5}, true));
        QVERIFY2(result.has_value(), result ? "" : result.error().text.c_str());
        const auto alone = quantizeAfterTraining(m_float, with("probabilistic", {.k = 5}));
        QVERIFY(result->size.fixedBytes < alone->size.fixedBytes); // two codebooks, not five
    }

    void rangesOfChannelsAreOneLayerAgain()
    {
        const auto ranges = trained(quick({{ParameterId::Scope, "channels"},
                                           {ParameterId::ChannelGroups, "3"},
                                           {ParameterId::Layers, "classifier.1:float; features.0:k=2"},
                                           {ParameterId::CommitShare, "0"}}));
        const auto result = quantizeAfterTraining(ranges, with("kmeans", {.k = 4}));
        QVERIFY2(result.has_value(), result ? "" : result.error().text.c_str());
        QCOMPARE(result->snapshot.network.layers.size(), m_float.network.layers.size() - 1);
        QCOMPARE(result->snapshot.run.description.floatLayers.size(), std::size_t{1});
        QCOMPARE(result->snapshot.run.description.layers[0].name, std::string{"features.0"});
        QVERIFY(result->snapshot.run.description.layers[0].shape == m_float.run.description.layers[0].shape);
        QCOMPARE(result->snapshot.network.layers[0].representatives.size(), std::size_t{4});
        const auto same = quantizedSnapshot(ranges, with("uniform", {.k = 256})); // the weights in their order: hardly changed
        QVERIFY(same.has_value());
        std::size_t range = 0, place = 0;
        for (const float w : same->training.layers[0].weights) {
            if (place == ranges.training.layers[range].weights.size()) {
                ++range;
                place = 0;
            }
            QVERIFY(std::abs(w - ranges.training.layers[range].weights[place++]) < 0.01f);
        }
    }

    void aBadWeightIsNamed()
    {
        SnapshotData bad = m_float;
        bad.training.layers[2].weights[7] = std::nanf("");
        const auto result = quantizeAfterTraining(bad, with("uniform", {.k = 4}));
        QVERIFY(!result);
        QVERIFY2(result.error().text.starts_with(bad.run.description.layers[2].name) &&
                     result.error().text.find("number 7") != std::string::npos,
                 result.error().text.c_str());
    }

private:
    SnapshotData m_float;
};

QTEST_GUILESS_MAIN(TstQuantizedRuns)
#include "tst_quantizedruns.moc"
