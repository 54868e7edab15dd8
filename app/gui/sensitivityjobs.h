// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/gui/snapshotjob.h"
#include "engine/sensitivity/allocation.h"
#include <QObject>
#include <QPointer>
#include <memory>

namespace widgets {
class AllocationDialog;
class ParameterModel;
class RunModel;
class SensitivityDock;
struct MeasuredSensitivity;
}

namespace app {

/// Has the run as it is now measured in the background for the dock of sensitivities and the dialog that
/// allocates bits.
class SensitivityJobs : public QObject {
    Q_OBJECT

public:
    /// `session`, models and `dock` are borrowed. `program`: see SnapshotJob.
    SensitivityJobs(RunSession &session, const widgets::RunModel &run, widgets::ParameterModel &parameters, const QString &program,
                    widgets::SensitivityDock &dock, QObject *parent);

private:
    void wireMeasurement();
    void wireAllocation();
    void measure(const engine::SensitivityOptions &options);
    void openDialog();
    void allocate(const engine::AllocationRequest &request);
    void use();

    const widgets::RunModel &m_run;
    widgets::ParameterModel &m_parameters;
    widgets::SensitivityDock &m_dock;
    SnapshotJob m_measurement, m_allocation;
    std::shared_ptr<widgets::MeasuredSensitivity> m_pending;          // what the measurement that goes on is of
    std::shared_ptr<const engine::RunDescription> m_allocatedRun;     // that the allocation is for
    QPointer<widgets::AllocationDialog> m_dialog;
};

} // namespace app
