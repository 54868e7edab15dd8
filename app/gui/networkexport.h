// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QProcess>
#include <QString>
#include <QTemporaryDir>
#include <memory>

class QWidget;

namespace widgets {
class RunModel;
}

namespace app {

class RunSession;

/// Asks where to, then has the run's snapped network as it is now written for other programs. The work is done by `condensate export` in a process
/// of its own, from a snapshot in a temporary folder: neither window nor run wait, and the run's threads and random numbers stay its own.
class NetworkExport : public QObject {
    Q_OBJECT

public:
    /// `session` and `run` are borrowed. `program`: condensate; empty: this program.
    NetworkExport(RunSession &session, const widgets::RunModel &run, QString program, QWidget *window);
    ~NetworkExport() override; ///< an export that is not done is given up

    void ask();
    void write(const QString &file); ///< in the format that it ends in; one file at a time

Q_SIGNALS:
    void told(const QString &note, int milliseconds); ///< for the status bar; 0: until the next one
    void remarked(const QString &sentences);          ///< what a user should know of the network in the file
    void failed(const QString &sentence);

private:
    bool isBusy() const noexcept { return m_folder != nullptr; }
    void convert(const QString &snapshot);
    void finish(int code);

    RunSession &m_session;
    const widgets::RunModel &m_run;
    QString m_program;
    QWidget *m_window;
    QString m_file;
    std::unique_ptr<QTemporaryDir> m_folder; // with the snapshot, while it is needed
    QProcess m_process;
};

} // namespace app
