// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/models/parametermodel.h"
#include <QUndoCommand>

namespace widgets {

/// A value that the user planned for the next run. Undone when that run is still to come, it is planned as
/// before; when the run at hand has ended meanwhile, the draft gets it back. Pushed when it is planned
/// already.
class PlanParameterCommand : public QUndoCommand {
public:
    PlanParameterCommand(ParameterModel &model, engine::ParameterId id, engine::ParameterValue before, engine::ParameterValue after);

    void undo() override;
    void redo() override;

private:
    ParameterModel &m_model;
    const engine::ParameterId m_id;
    const engine::ParameterValue m_before, m_after;
    bool m_inForce = true;
};

} // namespace widgets
