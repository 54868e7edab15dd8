// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QString>
#include <functional>

class QWidget;

namespace widgets {
class RunModel;
}

namespace app {

class RunSession;

/// Lets a run be left only when nothing is lost, for another run or because the window closes: asks, saves if
/// wanted, and then goes on. Nothing here blocks: the window stays alive while it asks, saves and waits for
/// the training thread.
class RunGuard : public QObject {
    Q_OBJECT

public:
    RunGuard(RunSession &session, const widgets::RunModel &run, QWidget *window);

    /// Calls `then` as soon as the run may be replaced: at once if all its steps are saved or it cannot be
    /// saved, after the answer or the save otherwise (without a question where the run has finished and is
    /// being saved), never if the answer is no or saving fails. `title` says what was asked for. Ignored
    /// while another question is open; one whose save is under way gives way to the new one.
    void replace(const QString &title, std::function<void()> then);

    /// Called when somebody wants to close. True: nothing is left to do, close now. False: quit() follows when it may.
    bool mayClose();
    /// The system wants the program to end: saves without asking, and in the folder for temporary files if it cannot
    /// elsewhere; then quit() follows.
    void saveAndQuit();

    void forget(); ///< no file was chosen for the save, or it failed: all stays as it is

Q_SIGNALS:
    void fileWanted();                 ///< the run has no file yet: ask for one, then save or forget()
    void waiting(const QString &note); ///< for the status bar
    void quit();                       ///< close now

private:
    struct Question {
        QString title, text;
        QString save, leave;         ///< the buttons
        std::function<void()> after; ///< what was asked for
    };
    bool isAsking() const;
    bool loses() const;
    void ask(const Question &question);
    void saveThen(const std::function<void()> &after);
    void saveElsewhere();
    void end();

    RunSession &m_session;
    const widgets::RunModel &m_run;
    QWidget *m_window;
    bool m_ending = false;
    bool m_hurries = false, m_triedElsewhere = false; // see saveAndQuit
    std::function<void()> m_afterSave; // empty: no save of ours is under way
};

} // namespace app
