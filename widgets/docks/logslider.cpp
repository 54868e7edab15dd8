// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/logslider.h"
#include <QKeyEvent>
#include <QPainter>
#include <QStyleOptionSlider>
#include <algorithm>
#include <cmath>

namespace widgets {
namespace {

constexpr double kDecades = 7;
constexpr int kTickPx = 4;

}

LogSlider::LogSlider(const engine::RealRange &range, QWidget *parent)
    : QSlider{Qt::Horizontal, parent}, m_range{range},
      m_lowest{std::max(range.min, range.max * std::pow(10.0, -kDecades))}
{
    setRange(m_range.min < m_lowest ? -1 : 0, static_cast<int>(std::lround(kSteps * std::log10(m_range.max / m_lowest))));
    setSingleStep(kSteps / 10);
    setPageStep(kSteps);
    setTickPosition(QSlider::TicksBelow);
    setTickInterval(kSteps);
    connect(this, &QSlider::sliderPressed, this, &LogSlider::dragBegan);
    connect(this, &QSlider::valueChanged, this, [this](int position) {
        if (!m_showing)
            Q_EMIT moved(valueAt(position));
    });
}

void LogSlider::show(double value)
{
    if (isSliderDown())
        return;
    m_showing = true;
    setValue(positionOf(value));
    m_showing = false;
}

double LogSlider::valueAt(int position) const
{
    if (position < 0)
        return m_range.min;
    const double value = m_lowest * std::pow(10.0, static_cast<double>(position) / kSteps);
    return std::clamp(QString::number(value, 'g', 3).toDouble(), m_range.min, m_range.max);
}

int LogSlider::positionOf(double value) const
{
    if (value < m_lowest)
        return minimum();
    return static_cast<int>(std::lround(kSteps * std::log10(value / m_lowest)));
}

void LogSlider::keyPressEvent(QKeyEvent *event)
{
    if (!event->isAutoRepeat()) // a key that is held is one drag
        Q_EMIT dragBegan();
    QSlider::keyPressEvent(event);
}

/// The style's tick marks are darker than the window, which nobody sees in dark colours: ours lie on top of them.
void LogSlider::paintEvent(QPaintEvent *event)
{
    QSlider::paintEvent(event);
    QStyleOptionSlider option;
    initStyleOption(&option);
    const int length = style()->pixelMetric(QStyle::PM_SliderLength, &option, this);
    const int room = style()->pixelMetric(QStyle::PM_SliderSpaceAvailable, &option, this);
    QPainter painter{this};
    auto colour = palette().color(QPalette::WindowText);
    colour.setAlphaF(0.5F);
    painter.setPen(colour);
    for (int position = minimum(); position <= maximum(); position += tickInterval()) {
        const int x = QStyle::sliderPositionFromValue(minimum(), maximum(), position, room) + length / 2;
        painter.drawLine(x, rect().bottom() - kTickPx + 1, x, rect().bottom());
    }
}

} // namespace widgets
