// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/docks/dock.h"

class QAction;
class QLabel;
class QToolButton;
class QVBoxLayout;

namespace widgets {

class ParameterModel;

/// Everything the user sets, generated from the parameter table; above it the buttons and progress of the run.
class ControlPanel : public Dock {
    Q_OBJECT

public:
    /// `buttons`: the actions that drive the run. Models are borrowed.
    ControlPanel(const RunModel &run, ParameterModel &parameters, const QList<QAction *> &buttons, QWidget *parent = nullptr);

    bool isAdvancedShown() const;
    void setAdvancedShown(bool on);

protected:
    void refresh(RunModel::Changes changes) override;

private:
    QList<QLabel *> addGroups(QVBoxLayout &layout, QWidget *parent, bool advanced);
    void showConflicts();

    ParameterModel &m_parameters;
    QLabel *m_fixed;
    QToolButton *m_toggle;
    QLabel *m_conflicts; // of fields that are folded away
    QWidget *m_advanced;
};

} // namespace widgets
