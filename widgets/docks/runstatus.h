// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/models/runmodel.h"
#include <QObject>

class QLabel;
class QStatusBar;

namespace widgets {

/// The figures of the run at the right of the status bar.
class RunStatus : public QObject {
    Q_OBJECT

public:
    RunStatus(const RunModel &run, QStatusBar &bar);

private:
    QLabel *addField(QStatusBar &bar, const QString &name, const QString &help, const QString &widest);
    void update(RunModel::Changes changes);

    const RunModel &m_run;
    QLabel *m_accuracy, *m_ratio, *m_rate, *m_waiting, *m_measuring;
};

} // namespace widgets
