// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/regularizers/regularizer.h"
#include "engine/run/run.h"
#include "tests/support/finishedrun.h"
#include "tests/support/flags.h"
#include "tests/support/follower.h"
#include <QTemporaryDir>
#include <QtTest>
#include <filesystem>

using namespace engine;

namespace {

/// One epoch of warm-up and one of clustering on real images, without a commit, which would put every weight in its
/// place. The regularizer alone ties weights to representatives.
const QStringList kFlags{"forward=latent", "epochs=2", "commit-share=0", "validation-share=0.5", "lambda=3", "threads=1"};

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

    QTemporaryDir m_folder;
    std::shared_ptr<const Frame> m_before; ///< at the end of the warm-up that all share, with codebooks by k-means
    std::filesystem::path warmupEnd() const { return m_folder.filePath("warmup.h5").toStdString(); }

private Q_SLOTS:
    void initTestCase()
    {
        if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist"))
            QSKIP("Fashion-MNIST is not installed here (package dataset-fashion-mnist)");
        Run run{FromSettings{support::with(kFlags)}};
        Follower follower{run};
        run.start({.paused = true});
        const auto *prepared = follower.await<Prepared>();
        QVERIFY(prepared && follower.await<Paused>());
        QVERIFY(std::holds_alternative<Applied>(follower.ask(PauseAt{Step{prepared->description->warmupSteps}})));
        QVERIFY(std::holds_alternative<Applied>(follower.ask(Resume{})));
        QVERIFY(follower.await<Paused>());
        m_before = run.frames().take();
        QVERIFY(support::takeSnapshot(run, follower, warmupEnd()));
    }

    void weightsGatherAtTheirRepresentatives_data()
    {
        QTest::addColumn<QString>("name");
        for (const auto &spec : regularizers())
            QTest::addRow("%s", spec.name.data()) << QString::fromUtf8(spec.name.data(), static_cast<qsizetype>(spec.name.size()));
    }
    void weightsGatherAtTheirRepresentatives()
    {
        QFETCH(QString, name);
        Run run{Branch{warmupEnd(), support::changesOf({"regularizer=" + name})}};
        Follower follower{run};
        run.start();
        const auto *prepared = follower.await<Prepared>();
        QVERIFY(prepared && follower.await<Finished>());
        const auto after = run.frames().take();
        QCOMPARE(after->layers.size(), std::size_t{5});
        const double start = meanDistance(*m_before, *prepared->description), end = meanDistance(*after, *prepared->description);
        qInfo("%-10s mean distance %.5f → %.5f; snapped %.1f %%, k-means before %.1f %%", qPrintable(name), start, end,
              100 * after->snappedAccuracy, 100 * m_before->snappedAccuracy);
        QVERIFY(end < 0.1 * start);
    }
};

QTEST_APPLESS_MAIN(TstRegularizerRuns)
#include "tst_regularizerruns.moc"
