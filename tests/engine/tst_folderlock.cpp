// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/files/folderlock.h"
#include <QTemporaryDir>
#include <QTest>
#include <sys/wait.h>
#include <unistd.h>

using namespace engine;

class TstFolderLock : public QObject {
    Q_OBJECT
private slots:
    /// Whose parent has not asked for its exit code yet, as where nobody does: in a container, say.
    void aProcessThatEndedHoldsNothing()
    {
        const QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath("run.lock").toStdString();
        const pid_t child = ::fork();
        QVERIFY(child >= 0);
        if (child == 0) {
            const auto lock = FolderLock::take(file);
            ::_exit(lock ? 0 : 1);
        }
        siginfo_t ended{};
        QCOMPARE(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
        QCOMPARE(ended.si_status, 0);
        QVERIFY(FolderLock::isLeftBehind(file));
        QVERIFY(FolderLock::take(file));
        QCOMPARE(::waitpid(child, nullptr, 0), child);
    }
};

QTEST_GUILESS_MAIN(TstFolderLock)
#include "tst_folderlock.moc"
