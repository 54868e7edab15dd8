// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/numberboxes.h"

namespace widgets {

QValidator::State RealBox::validate(QString &input, int &position) const
{
    input.replace(QLatin1Char(','), QLatin1Char('.'));
    return QDoubleSpinBox::validate(input, position);
}

QValidator::State WholeBox::validate(QString &input, int &position) const
{
    if (input.contains(QLatin1Char(',')) || input.contains(QLatin1Char('.')))
        return QValidator::Intermediate; // stays to be seen; were the key refused, "0,25" would end as 25
    return QSpinBox::validate(input, position);
}

} // namespace widgets
