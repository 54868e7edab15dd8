// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/models/parametermodel.h"
#include <QUndoCommand>

namespace widgets {

/// A value that the user changed. Undo asks the run for the old setting again; weights stay what training made of them,
/// and the journal records it as a new change at its own step. Pushed when the change is in force already, so the first
/// redo does nothing, and a refused change leaves no trace.
class SetParameterCommand : public QUndoCommand {
public:
    SetParameterCommand(ParameterModel &model, const SettingKey &key, SettingValue before, SettingValue after, quint64 drag);

    int id() const override; ///< one number for each key
    bool mergeWith(const QUndoCommand *next) override; ///< moves of one drag are one step
    void undo() override;
    void redo() override;

private:
    ParameterModel &m_model;
    SettingKey m_key;
    SettingValue m_before, m_after;
    quint64 m_drag;
    bool m_inForce = true;
};

} // namespace widgets
