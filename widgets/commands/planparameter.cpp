// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/commands/planparameter.h"
#include "widgets/models/texts.h"
#include <QCoreApplication>
#include <utility>

namespace widgets {

PlanParameterCommand::PlanParameterCommand(ParameterModel &model, engine::ParameterId id, engine::ParameterValue before,
                                           engine::ParameterValue after)
    : QUndoCommand{QCoreApplication::translate("PlanParameterCommand", "%1 for the next run").arg(qtext(engine::spec(id).label))},
      m_model{model}, m_id{id}, m_before{std::move(before)}, m_after{std::move(after)}
{
}

void PlanParameterCommand::undo()
{
    m_model.plan(m_id, m_before, ParameterModel::Origin::History);
}

void PlanParameterCommand::redo()
{
    if (!std::exchange(m_inForce, false))
        m_model.plan(m_id, m_after, ParameterModel::Origin::History);
}

} // namespace widgets
