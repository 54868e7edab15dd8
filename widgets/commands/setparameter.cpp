// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/commands/setparameter.h"
#include "widgets/models/texts.h"
#include <QCoreApplication>
#include <functional>
#include <utility>

namespace widgets {
namespace {

QString describe(const SettingKey &key)
{
    const auto label = qtext(engine::spec(key.id).label);
    if (key.layer.empty())
        return label;
    return QCoreApplication::translate("SetParameterCommand", "%1 of %2").arg(label, qtext(key.layer));
}

} // namespace

SetParameterCommand::SetParameterCommand(ParameterModel &model, const SettingKey &key, SettingValue before,
                                         SettingValue after, quint64 drag)
    : QUndoCommand{describe(key)}, m_model{model}, m_key{key}, m_before{std::move(before)}, m_after{std::move(after)},
      m_drag{drag}
{
}

int SetParameterCommand::id() const
{
    const int parameter = static_cast<int>(m_key.id);
    constexpr int kParameters = static_cast<int>(engine::ParameterId::Count_);
    constexpr std::size_t kLayers = 1 << 24; // two may share a number: moves of one drag are of one layer
    return m_key.layer.empty() ? parameter : kParameters + static_cast<int>(std::hash<std::string>{}(m_key.layer) % kLayers);
}

bool SetParameterCommand::mergeWith(const QUndoCommand *next)
{
    const auto &later = static_cast<const SetParameterCommand &>(*next);
    if (later.m_drag != m_drag) // two drags are two undo steps
        return false;
    m_after = later.m_after;
    setObsolete(m_after == m_before); // back where it began
    return true;
}

void SetParameterCommand::undo()
{
    m_model.propose(m_key, m_before, m_model.newDrag(), ParameterModel::Origin::History);
}

void SetParameterCommand::redo()
{
    if (std::exchange(m_inForce, false))
        return;
    m_model.propose(m_key, m_after, m_model.newDrag(), ParameterModel::Origin::History);
}

} // namespace widgets
