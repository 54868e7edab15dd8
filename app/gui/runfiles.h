// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QString>

class QWidget;

namespace widgets {
class RunModel;
}

namespace app {

class RunSession;

/// The files of runs, as a user meets them: asks which one is opened and where to one is saved.
class RunFiles : public QObject {
    Q_OBJECT

public:
    RunFiles(RunSession &session, const widgets::RunModel &run, QWidget *window); ///< all are borrowed

    void askOpen();
    void save();   ///< asks only where the run has no file
    void askSave();
    QString title() const; ///< of the window

Q_SIGNALS:
    void chosen(const QString &file); ///< to be opened
    void notSaved();                  ///< nothing was chosen

private:
    RunSession &m_session;
    const widgets::RunModel &m_run;
    QWidget *m_window;
};

/// What a user calls a snapshot: its name, or that of the run's folder if it is the newest state there.
QString shownName(const QString &snapshot);

} // namespace app
