// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/models/runmodel.h"
#include <QList>
#include <QObject>

class QAction;
class QActionGroup;
class QUndoStack;
class QWidget;

namespace app {

/// Every action of the window, with text, icon, shortcut and object name; who they act on is wired elsewhere.
class Actions : public QObject {
    Q_OBJECT

public:
    Actions(QUndoStack &undo, QWidget *window);

    QAction *newRun, *open, *openRecipe, *saveRecipe, *save, *saveAs, *exportAll, *exportNetwork, *packNetwork, *quit;
    QAction *undo, *redo, *copy;
    QAction *run, *pause, *step, *stop, *pauseAt, *nextStage, *trainLonger;
    QAction *logCounts, *resetLayout, *maximise, *fullScreen;
    QAction *systemColours, *lightColours, *darkColours;
    QAction *quantities, *shortcuts, *about, *aboutQt;

    QList<QAction *> runButtons() const { return {run, pause, step, stop}; }
    QList<QAction *> all() const;
    /// Enables what makes sense in this state of the run.
    void enableFor(const widgets::RunModel &model);

private:
    QAction *make(const char *name, const QString &text, const QString &help, const QList<QKeySequence> &keys = {});

    QWidget *m_window;
};

} // namespace app
