// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/runprogram.h"
#include <QDir>
#include <QImage>
#include <QTemporaryDir>
#include <QtTest>

using support::Outcome;
using support::run;

/// `condensate --screenshot`: each way in which a picture becomes due, or cannot be had. None may wait for ever.
class TstScreenshot : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString file(const char *name) const { return m_folder.filePath(QString::fromLatin1(name)); }

private slots:
    void initTestCase()
    {
        const Outcome trained = run({"train", "--data", "generated", "--epochs", "2", "--batch-size", "60", "--threads", "1", "--quiet",
                                     "--warmup-share", "0.25", "--reference", "--out", file("run")}); // warmup.h5 is of half an epoch
        QVERIFY2(trained.code == 0, qPrintable(trained.err));
    }

    void isTaken_data()
    {
        QTest::addColumn<QStringList>("arguments");
        const QStringList quick{"--data", "generated", "--epochs", "3", "--batch-size", "60", "--threads", "1", "--start"};
        QTest::newRow("of a run opened before its first epoch is over") << QStringList{file("run/warmup.h5")};
        QTest::newRow("of the same as it goes on") << QStringList{file("run/warmup.h5"), "--start"};
        QTest::newRow("of a finished run") << QStringList{file("run/snapshot.h5")};
        QTest::newRow("of a run that reaches the epoch") << quick;
        QTest::newRow("of a run that is over before") << quick + QStringList{"--screenshot-epoch", "100"};
        QTest::newRow("of a window without a run") << QStringList{};
    }
    void isTaken()
    {
        QFETCH(QStringList, arguments);
        const Outcome shot = run(QStringList{"--screenshot", file("window.png"), "--screenshot-width", "1200"} + arguments);
        QVERIFY2(shot.code == 0, qPrintable(shot.err));
        QCOMPARE(QImage{file("window.png")}.width(), 1200);
        QVERIFY(QFile::remove(file("window.png")));
    }

    void isNotTaken_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("mentions");
        QTest::newRow("of a snapshot that is not there") << QStringList{"/no/such.h5"} << "/no/such.h5";
        QTest::newRow("of what is no snapshot") << QStringList{file("run/recipe.toml")} << "recipe.toml";
        QTest::newRow("of a run without data") << QStringList{"--data", "cifar10:/no/such", "--start"} << "/no/such";
    }
    void isNotTaken()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, mentions);
        const Outcome shot = run(QStringList{"--screenshot", file("window.png")} + arguments);
        QCOMPARE(shot.code, 1);
        const auto complaints = shot.err.split('\n').filter("condensate: ");
        QVERIFY2(complaints.size() == 1 && complaints.front().contains(mentions), qPrintable(shot.err));
        QVERIFY(!QFile::exists(file("window.png")));
    }

    void cannotBeWritten()
    {
        const Outcome shot = run({"--screenshot", "/no/such/folder/window.png"});
        QCOMPARE(shot.code, 1);
        QVERIFY2(shot.err.contains("condensate: cannot write the picture /no/such/folder/window.png."), qPrintable(shot.err));
    }
};

QTEST_GUILESS_MAIN(TstScreenshot)
#include "tst_screenshot.moc"
