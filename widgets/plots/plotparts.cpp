// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/plotparts.h"
#include <QFontMetricsF>
#include <cmath>

namespace widgets {
namespace {

constexpr double kNoStretch = 1e-3; // as small as the content: the least factor that QCustomPlot takes is above 0

} // namespace

QCPAxisRect *makeRect(QCustomPlot &plot)
{
    auto *rect = new QCPAxisRect{&plot, false};
    for (const auto side : {QCPAxis::atBottom, QCPAxis::atLeft}) {
        auto *axis = rect->addAxis(side);
        axis->setLayer(QStringLiteral("axes"));
        axis->grid()->setLayer(QStringLiteral("grid"));
        axis->setTickLengthIn(0);
        axis->setTickLengthOut(4);
        axis->setSubTicks(false);
        axis->setSelectableParts(QCPAxis::spNone);
    }
    rect->setRangeDragAxes(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
    rect->setRangeZoomAxes(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
    return rect;
}

QCPAxis *addUnitAxis(QCPAxisRect &rect)
{
    auto *axis = rect.addAxis(QCPAxis::atLeft);
    axis->setVisible(false);
    axis->grid()->setVisible(false);
    axis->setRange(0, 1);
    return axis;
}

QCPGraph *makeVerticals(QCustomPlot &plot, QCPAxisRect &rect, QCPAxis *unitAxis)
{
    auto *graph = plot.addGraph(rect.axis(QCPAxis::atBottom), unitAxis);
    graph->setLineStyle(QCPGraph::lsImpulse);
    graph->setAdaptiveSampling(false);
    graph->setAntialiased(false);
    graph->setSelectable(QCP::stNone);
    return graph;
}

void setVerticals(QCPGraph &graph, const QList<double> &keys)
{
    graph.setData(keys, QList<double>(keys.size(), 1.0), true);
}

QCPLegend *makeLegend(QCustomPlot &plot, int row)
{
    auto *legend = new QCPLegend;
    plot.plotLayout()->addElement(row, 0, legend);
    plot.plotLayout()->setRowStretchFactor(row, kNoStretch);
    legend->setLayer(QStringLiteral("legend"));
    legend->setFillOrder(QCPLegend::foColumnsFirst);
    legend->setWrap(0);
    legend->setBorderPen(Qt::NoPen);
    legend->setBrush(Qt::NoBrush);
    legend->setMargins({6, 0, 2, 0});
    legend->setColumnSpacing(14);
    legend->setSelectableParts(QCPLegend::spNone);
    return legend;
}

void closeLegend(QCPLegend &legend)
{
    const int items = legend.columnCount();
    legend.addElement(0, items, new QCPLayoutElement{legend.parentPlot()});
    for (int column = 0; column < items; ++column)
        legend.setColumnStretchFactor(column, kNoStretch);
}

QCPScatterStyle dot(const QColor &fill, double size, const QPen &rim)
{
    return {QCPScatterStyle::ssCircle, rim, fill, size};
}

void setInLayout(QCustomPlot &plot, QCPLayoutElement &element, int row, int column, bool shown)
{
    auto &grid = *plot.plotLayout();
    const bool isIn = grid.hasElement(row, column) && grid.element(row, column) == &element;
    if (shown && !isIn) {
        element.setVisible(true);
        grid.addElement(row, column, &element);
        if (column > 0)
            grid.setColumnStretchFactor(column, kNoStretch);
    } else if (!shown && isIn) {
        element.setVisible(false);
        grid.take(&element);
        element.setParent(&plot); // so that it does not outlive the plot
    }
}

void styleAxis(QCPAxis &axis, const PlotTheme &theme, const QFont &font)
{
    axis.setBasePen(line(theme.axis, 1));
    axis.setTickPen(line(theme.axis, 1));
    axis.setSubTickPen(line(theme.axis, 1));
    axis.setTickLabelColor(theme.text);
    axis.setLabelColor(theme.text);
    axis.setTickLabelFont(font);
    axis.setLabelFont(font);
    axis.setTickLabelPadding(3);
    axis.setLabelPadding(3);
    axis.grid()->setPen(line(theme.grid, 1));
    axis.grid()->setSubGridVisible(false);
    axis.grid()->setZeroLinePen(line(theme.grid, 1));
    axis.grid()->setAntialiased(false);
}

void styleLegend(QCPLegend &legend, const PlotTheme &theme, const QFont &font)
{
    const QFontMetricsF metrics{font};
    legend.setFont(font);
    legend.setTextColor(theme.text);
    legend.setIconSize(qRound(1.4 * metrics.height()), qRound(0.75 * metrics.height()));
    legend.setIconTextPadding(qRound(0.4 * metrics.height()));
    for (int i = 0; i < legend.itemCount(); ++i) {
        if (auto *item = legend.item(i)) {
            item->setFont(font);
            item->setTextColor(theme.text);
            item->setMargins({0, 1, 0, 3}); // room for descenders
        }
    }
}

void styleScale(QCPColorScale &scale, const PlotTheme &theme, const QFont &font)
{
    styleAxis(*scale.axis(), theme, font);
    scale.setBarWidth(qRound(0.8 * QFontMetricsF{font}.height()));
    scale.axis()->setSubTicks(false);
    for (auto *axis : scale.axis()->axisRect()->axes())
        axis->setBasePen(line(theme.axis, 1));
}

QCPColorGradient gradient(const QList<QColor> &stops)
{
    QCPColorGradient result;
    result.clearColorStops();
    for (qsizetype i = 0; i < stops.size(); ++i)
        result.setColorStopAt(static_cast<double>(i) / static_cast<double>(stops.size() - 1), stops[i]);
    return result;
}

QPen line(const QColor &colour, double width, Qt::PenStyle style)
{
    return {QBrush{colour}, width, style, Qt::FlatCap, Qt::RoundJoin};
}

double EpochTicker::getTickStep(const QCPRange &range)
{
    return m_steps * QCPAxisTicker::getTickStep({0, range.size() / m_steps});
}

QString EpochTicker::getTickLabel(double tick, const QLocale &locale, QChar, int)
{
    return locale.toString(tick / m_steps, 'g', 6);
}

QString PowerTicker::getTickLabel(double tick, const QLocale &locale, QChar, int)
{
    static const QString superscripts = QStringLiteral("⁰¹²³⁴⁵⁶⁷⁸⁹");
    const double power = std::log10(tick);
    if (tick < 999 || std::abs(power - std::round(power)) > 1e-6)
        return locale.toString(tick, 'g', 4);
    QString label = QStringLiteral("10");
    for (const QChar digit : QString::number(std::lround(power)))
        label += superscripts[digit.digitValue()];
    return label;
}

void fitTicks(QCPAxis &axis, double lengthPx, double labelPx)
{
    axis.ticker()->setTickCount(std::clamp(static_cast<int>(lengthPx / std::max(1.0, labelPx)), 2, 9));
}

double niceCeiling(double value)
{
    if (!(value > 0) || !std::isfinite(value))
        return 1;
    const double power = std::pow(10.0, std::floor(std::log10(value)));
    for (const double step : {1.0, 1.5, 2.0, 3.0, 5.0, 7.0})
        if (value <= step * power * (1 + 1e-9))
            return step * power;
    return 10 * power;
}

} // namespace widgets
