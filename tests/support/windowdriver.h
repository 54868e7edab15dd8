// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/gui/mainwindow.h"
#include <QDir>
#include <QDirIterator>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

/// Small enough for a test, long enough to be watched: some ten thousand steps.
inline engine::Settings shortRun()
{
    engine::Settings settings;
    (void)settings.setText(engine::ParameterId::Data, "generated");
    (void)settings.setText(engine::ParameterId::Epochs, "200");
    (void)settings.setText(engine::ParameterId::BatchSize, "32");
    (void)settings.setText(engine::ParameterId::Threads, "1");
    return settings;
}

/// A folder for a test's files, for the program's settings and for its runs, so that nobody's real ones are touched.
class OwnFolder {
public:
    OwnFolder()
    {
        QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, m_folder.path());
        qputenv("CONDENSATE_RUNS", file("runs").toUtf8());
    }
    QString file(const char *name) const { return m_folder.filePath(QString::fromLatin1(name)); }
    /// The newest snapshots of the runs of windows, in order of their folders' names.
    QStringList savedRuns() const
    {
        QStringList found;
        for (QDirIterator each{file("runs"), {QStringLiteral("snapshot.h5")}, QDir::Files, QDirIterator::Subdirectories}; each.hasNext();)
            found << each.next();
        found.sort();
        return found;
    }
    void clearRuns() const { QDir{file("runs")}.removeRecursively(); }
    static void clearSettings() { QSettings{QStringLiteral("Condensate"), QStringLiteral("condensate")}.clear(); }

private:
    QTemporaryDir m_folder;
};

inline void click(app::MainWindow &window, const char *button)
{
    QTest::mouseClick(window.findChild<QToolButton *>(QString::fromLatin1(button)), Qt::LeftButton);
}

/// What the window asks before a run with unsaved steps is left, or nullptr.
inline QMessageBox *question(const app::MainWindow &window)
{
    return window.findChild<QMessageBox *>(QStringLiteral("leaveBox"));
}

inline void answer(const app::MainWindow &window, const char *button)
{
    QTest::mouseClick(question(window)->findChild<QPushButton *>(QString::fromLatin1(button)), Qt::LeftButton);
    QTRY_VERIFY(!question(window));
}

/// Closes the window, whatever becomes of its run.
inline void leave(app::MainWindow &window)
{
    window.close();
    if (question(window))
        answer(window, "leaveNow");
    QTRY_VERIFY_WITH_TIMEOUT(!window.isVisible(), 30000);
}
