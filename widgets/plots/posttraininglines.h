// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/plots/tradeofflayout.h"
#include <QFont>
#include <span>
#include <vector>

class QCPAxisRect;
class QCPCurve;
class QCPLegend;
class QCustomPlot;

namespace widgets {

struct PlotTheme;

/// Draws the curves of post-training quantizers in the trade-off: a line each with markers of its own, and a
/// legend above the rect.
class PostTrainingLines {
public:
    static constexpr std::size_t kMost = 6; ///< further curves are not drawn

    /// Everything is owned by the plot. The legend is row `legendRow` of its layout.
    PostTrainingLines(QCustomPlot &plot, QCPAxisRect &rect, int legendRow);

    void setCurves(std::span<const TradeoffCurve> curves);
    /// Shows the legend in one row or two, where a view of this width (px) has the room.
    void fitLegend(double width, const PlotTheme &theme, const QFont &font);
    void restyle(const PlotTheme &theme, const QFont &font);

private:
    double legendWidth(int columns, const QFont &font) const;
    void fillLegend(int columns);

    QCustomPlot &m_plot;
    const int m_row;
    QCPLegend *m_legend;
    std::vector<QCPCurve *> m_lines; // (kMost)
    std::size_t m_shown = 0;         // of them
    std::size_t m_listed = 0;        // in the legend
    int m_columns = 0;               // of the legend
};

} // namespace widgets
