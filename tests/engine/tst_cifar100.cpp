// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/dataset.h"
#include "tests/support/data_files.h"
#include <QTemporaryDir>
#include <QtTest>

using namespace engine;
using data_files::write;

class TstCifar100 : public QObject {
    Q_OBJECT
private slots:
    void readsFineLabels()
    {
        const QTemporaryDir folder;
        const auto batch = [&](const QString &name, qint64 records) {
            QFile file{folder.filePath(name)};
            QVERIFY(file.open(QIODevice::WriteOnly) && file.resize(records * 3074)); // zeros take no room on the disk
            file.seek(3 * 3074); // coarse label, fine label, first pixel of image 3
            file.write("\x13\x63\x07", 3);
        };
        batch("train.bin", 50'000);
        batch("test.bin", 10'000);
        const auto data = loadDataset("cifar100:" + folder.path().toStdString());
        QVERIFY2(data, data ? "" : data.error().text.c_str());
        QCOMPARE(data->train.count(), 50'000u);
        QCOMPARE(data->test.count(), 10'000u);
        QCOMPARE(data->train.labels[3], 99);
        QCOMPARE(data->train.image(3)[0], 7);
        QCOMPARE(data->classNames.size(), 100u);
        QCOMPARE(data->classNames[99], std::string{"99"}); // without the file of names

        write(folder.filePath("fine_label_names.txt"), "apple\nbaby\n");
        const auto fewNames = loadDataset("cifar100:" + folder.path().toStdString());
        QVERIFY(!fewNames && fewNames.error().text.find("expected 100 class names, found 2") != std::string::npos);
        QVERIFY(QFile::resize(folder.filePath("test.bin"), 10'000 * 3073)); // CIFAR-10's size
        const auto wrong = loadDataset("cifar100:" + folder.path().toStdString());
        QVERIFY(!wrong && wrong.error().text.find("no CIFAR-100 batch") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TstCifar100)
#include "tst_cifar100.moc"
