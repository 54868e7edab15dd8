// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QObject>
#include <QProcess>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>
#include <map>
#include <memory>

namespace app {

class RunSession;

/// Has `condensate` do something with the run as it is now: in a process of its own at low priority, from a
/// snapshot in a temporary folder. Neither window nor run wait for it, and the run's threads and random
/// numbers stay its own. One job at a time. Each that was started ends with exactly one of `done`, `failed`
/// and `cancelled`.
class SnapshotJob : public QObject {
    Q_OBJECT

public:
    /// `session` is borrowed. `program`: condensate; empty: this program.
    SnapshotJob(RunSession &session, QString program, QObject *parent);
    ~SnapshotJob() override; ///< a job that is not done is given up

    /// Runs `condensate COMMAND SNAPSHOT OPTIONS…`. Requires: not busy.
    void start(const QString &command, const QStringList &options);
    /// Gives the job up; `cancelled` follows at once. Ignored where there is none.
    void cancel();
    bool isBusy() const noexcept { return m_folder != nullptr; }

Q_SIGNALS:
    void progressed(int done, int all);    ///< where the command has `--progress`
    void wrote(const QByteArray &line);    ///< each whole line of its standard output, without its end, as soon as it comes
    void previewed(const QByteArray &json); ///< a first answer, where the command has one beside its progress
    void done(const QByteArray &output);   ///< what it wrote to standard output, also where that is that nothing fits what was asked for
    void failed(const QString &sentence);  ///< empty: the session has told why the run could not be copied
    void cancelled();

private:
    void run(const QString &snapshot);
    void readProgress();
    void readOutput();
    void finish(int code);
    void clear();

    RunSession &m_session;
    const QString m_program;
    QString m_command;
    QStringList m_options;
    QString m_snapshot;
    QStringList m_complaints; // lines of standard error that are no progress
    QByteArray m_output;      // standard output so far
    qsizetype m_told = 0;     // of it, by `wrote`
    std::unique_ptr<QTemporaryDir> m_folder; // with the snapshot, while it is needed
    std::map<QString, std::unique_ptr<QTemporaryDir>> m_givenUp; // that the run has still to write a snapshot into, by its name
    std::unique_ptr<QProcess> m_process;
};

} // namespace app
