// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/gui/snapshotjob.h"
#include "widgets/models/runmodel.h"
#include "widgets/plots/posttrainingcurves.h"
#include <QObject>

class QAction;

namespace widgets {
class TradeoffView;
}

namespace app {

class DockSet;

/// Curves of the post-training quantizers for the trade-off plot: one click has them measured for the latent
/// weights that the run has now, beside the training, and they grow as they are measured. A click while that
/// goes on gives up; what was measured stays. Another run takes them away.
class PostTrainingJob : public QObject {
    Q_OBJECT

public:
    /// All are borrowed. Puts a button into the title bar of the trade-off and an entry into its menu.
    /// `program`: see SnapshotJob.
    PostTrainingJob(RunSession &session, const widgets::RunModel &run, const DockSet &docks, QString program, QObject *parent);

Q_SIGNALS:
    void told(const QString &note, int milliseconds); ///< for the status bar; 0: until the next one
    void failed(const QString &sentence);

private:
    void start();
    void add(const QByteArray &line);
    void count(int done, int all);
    void end(const QString &note);
    void forget();
    void showState();
    bool isCommittedAt(engine::Step step) const;
    QString whyNot() const; ///< empty: it can begin

    const widgets::RunModel &m_run;
    widgets::TradeoffView &m_view;
    QAction *m_action;
    widgets::PostTrainingCurves m_curves; // growing
    int m_done = 0, m_all = 0;
    bool m_cameTooLate = false; // the run had committed its weights when it was copied
    SnapshotJob m_job;
};

} // namespace app
