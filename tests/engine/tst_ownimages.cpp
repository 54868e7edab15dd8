// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/dataset.h"
#include "tests/support/data_files.h"
#include "tests/support/pythonmodule.h"
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

using namespace engine;
using namespace data_files;

namespace {

/// Runs Python statements with h5py, as a user would write the file.
bool python(const QString &file, const QString &statements)
{
    QProcess process;
    process.start("/usr/bin/python3", {"-c", QStringLiteral("import h5py, numpy as np\n"
                                                            "f = h5py.File(r'%1', 'w')\n"
                                                            "pixels = (np.arange(20 * 3 * 16 * 18) % 251).reshape(20, 3, 16, 18)\n"
                                                            "%2\n"
                                                            "f.close()").arg(file, statements)});
    return process.waitForFinished(60000) && process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0;
}

std::string textOf(const Result<Dataset> &result) { return result ? std::string{} : result.error().text; }

void writeIdx(const QDir &folder, quint32 count, quint32 side)
{
    write(folder.filePath("train-images-idx3-ubyte"), idxImages(count, side));
    write(folder.filePath("train-labels-idx1-ubyte"), idxLabels(count));
    write(folder.filePath("t10k-images-idx3-ubyte"), idxImages(count, side));
    write(folder.filePath("t10k-labels-idx1-ubyte"), idxLabels(count));
}

} // namespace

class TstOwnImages : public QObject {
    Q_OBJECT
private slots:
    void initTestCase()
    {
        m_hasH5py = support::hasPythonModule("h5py");
    }

    void readsWhatH5pyWrote()
    {
        if (!m_hasH5py)
            QSKIP("python3-h5py is not installed.");
        const QString file = m_folder.filePath("whole.h5");
        QVERIFY(python(file, "f.create_dataset('images', data=pixels.astype('uint8'), compression='gzip', shuffle=True)\n"
                             "f['labels'] = np.arange(20) % 3\n"
                             "f['test_images'] = pixels[:4].astype('uint8')\n"
                             "f['test_labels'] = np.array([2, 1, 0, 2], 'uint8')\n"
                             "f.attrs['class_names'] = ['circle', 'größe', 'star']\n"
                             "f.attrs['mirror_is_safe'] = 1"));
        const auto data = loadDataset("hdf5:" + file.toStdString());
        QVERIFY2(data, textOf(data).c_str());
        QCOMPARE(data->name, "whole.h5");
        QVERIFY((data->classNames == std::vector<std::string>{"circle", "größe", "star"}));
        QVERIFY(data->mirrorIsSafe);
        QCOMPARE(data->train.count(), 20u);
        QCOMPARE(data->train.channels, 3);
        QCOMPARE(data->train.height, 16);
        QCOMPARE(data->train.width, 18);
        for (std::size_t i = 0; i < data->train.pixels.size(); ++i)
            QCOMPARE(data->train.pixels[i], static_cast<std::uint8_t>(i % 251));
        QCOMPARE(data->train.labels[5], 2);
        QVERIFY((data->test.labels == std::vector<std::uint8_t>{2, 1, 0, 2}));
    }

    void scalesFloats_data()
    {
        QTest::addColumn<QString>("values");
        QTest::addColumn<QList<int>>("expected"); // of the first three pixels
        QTest::newRow("0 to 1") << "[0, 0.5, 1]" << QList<int>{0, 128, 255};
        QTest::newRow("any") << "[-3, 0, 3]" << QList<int>{0, 128, 255};
        QTest::newRow("all the same") << "[7, 7, 7]" << QList<int>{0, 0, 0};
    }
    void scalesFloats()
    {
        if (!m_hasH5py)
            QSKIP("python3-h5py is not installed.");
        QFETCH(QString, values);
        QFETCH(QList<int>, expected);
        const QString file = m_folder.filePath("floats.h5");
        QVERIFY(python(file, QStringLiteral("f['images'] = np.resize(np.array(%1, 'float32'), (20, 1, 16, 18))\n"
                                            "f['labels'] = np.arange(20) % 2\n"
                                            "f['test_images'] = np.resize(np.array([-100, 100, np.nan], 'float32'), (2, 1, 16, 18))\n"
                                            "f['test_labels'] = [0, 1]").arg(values)));
        const auto data = loadDataset("hdf5:" + file.toStdString());
        QVERIFY2(data, textOf(data).c_str());
        for (int i = 0; i < 3; ++i)
            QCOMPARE(data->train.pixels[static_cast<std::size_t>(i)], expected[i]);
        if (expected[2] > 0)
            QCOMPARE((QList<int>{data->test.pixels[0], data->test.pixels[1], data->test.pixels[2]}), (QList<int>{0, 255, 0}));
        QVERIFY((data->classNames == std::vector<std::string>{"0", "1"}));
    }

    void setsAFifthAsideForTheTest()
    {
        if (!m_hasH5py)
            QSKIP("python3-h5py is not installed.");
        const QString file = m_folder.filePath("single.h5");
        QVERIFY(python(file, "f['images'] = pixels.astype('uint8')\nf['labels'] = np.arange(20) % 2"));
        const auto data = loadDataset("hdf5:" + file.toStdString()), again = loadDataset("hdf5:" + file.toStdString());
        QVERIFY2(data && again, textOf(data).c_str());
        QCOMPARE(data->test.count(), 4u);
        QCOMPARE(data->train.count(), 16u);
        QCOMPARE(std::ranges::count(data->test.labels, 0), 2);
        QVERIFY(data->test.pixels == again->test.pixels);
    }

    void refusesBadFiles_data()
    {
        QTest::addColumn<QString>("statements");
        QTest::addColumn<QString>("mentions");
        const QString images = "f['images'] = pixels.astype('uint8')\n", labels = "f['labels'] = np.arange(20) % 2\n";
        QTest::newRow("no images") << labels << "/images: is missing";
        QTest::newRow("no labels") << images << "/labels: is missing";
        QTest::newRow("three dimensions") << labels + "f['images'] = pixels[:, 0].astype('uint8')"
                                            << "images × channels × height × width";
        QTest::newRow("no image") << "f['images'] = pixels[:0].astype('uint8')\nf['labels'] = np.zeros(0, 'uint8')"
                                  << "images × channels × height × width";
        QTest::newRow("doubles") << labels + "f['images'] = pixels.astype('float64')" << "uint8 or float32";
        QTest::newRow("not a number") << labels + "f['images'] = np.full((20, 1, 16, 16), np.nan, 'float32')" << "finite numbers";
        QTest::newRow("too few labels") << images + "f['labels'] = np.arange(19)" << "expected 20, found 19";
        QTest::newRow("labels that are no whole numbers") << images + "f['labels'] = np.zeros(20)" << "whole numbers";
        QTest::newRow("a negative label") << images + "f['labels'] = np.arange(20) - 1" << "label -1 for image number 1";
        QTest::newRow("a label beyond the classes") << images + labels + "f.attrs['class_names'] = ['a', 'b']\nf['labels'][7] = 2"
                                                    << "label 2 for image number 8";
        QTest::newRow("too many classes") << images + "f['labels'] = np.arange(20) * 20" << "labels 0 to 255";
        QTest::newRow("one class") << images + "f['labels'] = np.zeros(20, 'int8')" << "2 to 256 classes";
        QTest::newRow("two channels") << labels + "f['images'] = pixels[:, :2].astype('uint8')" << "1 or 3 channels";
        QTest::newRow("test images of another size")
            << images + labels + "f['test_images'] = pixels[:, :, :, :16].astype('uint8')\nf['test_labels'] = np.arange(20) % 2"
            << "as in /images";
        QTest::newRow("test images alone") << images + labels + "f['test_images'] = pixels.astype('uint8')" << "/test_labels: is missing";
        QTest::newRow("far too few") << "f['images'] = pixels[:2].astype('uint8')\nf['labels'] = [0, 1]" << "more images";
        QTest::newRow("a link elsewhere") << labels + "f['images'] = h5py.ExternalLink('other.h5', '/images')" << "a link elsewhere";
    }
    void refusesBadFiles()
    {
        if (!m_hasH5py)
            QSKIP("python3-h5py is not installed.");
        QFETCH(QString, statements);
        QFETCH(QString, mentions);
        const QString file = m_folder.filePath("bad.h5");
        QVERIFY(python(file, statements));
        const auto data = loadDataset("hdf5:" + file.toStdString());
        QVERIFY(!data);
        const QString text = QString::fromStdString(data.error().text);
        QVERIFY2(text.contains(mentions) && text.contains("bad.h5"), qPrintable(text));
    }

    void refusesWhatIsNoHdf5()
    {
        const QString file = m_folder.filePath("text.h5");
        write(file, "these are no images");
        const auto text = loadDataset("hdf5:" + file.toStdString()), missing = loadDataset("hdf5:" + file.toStdString() + "x");
        QVERIFY(!text && text.error().code == ErrorCode::BadFormat);
        QVERIFY(!missing && missing.error().code == ErrorCode::NotFound);
        QVERIFY(!loadDataset("hdf5:"));
    }

    void readsIdxOfAnySize()
    {
        const QTemporaryDir folder;
        writeIdx(QDir{folder.path()}, 12, 20);
        const auto data = loadDataset("idx:" + folder.path().toStdString() + "/");
        QVERIFY2(data, textOf(data).c_str());
        QCOMPARE(data->train.height, 20);
        QCOMPARE(data->classNames.size(), 10u);
        QCOMPARE(data->train.pixels[20 * 20], 2);
        QCOMPARE(QString::fromStdString(data->name), QDir{folder.path()}.dirName());
        QVERIFY(!loadDataset("fashion-mnist:" + folder.path().toStdString())); // whose images are of 28×28
    }

    void refusesIdxOfTwoSizes()
    {
        const QTemporaryDir folder;
        writeIdx(QDir{folder.path()}, 12, 20);
        write(folder.filePath("t10k-images-idx3-ubyte"), idxImages(12, 24));
        const auto data = loadDataset("idx:" + folder.path().toStdString());
        QVERIFY(!data);
        QVERIFY2(data.error().text.find("20×20") != std::string::npos, data.error().text.c_str());
    }

private:
    QTemporaryDir m_folder;
    bool m_hasH5py = false;
};

QTEST_GUILESS_MAIN(TstOwnImages)
#include "tst_ownimages.moc"
