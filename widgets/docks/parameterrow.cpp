// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/parameterrow.h"
#include "widgets/models/texts.h"
#include <QGridLayout>
#include <QLabel>

namespace widgets {

ParameterRow::ParameterRow(const engine::ParameterSpec &spec, ParameterEditor::Style style, ParameterModel &model,
                           QWidget *box, QGridLayout &grid)
    : QObject{box}, m_spec{spec}, m_model{model}, m_label{new QLabel{qtext(spec.label), box}},
      m_editor{ParameterEditor::make(spec, style, box)}, m_mark{new QLabel{box}}, m_reason{new QLabel{box}}
{
    const auto name = qtext(spec.key);
    m_label->setBuddy(m_editor);
    m_label->setToolTip(parameterHelp(spec));
    m_mark->setObjectName(name + QStringLiteral("Mark"));
    m_mark->setFixedWidth(m_mark->fontMetrics().horizontalAdvance(QStringLiteral("⚠")) + 2);
    m_mark->setAlignment(Qt::AlignCenter);
    m_reason->setObjectName(name + QStringLiteral("Reason"));
    m_reason->setWordWrap(true);
    m_reason->setTextFormat(Qt::PlainText);
    m_reason->hide();

    const int row = grid.rowCount();
    const bool tall = style == ParameterEditor::Style::WithSlider;
    grid.addWidget(m_label, row, 0, tall ? Qt::AlignTop : Qt::Alignment{});
    if (tall)
        m_label->setContentsMargins(0, 4, 0, 0);
    grid.addWidget(m_editor, row, 1);
    grid.addWidget(m_mark, row, 2, tall ? Qt::AlignTop : Qt::Alignment{});
    grid.addWidget(m_reason, row + 1, 0, 1, 3);

    connect(m_editor, &ParameterEditor::dragBegan, this, [this] { m_drag = m_model.newDrag(); });
    connect(m_editor, &ParameterEditor::edited, this, [this](const engine::ParameterValue &value) {
        m_refusal.clear();
        m_model.propose({m_spec.id, {}}, value, m_drag);
    });
    connect(m_editor, &ParameterEditor::tableRequested, this, &ParameterRow::tableRequested);
    connect(m_editor, &ParameterEditor::refused, this, [this](const QString &why) {
        m_refusal = why;
        update();
    });
    connect(&m_model, &ParameterModel::everythingChanged, this, [this] {
        m_refusal.clear();
        update();
    });
    connect(&m_model, &ParameterModel::changed, this, [this](const SettingKey &key) {
        if (key == SettingKey{m_spec.id, {}})
            update();
    });
    update();
}

void ParameterRow::update()
{
    const SettingKey key{m_spec.id, {}};
    auto state = m_refusal.isEmpty() ? m_model.state(key) : SettingState::Rejected;
    auto reason = m_refusal.isEmpty() ? m_model.reason(key) : m_refusal;
    if (const auto conflict = m_model.conflict(m_spec.id); state == SettingState::Confirmed && !conflict.isEmpty()) {
        state = SettingState::Rejected; // by the others, once a run is to begin
        reason = conflict;
    }
    const auto planned = state == SettingState::Confirmed ? m_model.planned(m_spec.id) : std::nullopt;
    if (planned)
        reason = tr("For the next run: %1").arg(shownValue(*planned).isEmpty() ? tr("none") : shownValue(*planned));
    const bool editable = m_model.isEditable(m_spec.id);
    m_editor->show(*m_model.shown(key));
    m_editor->setEnabled(editable);
    m_label->setEnabled(editable);
    m_editor->setToolTip(editable ? parameterHelp(m_spec)
                                  : parameterHelp(m_spec) + QStringLiteral("<p><i>")
                                        + tr("Fixed while the run goes on. Stop it, or choose File ▸ New run.")
                                        + QStringLiteral("</i></p>"));
    m_mark->setText(state == SettingState::Pending    ? QStringLiteral("…")
                    : state == SettingState::Rejected ? QStringLiteral("⚠")
                    : planned                         ? QStringLiteral("→")
                                                      : QString{});
    m_mark->setToolTip(state == SettingState::Pending ? tr("Asked for; in force from the next step.") : reason);
    m_mark->setAccessibleName(m_mark->toolTip());
    m_reason->setText(reason);
    m_reason->setVisible(state == SettingState::Rejected || planned);
}

} // namespace widgets
