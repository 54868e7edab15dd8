// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/run.h"
#include "tests/support/follower.h"
#include "tests/support/quickrun.h"
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

using namespace engine;

/// Runs of networks that have nothing to quantize.
class TstKernelless : public QObject {
    Q_OBJECT
    QTemporaryDir m_folder;

private slots:
    void initTestCase()
    {
        constexpr int kNoPyTorch = 77; // as scripted_modules.py says
        const int code = QProcess::execute("/usr/bin/python3", {TEST_SOURCE_DIR "/support/scripted_modules.py", m_folder.path()});
        if (code == kNoPyTorch)
            QSKIP("python3-torch is not installed");
        QCOMPARE(code, 0);
    }

    void aRunIsRefusedWithASentence_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("forward");
        for (const char *name : {"nokernel.pt", "unreached.pt"})
            for (const char *forward : {"float", "latent", "snapped"})
                QTest::addRow("%s, %s", name, forward) << name << forward;
    }
    void aRunIsRefusedWithASentence()
    {
        QFETCH(QString, name);
        QFETCH(QString, forward);
        Run run{FromSettings{support::quick(support::Changes{{ParameterId::Model, "torchscript:" + m_folder.filePath(name)},
                                                {ParameterId::Forward, forward}})}};
        Follower follower{run};
        run.start();
        const auto *failed = follower.await<Failed>();
        QVERIFY(failed);
        QVERIFY2(QString::fromStdString(failed->why.text).contains("at least one convolution or linear kernel"), failed->why.text.c_str());
    }
};

QTEST_APPLESS_MAIN(TstKernelless)
#include "tst_kernelless.moc"
