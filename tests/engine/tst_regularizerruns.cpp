// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/regularizers/regularizer.h"
#include "engine/run/run.h"
#include "tests/support/follower.h"
#include <QtTest>
#include <filesystem>
#include <filesystem>

using namespace engine;

namespace {

/// One epoch of warm-up and one of clustering on real images, without a commit, which would put every weight
/// in its place.
Settings settingsFor(const char *regularizer)
{
    Settings settings;
    const auto set = [&](ParameterId id, const char *text) {
        if (!settings.setText(id, text))
            qFatal("bad value %s", text);
    };
    set(ParameterId::Regularizer, regularizer);
    set(ParameterId::Forward, "latent"); // the regularizer alone ties weights to representatives
    set(ParameterId::Epochs, "2");
    set(ParameterId::CommitShare, "0");
    set(ParameterId::ValidationShare, "0.5");
    set(ParameterId::Lambda, "3");
    set(ParameterId::Threads, "1");
    return settings;
}

double meanDistance(const Frame &frame, const RunDescription &description)
{
    double distance = 0, weights = 0;
    for (std::size_t layer = 0; layer < frame.layers.size(); ++layer) {
        const auto n = static_cast<double>(description.layers[layer].weightCount);
        distance += n * frame.layers[layer].meanDistance;
        weights += n;
    }
    return distance / weights;
}

} // namespace

class TstRegularizerRuns : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void weightsGatherAtTheirRepresentatives_data()
    {
        QTest::addColumn<QByteArray>("name");
        for (const auto &spec : regularizers())
            QTest::addRow("%s", spec.name.data()) << QByteArray{spec.name.data(), static_cast<qsizetype>(spec.name.size())};
    }
    void weightsGatherAtTheirRepresentatives()
    {
        if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist"))
            QSKIP("Fashion-MNIST is not installed here (package dataset-fashion-mnist)");
        QFETCH(QByteArray, name);
        Run run{FromSettings{settingsFor(name.constData())}};
        Follower follower{run};
        run.start({.paused = true});
        const auto *prepared = follower.await<Prepared>();
        QVERIFY(prepared);
        QVERIFY(follower.await<Paused>());
        QVERIFY(std::holds_alternative<Applied>(follower.ask(PauseAt{Step{prepared->description->warmupSteps}})));
        QVERIFY(std::holds_alternative<Applied>(follower.ask(Resume{})));
        QVERIFY(follower.await<Paused>());
        const auto before = run.frames().take(); // the codebooks are what k-means would choose
        QCOMPARE(before->layers.size(), std::size_t{5});
        QVERIFY(std::holds_alternative<Applied>(follower.ask(Resume{})));
        QVERIFY(follower.await<Finished>());
        const auto after = run.frames().take();
        const double start = meanDistance(*before, *prepared->description), end = meanDistance(*after, *prepared->description);
        qInfo("%-10s mean distance %.5f → %.5f; snapped %.1f %%, k-means before %.1f %%", name.constData(), start, end,
              100 * after->snappedAccuracy, 100 * before->snappedAccuracy);
        QVERIFY(end < 0.1 * start);
    }
};

QTEST_APPLESS_MAIN(TstRegularizerRuns)
#include "tst_regularizerruns.moc"
