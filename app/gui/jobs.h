// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QString>

class QWidget;

namespace widgets {
class ParameterModel;
class RunModel;
}

namespace app {

class Actions;
class DockSet;
class RunSession;

/// All that works on the run beside its training, joined to the actions and docks it belongs to: exports and
/// packing, packed size, sensitivities, bit allocation, post-training curves.
class Jobs : public QObject {
    Q_OBJECT

public:
    struct Parts {
        RunSession &session;
        const widgets::RunModel &run;
        widgets::ParameterModel &parameters;
        const DockSet &docks;
        const Actions &actions;
    };
    Jobs(const Parts &parts, const QString &program, QWidget *window); ///< `parts` are borrowed. `program`: see SnapshotJob.

Q_SIGNALS:
    void told(const QString &note, int milliseconds); ///< for the status bar; 0: until the next one
    void remarked(const QString &sentences);          ///< what a user should know of a file that was written
    void failed(const QString &sentence);
};

} // namespace app
