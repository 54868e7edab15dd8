// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QColor>
#include <QFont>
#include <QString>
#include <optional>
#include <span>
#include <vector>

class QCPAxisRect;
class QCPItemText;
class QCustomPlot;

namespace widgets {

/// A label's place along a line, in px.
struct LabelSpan {
    double centre = 0, width = 0;
};

/// Which labels to show so that no two come nearer than `gap` px: all if they fit, else the first and the last (if
/// those fit) and as many between as do. `spans` ascending by centre.
std::vector<bool> chooseLabels(std::span<const LabelSpan> spans, double gap);

/// Centres, in px, at which all labels stand at least `gap` apart and within [low, high], and as near as they
/// can (least squares) to where they belong; none if they do not fit, or if one would stand more than its own
/// width away. `spans` ascending by centre.
std::optional<std::vector<double>> spreadLabels(std::span<const LabelSpan> spans, double gap, double low, double high);

/// "r₁", "r₁₂": a representative's name, counted from 1.
QString representativeName(std::size_t index);
/// "n = 48 000": digits in groups of three with thin spaces.
QString groupedDigits(std::uint64_t value);
/// Share 0…1 as "23.4 %", "<0.1 %" where rounding would show none.
QString percentText(double share);

/// A row of labels in the margin above an axis rect, `line` text lines above its edge (0: directly above).
class BandLabels {
public:
    struct Label {
        double key = 0;     ///< on the rect's bottom axis
        QString text;
        QColor colour;
        double room = 1e9;  ///< hide if the text is wider than this, px
    };
    enum class Crowded { Drop, MoveAside }; ///< what becomes of labels that would overlap; those that cannot move drop
    BandLabels(QCustomPlot &plot, QCPAxisRect &rect, int line, Crowded crowded = Crowded::Drop)
        : m_plot{plot}, m_rect{rect}, m_line{line}, m_crowded{crowded} {}

    void setLabels(std::vector<Label> labels) { m_labels = std::move(labels); }
    /// Shows those that fit; `labels` must be ascending by key. Call once the layout is known.
    void place(const QFont &font);
    void hide();

private:
    QCustomPlot &m_plot;
    QCPAxisRect &m_rect;
    int m_line;
    Crowded m_crowded;
    std::vector<Label> m_labels;
    std::vector<QCPItemText *> m_items; // owned by the plot, made on demand
};

} // namespace widgets
