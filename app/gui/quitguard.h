// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>

class QWidget;

namespace widgets {
class RunModel;
}

namespace app {

class RunSession;

/// Lets the window close only when nothing is lost: asks while a run goes on or has unsaved steps, saves if wanted, and
/// waits, with the window alive, until the training thread is gone.
class QuitGuard : public QObject {
    Q_OBJECT

public:
    QuitGuard(RunSession &session, const widgets::RunModel &run, QWidget *window);

    /// Called when somebody wants to close. True: nothing is left to do, close now. False: quit() follows when it may.
    bool mayClose();

Q_SIGNALS:
    void fileWanted();                 ///< the run has no file yet: ask for one, then save
    void waiting(const QString &note); ///< for the status bar
    void quit();                       ///< close now

private:
    void ask();
    void saveThenEnd();
    void end();

    RunSession &m_session;
    const widgets::RunModel &m_run;
    QWidget *m_window;
    bool m_ending = false, m_saving = false;
};

} // namespace app
