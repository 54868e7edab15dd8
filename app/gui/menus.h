// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QStringList>

class QMenu;
class QMenuBar;

namespace widgets {
class PlotDock;
}

namespace app {

class Actions;
class DockSet;

/// Puts the actions into menus and fills those that depend on docks and recent files.
class Menus : public QObject {
    Q_OBJECT

public:
    Menus(QMenuBar &bar, const Actions &actions, const DockSet &docks);
    void showRecent(const QStringList &files);
    QMenu &recipes() const noexcept { return *m_recipes; } ///< empty at first

Q_SIGNALS:
    void recentChosen(const QString &file);
    void exportFigure(widgets::PlotDock *dock);
    void exportData(widgets::PlotDock *dock);

private:
    QMenu *addMenu(QMenuBar &bar, const QString &title);
    void addFile(QMenuBar &bar);
    void addView(QMenuBar &bar);

    const Actions &m_actions;
    const DockSet &m_docks;
    QMenu *m_recent = nullptr, *m_recipes = nullptr;
};

} // namespace app
