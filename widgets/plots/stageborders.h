// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/frame/history.h"
#include "widgets/plots/labels.h"
#include "widgets/plots/theme.h"
#include <vector>

class QCPGraph;

namespace widgets {

/// A stretch of steps that a run spent in one stage.
struct StageSpan {
    engine::Stage stage{};
    double from = 0, to = 0; ///< steps; `to` is where the next begins or the newest sample
};

/// The stages that a run has gone through, in order.
std::vector<StageSpan> stageSpans(const engine::History &history);

/// Vertical lines where a stage begins, and the stages' names above them.
class StageBorders {
public:
    /// `named`: with the stages' names in the margin above the rect.
    StageBorders(QCustomPlot &plot, QCPAxisRect &rect, bool named);
    void setHistory(const engine::History &history);
    void restyle(const PlotTheme &theme);
    void place(const QFont &font);

private:
    QCPAxisRect &m_rect;
    bool m_named;
    BandLabels m_names;
    QCPGraph *m_lines; // owned by the plot
    std::vector<StageSpan> m_spans;
    QColor m_colour;
};

} // namespace widgets
