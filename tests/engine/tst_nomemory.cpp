// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/packedfile.h"
#include "engine/data/dataset.h"
#include "engine/data/sources.h"
#include "engine/storage/snapshotwriter.h"
#include "tests/support/image_files.h"
#include "tests/support/nomemory.h"
#include "tests/support/samplepacked.h"
#include "tests/support/samplesnapshot.h"
#include <QTemporaryDir>
#include <QtTest>
#include <thread>

using namespace engine;
using support::NoMemory;

namespace {

constexpr std::size_t kLarge = std::size_t{1} << 19; // nothing but pixels, codes and weights is as large

/// Kernels whose codes take a megabyte each, however they are coded.
PackedModel largeKernels()
{
    PackedModel model = support::samplePacked();
    model.kernels.clear();
    for (std::uint64_t i = 0; i < 4; ++i)
        model.kernels.push_back(support::packedKernel("kernel " + std::to_string(i), {1000, 1000}, support::gaussianShares(256), i + 1));
    return model;
}

/// A folder of images of a million pixels each.
void writeLargeImages(const QString &folder)
{
    const auto png = image_files::toPng(image_files::plain(1000, 1000, 1, 7));
    for (int i = 0; i < 5; ++i) {
        image_files::writeBytes(QStringLiteral("%1/apple/%2.png").arg(folder).arg(i), png);
        image_files::writeBytes(QStringLiteral("%1/pear/%2.png").arg(folder).arg(i), png);
    }
}

template <typename T>
QString textOf(const Result<T> &result)
{
    return result ? QStringLiteral("no error") : QString::fromStdString(result.error().text);
}

} // namespace

/// What becomes of a helper thread that finds no memory: a sentence, and never the end of the program.
class TstNoMemory : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void packing()
    {
        const auto model = largeKernels();
        QVERIFY(packToMemory(model, {.threads = 2}));
        const QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath("model.cnd").toStdString();
        const QString expected = QStringLiteral("The network cannot be packed: not enough memory.");
        {
            const NoMemory none{kLarge, NoMemory::OwnThread::Waits};
            QCOMPARE(textOf(packToMemory(model, {.threads = 2})), expected);
            QVERIFY(none.failures() > 0);
            QCOMPARE(textOf(planPacked(model, {.threads = 3})), expected);
            QCOMPARE(textOf(writePacked(model, file, {.threads = 4})), expected);
        }
        QVERIFY(!std::filesystem::exists(file));
        QVERIFY(packToMemory(model, {.threads = 2}));
    }

    void foldersOfImages()
    {
        const QTemporaryDir folder;
        writeLargeImages(folder.path());
        const auto place = folder.path().toStdString();
        QVERIFY(loadFolder(place, 3));
        {
            const NoMemory none{kLarge, NoMemory::OwnThread::Waits};
            QVERIFY_EXCEPTION_THROWN((void)loadFolder(place, 3), std::bad_alloc); // on this thread, for loadDataset to translate
            QVERIFY(none.failures() > 0);
            if (std::thread::hardware_concurrency() > 1)
                QCOMPARE(textOf(loadDataset("folder:" + place)),
                         "There is not enough memory to load the data set \"folder:" + folder.path() + "\".");
        }
        QVERIFY(loadFolder(place, 3));
    }

    void snapshots_data()
    {
        QTest::addColumn<int>("times");
        QTest::newRow("none to write") << 1;
        QTest::newRow("none to write, nor for the sentence that says so") << 2;
    }
    void snapshots()
    {
        QFETCH(int, times);
        const QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath("run.h5").toStdString();
        const auto data = std::make_shared<const SnapshotData>(support::sampleSnapshot(support::lenetLayers(), 5, 1));
        std::vector<Result<void>> told;
        told.reserve(2);
        SnapshotWriter writer;
        const auto done = [&told](const std::filesystem::path &, Step, const Result<void> &result) { told.push_back(result); };
        {
            const NoMemory none{1, NoMemory::OwnThread::GoesOn, times};
            writer.write(data, file, {}, done);
            writer.drain();
            QCOMPARE(none.failures(), times);
        }
        QCOMPARE(told.size(), std::size_t{1});
        QCOMPARE(textOf(told.front()), "\"" + QString::fromStdString(file.string()) + "\" was not written: not enough memory.");
        writer.write(data, file, {}, done);
        writer.drain();
        QVERIFY2(told.back(), qPrintable(textOf(told.back())));
        QVERIFY(readSnapshot(file));
    }
};

QTEST_GUILESS_MAIN(TstNoMemory)
#include "tst_nomemory.moc"
