// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/sensitivityview.h"
#include "widgets/plots/labels.h"
#include "widgets/plots/plotparts.h"
#include <QFontMetricsF>
#include <QKeyEvent>
#include <algorithm>
#include <cmath>

namespace widgets {
namespace {

constexpr int kRectRow = 2, kLegendRow = 3;
constexpr double kBarWidth = 0.38;    // of a row; two bars and a gap
constexpr double kRowLines = 1.2;     // least height of a row, in lines of text
constexpr double kClick = 4;          // px that a click may move

/// With its sign: "+0.0123" nat, "−0.40" points.
QString costText(double value, Cost cost)
{
    if (!std::isfinite(value))
        return SensitivityView::tr("not finite");
    auto text = QString::number(std::abs(value), 'f', cost == Cost::Loss ? 4 : 2);
    const bool isZero = text.toDouble() == 0;
    return isZero ? text : (value < 0 ? QChar{0x2212} : QChar{u'+'}) + text;
}

QCPItemText *makeText(QCustomPlot &plot)
{
    auto *text = new QCPItemText{&plot};
    text->position->setType(QCPItemPosition::ptAbsolute);
    text->setClipToAxisRect(false);
    text->setSelectable(false);
    return text;
}

} // namespace

SensitivityView::SensitivityView(QWidget *parent)
    : PlotView{parent}, m_rect{makeRect(plot())}, m_legend{makeLegend(plot(), kLegendRow)}, m_names{new QCPAxisTickerText}
{
    setAccessibleName(tr("Sensitivity of layers"));
    setAccessibleDescription(tr("What the quantization of each layer costs, alone and on top of all others"));
    plot().plotLayout()->addElement(kRectRow, 0, m_rect);
    auto *rows = m_rect->axis(QCPAxis::atLeft);
    rows->setTicker(m_names);
    rows->setRangeReversed(true);
    rows->grid()->setVisible(false);
    rows->setTickLengthOut(0);
    makeBars();
    m_band = new QCPItemRect{&plot()};
    for (auto *corner : {m_band->topLeft, m_band->bottomRight})
        corner->setType(QCPItemPosition::ptAbsolute);
    m_band->setLayer(QStringLiteral("background"));
    m_band->setClipToAxisRect(false);
    m_band->setSelectable(false);
    m_zero = new QCPItemStraightLine{&plot()};
    m_zero->setClipAxisRect(m_rect);
    m_zero->setSelectable(false);
    for (auto *point : {m_zero->point1, m_zero->point2})
        point->setType(QCPItemPosition::ptAbsolute);
    m_hint = makeText(plot());
    m_hint->setPositionAlignment(Qt::AlignCenter);
    listenToClicks();
}

SensitivityView::~SensitivityView() = default;

void SensitivityView::makeBars()
{
    auto *group = new QCPBarsGroup{&plot()};
    group->setSpacing(0);
    const auto add = [&](const QString &name) {
        auto *bars = new QCPBars{m_rect->axis(QCPAxis::atLeft), m_rect->axis(QCPAxis::atBottom)};
        bars->setName(name);
        bars->setWidth(kBarWidth);
        bars->setBarsGroup(group);
        bars->setSelectable(QCP::stNone);
        bars->setAntialiased(false);
        bars->addToLegend(m_legend);
        return bars;
    };
    m_alone = add(tr("snapped alone"));
    m_others = add(tr("snapped last of all"));
    closeLegend(*m_legend);
}

void SensitivityView::listenToClicks()
{
    connect(&plot(), &QCustomPlot::mousePress, this, [this](const QMouseEvent *event) { m_pressed = event->position(); });
    connect(&plot(), &QCustomPlot::mouseRelease, this, [this](const QMouseEvent *event) {
        const auto moved = event->position() - m_pressed;
        if (const auto row = rowAt(event->position()); row && event->button() == Qt::LeftButton && moved.manhattanLength() < kClick)
            choose(*row);
    });
}

void SensitivityView::setMeasured(std::shared_ptr<const MeasuredSensitivity> measured)
{
    m_measured = std::move(measured);
    const auto isThere = [this](const engine::LayerSensitivity &layer) { return layer.layer == m_chosen; };
    if (!m_measured || std::ranges::none_of(m_measured->result.layers, isThere))
        m_chosen.clear();
    m_layout = m_measured ? layoutSensitivity(m_measured->result, m_cost) : SensitivityLayout{};
    showAll();
    Q_EMIT chosenChanged();
}

void SensitivityView::setCost(Cost cost)
{
    m_cost = cost;
    setMeasured(m_measured);
}

void SensitivityView::setRemark(const QString &remark)
{
    if (remark == m_remark)
        return;
    m_remark = remark;
    refresh();
}

std::string SensitivityView::chosenLayer() const
{
    if (!m_chosen.empty() || m_layout.rows.empty())
        return m_chosen;
    return layerOf(0).layer;
}

std::optional<std::size_t> SensitivityView::chosenRow() const
{
    for (std::size_t row = 0; row < m_layout.rows.size(); ++row)
        if (layerOf(row).layer == chosenLayer())
            return row;
    return std::nullopt;
}

void SensitivityView::choose(std::size_t row)
{
    m_chosen = layerOf(row).layer;
    refresh();
    Q_EMIT chosenChanged();
}

void SensitivityView::keyPressEvent(QKeyEvent *event)
{
    const auto row = chosenRow();
    if (row && event->key() == Qt::Key_Down)
        choose(std::min(*row + 1, m_layout.rows.size() - 1));
    else if (row && event->key() == Qt::Key_Up)
        choose(*row > 0 ? *row - 1 : 0);
    else
        PlotView::keyPressEvent(event);
}

std::optional<std::size_t> SensitivityView::rowAt(QPointF position) const
{
    const QRect area = m_rect->rect();
    if (m_layout.rows.empty() || position.x() < 0 || position.x() > area.right() || position.y() < area.top() ||
        position.y() > area.bottom())
        return std::nullopt;
    const double row = std::round(m_rect->axis(QCPAxis::atLeft)->pixelToCoord(position.y()));
    return row >= 0 && row < static_cast<double>(m_layout.rows.size()) ? std::optional{static_cast<std::size_t>(row)} : std::nullopt;
}

QString SensitivityView::subject() const
{
    return tr("sensitivity of layers");
}

std::size_t SensitivityView::rowsThatFit() const
{
    const double line = QFontMetricsF{labelFont()}.height();
    const double room = height() - 5.5 * line; // title, axis, legend
    return static_cast<std::size_t>(std::clamp(room / (kRowLines * line), 1.0, 1e6));
}

void SensitivityView::fill()
{
    QList<double> keys, alone, others;
    m_names->clear();
    for (std::size_t row = 0; row < m_layout.rows.size(); ++row) {
        keys << static_cast<double>(row);
        alone << m_layout.rows[row].alone;
        others << m_layout.rows[row].others;
        m_names->addTick(keys.last(), QString::fromStdString(layerOf(row).layer));
    }
    m_alone->setData(keys, alone, true);
    m_others->setData(keys, others, true);
    const std::size_t shown = std::min(rowsThatFit(), m_layout.rows.size());
    if (followsData())
        m_rect->axis(QCPAxis::atLeft)->setRange(-0.5, std::max(1.0, static_cast<double>(shown)) - 0.5);
    fillAxes();
    fillTitle(shown);
    setWarning(m_remark);
    setInLayout(plot(), *m_legend, kLegendRow, 0, m_measured && m_legend->minimumOuterSizeHint().width() <= width());
}

void SensitivityView::fillAxes()
{
    const QFontMetricsF metrics{labelFont()};
    auto *costs = m_rect->axis(QCPAxis::atBottom);
    if (m_cost == Cost::Loss)
        costs->setLabel(isCompact() ? tr("Loss, rise (nat)") : tr("Rise of the validation loss (nat)"));
    else
        costs->setLabel(isCompact() ? tr("Accuracy, fall (points)") : tr("Fall of the validation accuracy (percentage points)"));
    m_rect->setMinimumMargins({0, 4, qRound(0.8 * metrics.height()), 0});
    fitTicks(*costs, width(), 7 * metrics.height());
    double names = 0, values = 0;
    for (std::size_t row = 0; row < m_layout.rows.size(); ++row) {
        const auto &bars = m_layout.rows[row];
        names = std::max(names, metrics.horizontalAdvance(QString::fromStdString(layerOf(row).layer)));
        values = std::max(values,
                          metrics.horizontalAdvance(costText(bars.alone, m_cost) + QStringLiteral(" · ") + costText(bars.others, m_cost)));
    }
    const double room = std::max(1.0, width() - names - 2 * metrics.height());
    const double left = std::min(0.6, (values + 12) / room); // of the width, for the values right of the longest bar
    if (followsData())
        costs->setRange(1.03 * m_layout.low, m_layout.low + (m_layout.high - m_layout.low) / (1 - left));
}

void SensitivityView::fillTitle(std::size_t rowsShown)
{
    QStringList title{tr("Sensitivity of layers")};
    if (m_measured) {
        const auto &result = m_measured->result;
        title << tr("step %1").arg(groupedDigits(engine::count(result.step)));
        if (rowsShown < m_layout.rows.size())
            title << tr("the %1 most sensitive of %2").arg(rowsShown).arg(m_layout.rows.size());
        title << (m_measured->k ? tr("k = %1").arg(*m_measured->k) : tr("k as trained"))
              << tr("%1 validation images").arg(groupedDigits(result.images))
              << tr("latent %1, snapped %2").arg(percentText(result.latent.accuracy), percentText(result.snapped.accuracy));
    }
    setTitle(title);
}

void SensitivityView::place()
{
    m_valuesShown = 0;
    const auto &axis = *m_rect->axis(QCPAxis::atLeft);
    for (std::size_t row = 0; row < m_layout.rows.size(); ++row)
        if (axis.range().contains(static_cast<double>(row)))
            placeValues(row);
    for (std::size_t unused = m_valuesShown; unused < m_values.size(); ++unused)
        m_values[unused]->setVisible(false);
    const double zero = m_rect->axis(QCPAxis::atBottom)->coordToPixel(0);
    m_zero->point1->setCoords(zero, m_rect->top());
    m_zero->point2->setCoords(zero, m_rect->bottom());
    const auto chosen = chosenRow();
    m_band->setVisible(m_marksChosen && chosen && axis.range().contains(static_cast<double>(*chosen)));
    if (chosen) {
        const double row = static_cast<double>(*chosen);
        m_band->topLeft->setCoords(0, axis.coordToPixel(row - 0.48));
        m_band->bottomRight->setCoords(m_rect->right(), axis.coordToPixel(row + 0.48));
    }
    m_hint->setVisible(!m_measured && data().run);
    m_hint->setText(isCompact() ? tr("Nothing is measured yet.")
                                : tr("Measure snaps each layer alone, then all but it, and counts what that costs."));
    m_hint->position->setCoords(m_rect->rect().center());
}

/// Each value at its bar, or both behind one another where rows are too low for two lines.
void SensitivityView::placeValues(std::size_t row)
{
    const auto &bars = m_layout.rows[row];
    const auto *rows = m_rect->axis(QCPAxis::atLeft);
    const double key = static_cast<double>(row), pitch = rows->coordToPixel(1) - rows->coordToPixel(0);
    const QString alone = costText(bars.alone, m_cost), others = costText(bars.others, m_cost);
    const double y = rows->coordToPixel(key), middle = 0.5 * kBarWidth * pitch;
    if (2 * middle >= 0.9 * QFontMetricsF{labelFont()}.height()) {
        putValue(alone, bars.alone, y - middle);
        putValue(others, bars.others, y + middle);
    } else {
        putValue(alone + QStringLiteral(" · ") + others, std::fmax(bars.alone, bars.others), y);
    }
}

void SensitivityView::putValue(const QString &text, double end, double y)
{
    if (m_valuesShown == m_values.size()) {
        m_values.push_back(makeText(plot()));
        m_values.back()->setPositionAlignment(Qt::AlignLeft | Qt::AlignVCenter);
        m_values.back()->setFont(labelFont());
        m_values.back()->setColor(theme().text);
    }
    auto &item = *m_values[m_valuesShown++];
    item.setText(text);
    item.position->setCoords(m_rect->axis(QCPAxis::atBottom)->coordToPixel(std::fmax(0.0, end)) + 5, y);
    item.setVisible(true);
}

void SensitivityView::restyle()
{
    for (auto *text : m_values) {
        text->setFont(labelFont());
        text->setColor(theme().text);
    }
    m_hint->setFont(labelFont());
    m_hint->setColor(theme().mutedText);
    m_alone->setBrush(theme().snapped);
    m_others->setBrush(theme().latent);
    for (auto *bars : {m_alone, m_others})
        bars->setPen(Qt::NoPen);
    m_band->setPen(Qt::NoPen);
    m_band->setBrush(theme().grid);
    m_zero->setPen(line(theme().axis, 1));
    styleLegend(*m_legend, theme(), labelFont());
}

std::unique_ptr<PlotView> SensitivityView::makeTwin() const
{
    auto other = std::make_unique<SensitivityView>();
    other->m_marksChosen = false; // which layer the buttons are about is nothing for a figure
    other->m_cost = m_cost;
    other->setMeasured(m_measured);
    return other;
}

QString SensitivityView::readoutAt(QPointF position) const
{
    const auto row = rowAt(position);
    if (!row)
        return {};
    const auto &layer = layerOf(*row);
    const auto &result = m_measured->result;
    const auto scores = [](const engine::Scores &with, const engine::Scores &without) {
        return tr("accuracy %1 (%2 points), loss %3 (%4)")
            .arg(percentText(with.accuracy), costText(100 * (with.accuracy - without.accuracy), Cost::Accuracy))
            .arg(with.loss, 0, 'f', 4)
            .arg(costText(with.loss - without.loss, Cost::Loss));
    };
    return tr("%1: %2 weights, k = %3, mean squared error %4\nonly this layer snapped: %5\nall but this layer snapped: %6")
        .arg(QString::fromStdString(layer.layer), groupedDigits(layer.weights)).arg(layer.k).arg(layer.meanSquaredError, 0, 'e', 2)
        .arg(scores(layer.alone, result.latent), scores(layer.others, result.snapped));
}

DataTable SensitivityView::table() const
{
    DataTable table{{{tr("layer"), {}},
                     {tr("weights"), {}},
                     {tr("representatives k"), {}},
                     {tr("order-0 entropy (bit)"), {}},
                     {tr("mean squared error"), {}},
                     {tr("validation accuracy, only this layer snapped (0 to 1)"), {}},
                     {tr("validation loss, only this layer snapped (nat)"), {}},
                     {tr("validation accuracy, all but this layer snapped (0 to 1)"), {}},
                     {tr("validation loss, all but this layer snapped (nat)"), {}},
                     {tr("validation accuracy, no layer snapped (0 to 1)"), {}},
                     {tr("validation loss, no layer snapped (nat)"), {}},
                     {tr("validation accuracy, all layers snapped (0 to 1)"), {}},
                     {tr("validation loss, all layers snapped (nat)"), {}},
                     {tr("step"), {}}}};
    for (std::size_t row = 0; row < m_layout.rows.size(); ++row) {
        const auto &layer = layerOf(row);
        const auto &all = m_measured->result;
        const double values[] = {static_cast<double>(layer.weights),
                                 static_cast<double>(layer.k),
                                 layer.entropyBits,
                                 layer.meanSquaredError,
                                 layer.alone.accuracy,
                                 layer.alone.loss,
                                 layer.others.accuracy,
                                 layer.others.loss,
                                 all.latent.accuracy,
                                 all.latent.loss,
                                 all.snapped.accuracy,
                                 all.snapped.loss,
                                 static_cast<double>(engine::count(all.step))};
        table.columns[0].texts << QString::fromStdString(layer.layer);
        for (qsizetype column = 1; column < table.columns.size(); ++column)
            table.columns[column].values << values[column - 1];
    }
    return table;
}

} // namespace widgets
