// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/stagestrip.h"
#include "widgets/models/runmodel.h"
#include "widgets/models/texts.h"
#include <QPainter>
#include <QPainterPath>
#include <algorithm>

namespace widgets {
namespace {

constexpr std::array kOrder = {engine::Stage::Warmup, engine::Stage::Cluster, engine::Stage::Commit};

/// An arrow that fits into the notch of the next one.
QPainterPath arrow(const QRectF &box, double tip, bool first)
{
    QPainterPath path{box.topLeft()};
    path.lineTo(box.right() - tip, box.top());
    path.lineTo(box.right(), box.center().y());
    path.lineTo(box.right() - tip, box.bottom());
    path.lineTo(box.left(), box.bottom());
    if (!first)
        path.lineTo(box.left() + tip, box.center().y());
    path.closeSubpath();
    return path;
}

} // namespace

StageStrip::StageStrip(QWidget *parent) : QWidget{parent}
{
    setObjectName(QStringLiteral("stageStrip"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setToolTip(tr("<p><b>warm-up</b>: the plain network trains.</p><p><b>cluster</b>: the regularizer pulls weights to "
                  "representatives, λ ramps up.</p><p><b>commit</b>: assignments are frozen, representatives go on training.</p>"));
}

void StageStrip::show(const RunModel &run)
{
    std::array<double, kStages> done{};
    if (const auto &description = run.description()) {
        const std::array lengths = {description->warmupSteps, description->clusterSteps, description->commitSteps};
        auto step = static_cast<double>(count(run.step()));
        for (std::size_t i = 0; i < kStages; ++i) {
            const auto length = static_cast<double>(lengths[i]);
            done[i] = length > 0 ? std::clamp(step / length, 0.0, 1.0) : -1.0;
            step -= length;
        }
    }
    if (done == m_done && run.stage() == m_current)
        return;
    m_done = done;
    m_current = run.stage();
    setAccessibleName(tr("Stage: %1").arg(qtext(engine::name(m_current))));
    update();
}

double StageStrip::done(engine::Stage stage) const
{
    const auto place = std::ranges::find(kOrder, stage);
    return place == kOrder.end() ? 0 : m_done[static_cast<std::size_t>(place - kOrder.begin())];
}

QSize StageStrip::sizeHint() const
{
    return {3 * (fontMetrics().horizontalAdvance(QStringLiteral("warm-up")) + 34), fontMetrics().height() + 8};
}

QSize StageStrip::minimumSizeHint() const
{
    return sizeHint();
}

void StageStrip::paintEvent(QPaintEvent *)
{
    QPainter painter{this};
    painter.setRenderHint(QPainter::Antialiasing);
    const double tip = height() * 0.38, gap = 2, width = (this->width() - tip - 1) / double{kStages};
    for (std::size_t i = 0; i < kStages; ++i) {
        const QRectF box{0.5 + static_cast<double>(i) * width, 0.5, width + tip - gap, height() - 1.0};
        const auto shape = arrow(box, tip, i == 0);
        const bool active = kOrder[i] == m_current, absent = m_done[i] < 0;
        painter.fillPath(shape, palette().color(QPalette::Button));
        QColor filled = palette().color(QPalette::Highlight);
        filled.setAlphaF(active ? 0.55F : 0.30F);
        painter.save();
        painter.setClipRect(QRectF{box.left(), 0, std::max(0.0, m_done[i]) * box.width(), double(height())});
        painter.fillPath(shape, filled);
        painter.restore();
        painter.setPen(QPen{palette().color(active ? QPalette::Highlight : QPalette::Mid), active ? 1.5 : 1.0});
        painter.drawPath(shape);
        painter.setPen(palette().color(absent ? QPalette::Disabled : QPalette::Active, QPalette::ButtonText));
        auto bold = font();
        bold.setBold(active);
        painter.setFont(bold);
        painter.drawText(box.adjusted(i == 0 ? 0 : tip, 0, -tip, 0), Qt::AlignCenter, qtext(engine::name(kOrder[i])));
    }
}

} // namespace widgets
