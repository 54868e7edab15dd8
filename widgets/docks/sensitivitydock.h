// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include "engine/sensitivity/sensitivity.h"
#include "widgets/docks/plotdock.h"
#include <memory>

class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QVBoxLayout;

namespace widgets {

class ParameterModel;
class SensitivityView;
struct MeasuredSensitivity;

/// What the quantization of each layer costs: asks for measurements, shows the newest, and plans what the
/// next run makes of it: the chosen layer stays float or gets more representatives. Measuring itself is done
/// elsewhere.
class SensitivityDock : public PlotDock {
    Q_OBJECT

public:
    /// Models are borrowed.
    SensitivityDock(const RunModel &run, ParameterModel &parameters, QWidget *parent = nullptr);
    SensitivityView &sensitivity() const noexcept { return *m_view; }

    /// Why the run cannot be measured now, as a sentence; empty where it can.
    QString obstacle() const;
    QString remark() const; ///< when what is shown was measured, if that is long ago or of an earlier run; empty where it is new
    void setBusy(bool busy);                 ///< while a measurement goes on
    void showProgress(int done, int all);    ///< measurements
    void showMeasured(std::shared_ptr<const MeasuredSensitivity> measured);
    void showNote(const QString &sentence);  ///< until a layer is chosen or something is asked for

Q_SIGNALS:
    void measureWanted(const engine::SensitivityOptions &options);
    void cancelWanted();
    void allocationWanted();

protected:
    void refresh(RunModel::Changes changes) override;

private:
    using Plan = engine::Result<QString> (*)(ParameterModel &, const engine::RunDescription &, const std::string &layer);
    QWidget *makePanel();
    void addMeasuring(QVBoxLayout &column);
    void addActing(QVBoxLayout &column);
    void askToMeasure();
    void act(Plan plan);
    void adapt();
    QString defaultNote() const;

    ParameterModel &m_parameters;
    SensitivityView *m_view;
    QSpinBox *m_k = nullptr, *m_images = nullptr;
    QComboBox *m_cost = nullptr;
    QPushButton *m_measure = nullptr, *m_cancel = nullptr, *m_float = nullptr, *m_more = nullptr, *m_allocate = nullptr;
    QProgressBar *m_progress = nullptr;
    QLabel *m_note = nullptr;
    QString m_said; // the note that somebody asked for
    bool m_busy = false;
};

} // namespace widgets
