// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/packedfile.h"
#include "tests/support/runprogram.h"
#include "tests/support/samplepacked.h"
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

using support::Outcome;
using support::run;

/// The small program that users start: what it answers itself, without LibTorch and Qt, and what it has the
/// program answer.
class TstLauncher : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString m_packed, m_alone; // a packed file; the launcher without its program

private Q_SLOTS:
    void initTestCase()
    {
        m_packed = m_folder.filePath(QStringLiteral("model.cnd"));
        QVERIFY(engine::writePacked(support::samplePacked(), m_packed.toStdString()));
        m_alone = m_folder.filePath(QStringLiteral("condensate"));
        QVERIFY(QFile::copy(QStringLiteral(CONDENSATE_PROGRAM), m_alone));
    }

    void tellsOfPackedFilesByItself_data()
    {
        QTest::addColumn<QStringList>("options");
        QTest::newRow("words") << QStringList{};
        QTest::newRow("json") << QStringList{QStringLiteral("--json")};
    }
    void tellsOfPackedFilesByItself()
    {
        QFETCH(QStringList, options);
        const Outcome alone = run(QStringList{QStringLiteral("info"), m_packed} + options, m_alone);
        QVERIFY2(alone.code == 0, qPrintable(alone.err));
        QVERIFY(alone.out.contains(QStringLiteral("classifier.0")));
        const Outcome program = run(QStringList{QStringLiteral("info")} + options + QStringList{QStringLiteral("--"), m_packed});
        QVERIFY2(program.code == 0, qPrintable(program.err));
        QCOMPARE(alone.out, program.out); // and the program would have said the same
    }

    void refusesADamagedFileInASentence()
    {
        QFile whole{m_packed};
        QVERIFY(whole.open(QIODevice::ReadOnly));
        QFile cut{m_folder.filePath(QStringLiteral("cut.cnd"))};
        QVERIFY(cut.open(QIODevice::WriteOnly));
        cut.write(whole.read(whole.size() / 2));
        cut.close();
        const Outcome told = run({QStringLiteral("info"), cut.fileName()}, m_alone);
        QCOMPARE(told.code, 2);
        QVERIFY(told.out.isEmpty() && told.err.startsWith(QStringLiteral("condensate: ")) && told.err.count(QLatin1Char('\n')) == 1);
    }

    void saysWhereItsProgramIsMissing()
    {
        const Outcome told = run({QStringLiteral("models")}, m_alone);
        QCOMPARE(told.code, 1);
        QVERIFY2(told.err.contains(QStringLiteral("libexec/condensate/condensate")), qPrintable(told.err));
    }

    void handsOverEverythingElse()
    {
        const Outcome told =
            run({QStringLiteral("models"), QStringLiteral("lenet5"), QStringLiteral("--images"), QStringLiteral("1x28x28")});
        QVERIFY2(told.code == 0, qPrintable(told.err));
        QVERIFY(told.out.contains(QStringLiteral("lenet5")));
        QCOMPARE(run({QStringLiteral("info"), m_folder.filePath(QStringLiteral("none.cnd"))}).code, 2);
    }
};

QTEST_GUILESS_MAIN(TstLauncher)
#include "tst_launcher.moc"
