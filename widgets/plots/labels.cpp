// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/labels.h"
#include <QFontMetricsF>
#include <algorithm>
#include <cmath>
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

std::optional<std::vector<double>> spreadLabels(std::span<const LabelSpan> spans, double gap, double low, double high)
{
    // With the least distances to the first label taken off, "far enough apart" becomes "ascending": isotonic
    // regression by pooling adjacent violators. R. Barlow et al., Statistical inference under order
    // restrictions, Wiley 1972.
    struct Pool {
        double sum;
        std::size_t count;
        double mean() const { return sum / static_cast<double>(count); }
    };
    std::vector<Pool> pools;
    std::vector<double> offsets;
    for (std::size_t i = 0; i < spans.size(); ++i) {
        offsets.push_back(i == 0 ? 0.0 : offsets.back() + 0.5 * (spans[i - 1].width + spans[i].width) + gap);
        pools.push_back({spans[i].centre - offsets[i], 1});
        while (pools.size() > 1 && pools[pools.size() - 2].mean() > pools.back().mean()) {
            const Pool last = pools.back();
            pools.pop_back();
            pools.back() = {pools.back().sum + last.sum, pools.back().count + last.count};
        }
    }
    std::vector<double> centres;
    if (spans.empty())
        return centres;
    const double least = low + 0.5 * spans.front().width, most = high - 0.5 * spans.back().width - offsets.back();
    if (least > most)
        return std::nullopt;
    for (const Pool &pool : pools)
        for (std::size_t i = 0; i < pool.count; ++i)
            centres.push_back(std::clamp(pool.mean(), least, most) + offsets[centres.size()]);
    for (std::size_t i = 0; i < spans.size(); ++i) {
        if (std::abs(centres[i] - spans[i].centre) > spans[i].width)
            return std::nullopt;
    }
    return centres;
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
    const double gap = 0.4 * metrics.height();
    auto shown = chooseLabels(spans, gap);
    if (m_crowded == Crowded::MoveAside) {
        if (const auto centres = spreadLabels(spans, gap, 0, m_plot.viewport().right())) {
            for (std::size_t i = 0; i < spans.size(); ++i)
                spans[i].centre = (*centres)[i];
            shown.assign(spans.size(), true);
        }
    }
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
