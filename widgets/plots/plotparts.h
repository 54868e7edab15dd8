// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/plots/theme.h"
#include <QPen>
#include <QSharedPointer>
#include <qcustomplot.h>

namespace widgets {

// Building blocks that the views share. Included by sources only: it brings the whole of QCustomPlot.

/// An axis rect with bottom and left axes, grid, and wheel and drag for both.
QCPAxisRect *makeRect(QCustomPlot &plot);
/// An invisible axis of range 0…1: impulses of height 1 on it are lines over the full height, whatever the zoom.
QCPAxis *addUnitAxis(QCPAxisRect &rect);
/// Vertical lines at keys: a graph on a unit axis.
QCPGraph *makeVerticals(QCustomPlot &plot, QCPAxisRect &rect, QCPAxis *unitAxis);
void setVerticals(QCPGraph &graph, const QList<double> &keys);
/// A legend in one line, as row `row` of the plot's layout.
QCPLegend *makeLegend(QCustomPlot &plot, int row);
/// Call when all items are in: they then stand together at the left.
void closeLegend(QCPLegend &legend);
/// A filled circle with a thin rim.
QCPScatterStyle dot(const QColor &fill, double size, const QPen &rim);
/// Shows or hides an element that has a place of its own in the plot's layout, without leaving a gap.
void setInLayout(QCustomPlot &plot, QCPLayoutElement &element, int row, int column, bool shown);

void styleAxis(QCPAxis &axis, const PlotTheme &theme, const QFont &font);
void styleLegend(QCPLegend &legend, const PlotTheme &theme, const QFont &font);
void styleScale(QCPColorScale &scale, const PlotTheme &theme, const QFont &font);
QCPColorGradient gradient(const QList<QColor> &stops);
/// A pen of this width in px with round joins.
QPen line(const QColor &colour, double width, Qt::PenStyle style = Qt::SolidLine);

/// Ticks at whole epochs (or round parts of one) on an axis of steps, labelled in epochs.
class EpochTicker final : public QCPAxisTicker {
public:
    void setStepsPerEpoch(double steps) { m_steps = steps > 0 ? steps : 1; }

protected:
    double getTickStep(const QCPRange &range) override;
    QString getTickLabel(double tick, const QLocale &locale, QChar formatChar, int precision) override;

private:
    double m_steps = 1;
};

/// Ticks of a logarithmic axis as 1, 10, 100, 10³. QCustomPlot's own superscripts are measured wider before the first
/// drawing than after it, which makes the margin jump.
class PowerTicker final : public QCPAxisTickerLog {
protected:
    QString getTickLabel(double tick, const QLocale &locale, QChar formatChar, int precision) override;
};

/// A tick count that suits the axis' length.
void fitTicks(QCPAxis &axis, double lengthPx, double labelPx);
/// The least of 1, 1.5, 2, 3, 5, 7 times a power of ten that is not below value; for ranges that shall not jitter.
double niceCeiling(double value);

} // namespace widgets
