// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/stageborders.h"
#include "widgets/plots/plotparts.h"
#include <QFontMetricsF>
#include <algorithm>

namespace widgets {

std::vector<StageSpan> stageSpans(const engine::History &history)
{
    std::vector<StageSpan> spans;
    for (const auto &sample : history.samples()) {
        const auto step = static_cast<double>(engine::count(sample.step));
        const bool another = spans.empty() || spans.back().stage != sample.stage;
        if (another && !spans.empty())
            spans.back().to = step;
        if (another)
            spans.push_back({sample.stage, spans.empty() ? 0.0 : step, step});
        spans.back().to = step;
    }
    return spans;
}

StageBorders::StageBorders(QCustomPlot &plot, QCPAxisRect &rect, bool named)
    : m_rect{rect}, m_named{named}, m_names{plot, rect, 0}, m_lines{makeVerticals(plot, rect, addUnitAxis(rect))}
{
}

void StageBorders::setHistory(const engine::History &history)
{
    m_spans = stageSpans(history);
    QList<double> borders;
    for (std::size_t i = 1; i < m_spans.size(); ++i)
        borders << m_spans[i].from;
    setVerticals(*m_lines, borders);
}

void StageBorders::restyle(const PlotTheme &theme)
{
    m_colour = theme.mutedText;
    m_lines->setPen(line(theme.marker, 1, Qt::DashLine));
}

void StageBorders::place(const QFont &font)
{
    if (!m_named)
        return;
    const auto &axis = *m_rect.axis(QCPAxis::atBottom);
    const QFontMetricsF metrics{font};
    std::vector<BandLabels::Label> labels;
    for (const auto &span : m_spans) {
        const double from = std::max(span.from, axis.range().lower), to = std::min(span.to, axis.range().upper);
        const auto name = engine::name(span.stage);
        const QString text = QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
        if (from < to)
            labels.push_back({0.5 * (from + to), text, m_colour,
                              axis.coordToPixel(to) - axis.coordToPixel(from) + metrics.height()});
    }
    m_names.setLabels(std::move(labels));
    m_names.place(font);
}

} // namespace widgets
