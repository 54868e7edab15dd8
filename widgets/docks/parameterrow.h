// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/docks/parametereditor.h"
#include "widgets/models/parametermodel.h"
#include <QObject>

class QGridLayout;
class QLabel;

namespace widgets {

/// One parameter in the panel: label, editor, a mark for pending and refused, and under it the reason of a refusal.
class ParameterRow : public QObject {
    Q_OBJECT

public:
    /// Adds its widgets to the end of a grid of three columns. `model` is borrowed.
    ParameterRow(const engine::ParameterSpec &spec, ParameterEditor::Style style, ParameterModel &model, QWidget *box,
                 QGridLayout &grid);

    QLabel *label() const noexcept { return m_label; }

Q_SIGNALS:
    void tableRequested(); ///< of the rules for single layers

private:
    void update();

    const engine::ParameterSpec &m_spec;
    ParameterModel &m_model;
    QLabel *m_label;
    ParameterEditor *m_editor;
    QLabel *m_mark;
    QLabel *m_reason;
    QString m_refusal; // of an entry that is no value at all, so the model never saw it
    quint64 m_drag = 0;
};

} // namespace widgets
