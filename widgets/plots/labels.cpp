// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/labels.h"
#include <QFontMetricsF>
#include <algorithm>
#include <qcustomplot.h>

namespace widgets {

std::vector<bool> chooseLabels(std::span<const LabelSpan> spans, double gap)
{
    std::vector<bool> shown(spans.size(), false);
    if (spans.empty())
        return shown;
    const auto apart = [&](const LabelSpan &a, const LabelSpan &b) {
        return b.centre - 0.5 * b.width - (a.centre + 0.5 * a.width) >= gap;
    };
    const LabelSpan &last = spans.back();
    shown.front() = true;
    std::size_t previous = 0;
    for (std::size_t i = 1; i + 1 < spans.size(); ++i) {
        if (apart(spans[previous], spans[i]) && apart(spans[i], last)) {
            shown[i] = true;
            previous = i;
        }
    }
    if (spans.size() > 1)
        shown.back() = apart(spans[previous], last);
    return shown;
}

QString representativeName(std::size_t index)
{
    QString name = QStringLiteral("r");
    for (const QChar digit : QString::number(index + 1))
        name += QChar(0x2080 + digit.digitValue());
    return name;
}

QString groupedDigits(std::uint64_t value)
{
    QString text = QString::number(value);
    for (qsizetype place = text.size() - 3; place > 0; place -= 3)
        text.insert(place, QChar(0x202F));
    return text;
}

QString percentText(double share)
{
    const double percent = 100 * share;
    if (percent > 0 && percent < 0.05)
        return QStringLiteral("<0.1\u202F%");
    return QString::number(percent, 'f', 1) + QStringLiteral("\u202F%");
}

void BandLabels::place(const QFont &font)
{
    hide();
    const QFontMetricsF metrics{font};
    const auto &axis = *m_rect.axis(QCPAxis::atBottom);
    std::vector<const Label *> candidates;
    std::vector<LabelSpan> spans;
    for (const auto &label : m_labels) {
        const double width = metrics.horizontalAdvance(label.text);
        const double left = m_rect.left() - 0.5 * width, right = m_rect.right() + 0.5 * width;
        const double centre = axis.coordToPixel(label.key);
        if (axis.range().contains(label.key) && width <= label.room && centre >= left && centre <= right) {
            candidates.push_back(&label);
            spans.push_back({centre, width});
        }
    }
    const auto shown = chooseLabels(spans, 0.4 * metrics.height());
    std::size_t used = 0;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (!shown[i])
            continue;
        if (used == m_items.size()) {
            m_items.push_back(new QCPItemText{&m_plot});
            m_items.back()->setClipToAxisRect(false);
            m_items.back()->setPositionAlignment(Qt::AlignHCenter | Qt::AlignBottom);
            m_items.back()->position->setType(QCPItemPosition::ptAbsolute);
            m_items.back()->setSelectable(false);
        }
        auto &item = *m_items[used++];
        item.setText(candidates[i]->text);
        item.setColor(candidates[i]->colour);
        item.setFont(font);
        item.position->setCoords(spans[i].centre, m_rect.top() - 2 - m_line * metrics.height());
        item.setVisible(true);
    }
}

void BandLabels::hide()
{
    for (auto *item : m_items)
        item->setVisible(false);
}

} // namespace widgets
