// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QString>

class QWidget;

namespace widgets {
class PlotDock;
class RunModel;
}

namespace app {

class DockSet;

/// Asks where to, then exports the numbers of one plot, or every plot of every layer.
class Exports : public QObject {
    Q_OBJECT

public:
    Exports(const DockSet &docks, const widgets::RunModel &run, QWidget *window); ///< borrowed

    void askData(widgets::PlotDock *dock);
    void askAll();

Q_SIGNALS:
    void told(const QString &note, int milliseconds); ///< for the status bar; 0: until the next one
    void failed(const QString &sentence);

private:
    void exportAll(const QString &folder);

    const DockSet &m_docks;
    const widgets::RunModel &m_run;
    QWidget *m_window;
};

} // namespace app
