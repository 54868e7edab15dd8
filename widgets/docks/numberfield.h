// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/parameters.h"
#include <QAbstractSpinBox>

namespace widgets {

/// Entry field for a real or whole parameter, whatever its range: whole numbers of 64 bits, reals over many decades.
/// Arrows step whole numbers by 1, logarithmic ones by a tenth of a decade, others by a hundredth of the range.
class NumberField : public QAbstractSpinBox {
    Q_OBJECT

public:
    explicit NumberField(const engine::ParameterSpec &row, QWidget *parent = nullptr);

    void show(const engine::ParameterValue &value); ///< does not disturb an entry that goes on
    void stepBy(int steps) override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void entered(const engine::ParameterValue &value); ///< valid and different from what was shown
    void refused(const QString &why);                  ///< a sentence; the old value is shown again

protected:
    StepEnabled stepEnabled() const override;

private:
    void finishEntry();

    const engine::ParameterSpec &m_row;
    engine::ParameterValue m_value;
};

} // namespace widgets
