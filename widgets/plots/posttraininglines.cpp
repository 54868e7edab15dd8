// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/posttraininglines.h"
#include "widgets/plots/plotparts.h"
#include <QFontMetricsF>
#include <algorithm>
#include <numeric>

namespace widgets {
namespace {

constexpr QCPScatterStyle::ScatterShape kShapes[] = {
    QCPScatterStyle::ssTriangle, QCPScatterStyle::ssDiamond, QCPScatterStyle::ssTriangleInverted,
    QCPScatterStyle::ssSquare,   QCPScatterStyle::ssPlus,    QCPScatterStyle::ssCross};
constexpr qsizetype kFirstColour = 2; // of the cycle: the first two are those of latent and snapped

} // namespace

PostTrainingLines::PostTrainingLines(QCustomPlot &plot, QCPAxisRect &rect, int legendRow)
    : m_plot{plot}, m_row{legendRow}, m_legend{makeLegend(plot, legendRow)}
{
    for (std::size_t i = 0; i < kMost; ++i) {
        auto *curve = new QCPCurve{rect.axis(QCPAxis::atBottom), rect.axis(QCPAxis::atLeft)}; // a graph would sort by ratio
        curve->setSelectable(QCP::stNone);
        m_lines.push_back(curve);
    }
}

void PostTrainingLines::setCurves(std::span<const TradeoffCurve> curves)
{
    m_shown = std::min(curves.size(), kMost);
    for (std::size_t i = 0; i < kMost; ++i) {
        QList<double> ratios, accuracies;
        if (i < m_shown) {
            m_lines[i]->setName(curves[i].name);
            for (const auto &point : curves[i].points) {
                ratios << point.ratio;
                accuracies << 100 * point.accuracy;
            }
        }
        m_lines[i]->setData(ratios, accuracies);
    }
}

double PostTrainingLines::legendWidth(int columns, const QFont &font) const
{
    const QFontMetricsF metrics{font};
    std::vector<double> widths(static_cast<std::size_t>(columns), 0.0);
    for (std::size_t i = 0; i < m_shown; ++i) {
        double &width = widths[i % widths.size()];
        width = std::max(width, 1.8 * metrics.height() + metrics.horizontalAdvance(m_lines[i]->name()) + 2);
    }
    const int gaps = m_legend->columnSpacing() * columns, margins = m_legend->margins().left() + m_legend->margins().right();
    return std::accumulate(widths.begin(), widths.end(), 0.0) + gaps + margins;
}

void PostTrainingLines::fillLegend(int columns)
{
    m_legend->clear();
    m_legend->simplify();
    m_legend->setWrap(columns);
    for (std::size_t i = 0; i < m_shown; ++i)
        m_lines[i]->addToLegend(m_legend);
    closeLegend(*m_legend);
    m_listed = m_shown;
    m_columns = columns;
}

void PostTrainingLines::fitLegend(double width, const PlotTheme &theme, const QFont &font)
{
    const int all = static_cast<int>(m_shown), half = (all + 1) / 2;
    const int columns = legendWidth(all, font) <= width ? all : legendWidth(half, font) <= width ? half : 0;
    const bool shows = m_shown > 0 && columns > 0;
    setInLayout(m_plot, *m_legend, m_row, 0, shows);
    if (!shows || (columns == m_columns && m_listed == m_shown))
        return;
    fillLegend(columns);
    styleLegend(*m_legend, theme, font);
}

void PostTrainingLines::restyle(const PlotTheme &theme, const QFont &font)
{
    for (std::size_t i = 0; i < kMost; ++i) {
        const QColor colour = theme.cycle[(kFirstColour + static_cast<qsizetype>(i)) % theme.cycle.size()];
        m_lines[i]->setPen(line(colour, 1.2));
        m_lines[i]->setScatterStyle({kShapes[i], line(colour, 1.2), theme.background, 7});
    }
    styleLegend(*m_legend, theme, font);
}

} // namespace widgets
