// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/models/runmodel.h"
#include <QWidget>

class QAction;
class QLabel;
class QProgressBar;

namespace widgets {

class StageStrip;

/// Buttons that drive the run, its stages, its progress with rate and time to go.
class RunControls : public QWidget {
    Q_OBJECT

public:
    RunControls(const RunModel &run, const QList<QAction *> &buttons, QWidget *parent = nullptr);

private:
    void update(RunModel::Changes changes);
    void showProgress();

    const RunModel &m_run;
    StageStrip *m_stages;
    QProgressBar *m_progress;
    QLabel *m_pace;
};

} // namespace widgets
