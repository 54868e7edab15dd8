// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/numberfield.h"
#include "widgets/models/texts.h"
#include <QLineEdit>
#include <QStyleOptionSpinBox>
#include <algorithm>
#include <cmath>

namespace widgets {
namespace {

constexpr double kLogStep = 0.1;       // of a decade
constexpr double kLowestDecades = 1e-7; // below the top: where steps up from 0 begin

double rounded(double value)
{
    return QString::number(value, 'g', 3).toDouble();
}

engine::ParameterValue stepped(const engine::RealRange &range, double value, int steps)
{
    if (!range.logarithmic)
        return std::clamp(rounded(value + steps * (range.max - range.min) / 100), range.min, range.max);
    const double lowest = std::max(range.min, range.max * kLowestDecades);
    if (value < lowest)
        return steps > 0 ? lowest : value;
    const double next = rounded(value * std::pow(10.0, steps * kLogStep));
    return next < lowest ? range.min : std::min(next, range.max);
}

engine::ParameterValue stepped(const engine::WholeRange &range, std::int64_t value, int steps)
{
    if (steps > 0 && value > range.max - steps)
        return range.max;
    return std::clamp(value + steps, range.min, range.max);
}

} // namespace

NumberField::NumberField(const engine::ParameterSpec &row, QWidget *parent) : QAbstractSpinBox{parent}, m_row{row}
{
    setAlignment(Qt::AlignRight);
    setKeyboardTracking(false);
    connect(this, &QAbstractSpinBox::editingFinished, this, &NumberField::finishEntry);
}

void NumberField::show(const engine::ParameterValue &value)
{
    const bool typing = lineEdit()->hasFocus() && lineEdit()->isModified() && lineEdit()->text() != shownValue(m_value);
    m_value = value;
    if (!typing)
        lineEdit()->setText(shownValue(value));
}

void NumberField::finishEntry()
{
    const auto text = lineEdit()->text().trimmed();
    if (text == shownValue(m_value))
        return;
    auto parsed = engine::parseValue(m_row, QString{text}.replace(QLatin1Char(','), QLatin1Char('.')).toStdString());
    lineEdit()->setModified(false);
    if (!parsed) {
        lineEdit()->setText(shownValue(m_value));
        Q_EMIT refused(QString::fromStdString(parsed.error().text));
        return;
    }
    m_value = *parsed;
    lineEdit()->setText(shownValue(m_value));
    Q_EMIT entered(*parsed);
}

void NumberField::stepBy(int steps)
{
    engine::ParameterValue next = m_value;
    if (const auto *real = std::get_if<engine::RealRange>(&m_row.range))
        next = stepped(*real, std::get<double>(m_value), steps);
    else if (const auto *whole = std::get_if<engine::WholeRange>(&m_row.range))
        next = stepped(*whole, std::get<std::int64_t>(m_value), steps);
    if (next == m_value)
        return;
    m_value = next;
    lineEdit()->setText(shownValue(next));
    Q_EMIT entered(next);
}

QAbstractSpinBox::StepEnabled NumberField::stepEnabled() const
{
    return StepUpEnabled | StepDownEnabled;
}

QSize NumberField::sizeHint() const
{
    QStyleOptionSpinBox option;
    initStyleOption(&option);
    const QSize text{fontMetrics().horizontalAdvance(QStringLiteral("0.00000")) + 8, lineEdit()->sizeHint().height()};
    return style()->sizeFromContents(QStyle::CT_SpinBox, &option, text, this);
}

} // namespace widgets
