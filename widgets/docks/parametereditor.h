// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/parameters.h"
#include <QWidget>

namespace widgets {

/// Edits one parameter; which kind of control it is follows from the row's range. It shows what it is told and asks for
/// what the user enters; it decides nothing.
class ParameterEditor : public QWidget {
    Q_OBJECT

public:
    enum class Style { Compact, WithSlider }; ///< WithSlider: a logarithmic slider above the field, for real numbers
    static ParameterEditor *make(const engine::ParameterSpec &row, Style style, QWidget *parent);

    virtual void show(const engine::ParameterValue &value) = 0;

Q_SIGNALS:
    void dragBegan(); ///< what is edited from here on is one undo step
    void edited(const engine::ParameterValue &value);
    void tableRequested(); ///< the rules for single layers are to be shown as a table
    void refused(const QString &why); ///< what was entered is no value at all

protected:
    ParameterEditor(const engine::ParameterSpec &row, QWidget *parent);
    const engine::ParameterSpec &row() const noexcept { return m_row; }
    /// Names the control by the key, keeps the wheel from changing it in passing, makes it the focus of this editor.
    void adopt(QWidget *control);
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    const engine::ParameterSpec &m_row;
};

} // namespace widgets
