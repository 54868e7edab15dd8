// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QDoubleSpinBox>
#include <QSpinBox>

namespace widgets {

/// Qt's fields for numbers, but for commas: Qt takes those for marks between thousands, and "0,25" for 25.

/// A comma becomes the decimal point as it is typed.
class RealBox : public QDoubleSpinBox {
public:
    using QDoubleSpinBox::QDoubleSpinBox;
    QValidator::State validate(QString &input, int &position) const override;
};

/// A number with a comma or a point is none: the last that was one comes back.
class WholeBox : public QSpinBox {
public:
    using QSpinBox::QSpinBox;
    QValidator::State validate(QString &input, int &position) const override;
    void fixup(QString &) const override {} // Qt's drops the commas
};

} // namespace widgets
