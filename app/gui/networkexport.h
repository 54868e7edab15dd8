// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/gui/snapshotjob.h"
#include <QObject>
#include <QString>

class QWidget;

namespace widgets {
class RunModel;
}

namespace app {

/// Asks where to, then has the run's snapped network as it is now written: for other programs, or packed.
class NetworkExport : public QObject {
    Q_OBJECT

public:
    /// `session` and `run` are borrowed. `program`: see SnapshotJob.
    NetworkExport(RunSession &session, const widgets::RunModel &run, QString program, QWidget *window);

    void askExport(); ///< in any format
    void askPack();   ///< as a packed file
    void write(const QString &file); ///< in the format that it ends in; one file at a time

Q_SIGNALS:
    void told(const QString &note, int milliseconds); ///< for the status bar; 0: until the next one
    void remarked(const QString &sentences);          ///< what a user should know of the network in the file
    void failed(const QString &sentence);

private:
    void ask(const QString &title, const QStringList &filters);
    void tellWritten(const QByteArray &output);
    void tellPacked();

    const widgets::RunModel &m_run;
    QWidget *m_window;
    QString m_file;
    SnapshotJob m_job;
};

} // namespace app
