// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/models/runmodel.h"
#include <QDockWidget>

class QAction;
class QLabel;
class QToolButton;

namespace widgets {

/// A dock that shows something of a run. While it can be seen it is refreshed at each change of the model; hidden or
/// tabbed away it only remembers that something changed and catches up when it is shown.
class Dock : public QDockWidget {
    Q_OBJECT

public:
    /// `name` is its object name, by which the window's layout remembers it. `run` is borrowed.
    Dock(const QString &name, const QString &title, const RunModel &run, QWidget *parent = nullptr);

    /// Adds a button for the action to the title bar.
    void addTitleAction(QAction *action);
    /// Whether a button offers to fill the window with this dock.
    void setMaximisable(bool on);
    void showMaximised(bool on); ///< only what the button says
    quint64 refreshCount() const noexcept { return m_refreshes; }
    bool isSeen() const noexcept { return m_seen; } ///< neither hidden nor tabbed away; `visibilityChanged` tells when that changes

Q_SIGNALS:
    void maximiseRequested();

protected:
    const RunModel &run() const noexcept { return m_run; }
    virtual void refresh(RunModel::Changes changes) = 0;
    bool event(QEvent *event) override;

private:
    void makeTitleBar();
    void collect(RunModel::Changes changes);

    const RunModel &m_run;
    RunModel::Changes m_missed = RunModel::Everything;
    bool m_seen = false;
    quint64 m_refreshes = 0;
    QWidget *m_titleBar = nullptr;
    QLabel *m_title = nullptr;
    QToolButton *m_maximise = nullptr;
};

} // namespace widgets
