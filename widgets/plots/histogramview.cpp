// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/histogramview.h"
#include "widgets/plots/labels.h"
#include "widgets/plots/plotparts.h"
#include <QFontMetricsF>
#include <QMenu>
#include <QPainterPath>
#include <algorithm>

namespace widgets {
namespace {

constexpr int kLegendRow = 2, kRectRow = 3;
constexpr int kMixingColumn = 3; // of the legend: its last item
constexpr std::size_t kColours = 8; // graphs for pins, one colour each
constexpr double kLeastCount = 0.7; // lower end of the logarithmic axis: one weight is still seen
constexpr double kLeastTop = 100;   // upper end at least: over less than two decades its ticks are linear and crowd

QString counted(const QString &what, std::uint64_t count)
{
    return count > 0 ? QStringLiteral("%1 %2").arg(groupedDigits(count), what) : QString{};
}

} // namespace

HistogramView::HistogramView(QWidget *parent) : PlotView{parent}, m_rect{makeRect(plot())}, m_legend{makeLegend(plot(), kLegendRow)}
{
    setAccessibleName(tr("Weight histogram"));
    setAccessibleDescription(tr("Distribution of one layer's weights with its representatives and their occupancy"));
    auto &canvas = plot();
    canvas.plotLayout()->addElement(kRectRow, 0, m_rect);
    auto *bottom = m_rect->axis(QCPAxis::atBottom), *left = m_rect->axis(QCPAxis::atLeft);
    auto *right = m_rect->addAxis(QCPAxis::atRight);
    right->setSubTicks(false);
    right->setTickLengthIn(0);
    right->setTickLengthOut(4);
    right->grid()->setVisible(false);
    bottom->setLabel(tr("Weight value"));
    auto *unit = addUnitAxis(*m_rect);
    m_rect->setRangeDragAxes({bottom, left, right});
    m_rect->setRangeZoomAxes({bottom});

    m_latent = canvas.addGraph(bottom, left);
    m_latent->setName(tr("latent weights"));
    m_latent->setLineStyle(QCPGraph::lsStepCenter);
    m_latent->setAntialiased(false);
    m_boundaries = makeVerticals(canvas, *m_rect, unit);
    m_boundaries->setName(tr("boundary"));
    for (std::size_t colour = 0; colour < kColours; ++colour) {
        m_guides.push_back(makeVerticals(canvas, *m_rect, unit));
        auto *pin = canvas.addGraph(bottom, right);
        pin->setLineStyle(QCPGraph::lsImpulse);
        pin->setAdaptiveSampling(false);
        m_pins.push_back(pin);
    }
    m_pinKey = canvas.addGraph(bottom, right);
    m_pinKey->setName(tr("snapped"));
    m_pinKey->setLineStyle(QCPGraph::lsLine);
    m_mixing = canvas.addGraph(bottom, right);
    m_mixing->setName(tr("mixing π"));
    m_mixing->setLineStyle(QCPGraph::lsNone);
    for (auto *graph : {m_latent, m_pinKey, m_boundaries, m_mixing})
        graph->addToLegend(m_legend);
    m_mixingKey = m_legend->itemWithPlottable(m_mixing);
    closeLegend(*m_legend);
    showMixing(false);
    m_names = std::make_unique<BandLabels>(canvas, *m_rect, 0);
    m_shares = std::make_unique<BandLabels>(canvas, *m_rect, 1, BandLabels::Crowded::MoveAside);
}

HistogramView::~HistogramView() = default;

void HistogramView::setLogarithmic(bool on)
{
    if (on == m_logarithmic)
        return;
    m_logarithmic = on;
    refresh();
    Q_EMIT logarithmicChanged(on);
}

QString HistogramView::subject() const
{
    const auto *layer = data().layerInfo();
    return tr("histogram of %1").arg(layer ? QString::fromStdString(layer->name) : tr("no layer"));
}

void HistogramView::fill()
{
    const auto *frame = data().layerFrame();
    m_layout = frame ? layoutBins(*frame) : BinLayout{};
    QList<double> counts{m_layout.counts.begin(), m_layout.counts.end()};
    if (m_logarithmic) // an empty bin lies below the axis
        std::ranges::replace(counts, 0.0, 0.1 * kLeastCount);
    m_latent->setData(QList<double>{m_layout.keys.begin(), m_layout.keys.end()}, counts, true);
    const bool manyPins = m_layout.cells.size() > PlotTheme::kMostDistinct, manyColours = m_layout.trajectories > PlotTheme::kMostDistinct;
    if (manyPins != m_manyPins || manyColours != m_manyColours) {
        m_manyPins = manyPins;
        m_manyColours = manyColours;
        restyle();
    }
    showMixing(m_layout.hasMixing());
    fillLines();
    fillAxes();
    writeTitle();
    setInLayout(plot(), *m_legend, kLegendRow, 0, hasRoomFor(*m_legend));
}

void HistogramView::fillLines()
{
    const std::size_t k = m_layout.cells.size();
    std::vector<QList<double>> keys(kColours), heights(kColours);
    QList<double> boundaries, values, claimed;
    std::vector<BandLabels::Label> names, shares;
    for (std::size_t j = 0; j < k; ++j) {
        const auto &cell = m_layout.cells[j];
        const auto colour = m_manyColours ? cell.identity * kColours / m_layout.trajectories : cell.identity % kColours;
        keys[colour] << cell.representative;
        heights[colour] << static_cast<double>(cell.occupancy);
        values << cell.representative;
        claimed << cell.mixing * m_layout.weights; // NaN where there is none, which draws nothing
        if (j > 0)
            boundaries << cell.low;
        const QColor ink = theme().representative(cell.identity, m_layout.trajectories);
        names.push_back({cell.representative, representativeName(j), ink});
        shares.push_back({cell.representative, percentText(cell.share), ink});
    }
    for (std::size_t c = 0; c < kColours; ++c) {
        m_pins[c]->setData(keys[c], heights[c], true);
        setVerticals(*m_guides[c], keys[c]);
    }
    setVerticals(*m_boundaries, boundaries);
    m_mixing->setData(values, claimed, true);
    m_names->setLabels(std::move(names));
    m_shares->setLabels(std::move(shares));
}

void HistogramView::showMixing(bool shown)
{
    const bool isShown = m_mixingKey->layout() == m_legend;
    if (shown == isShown)
        return;
    m_mixingKey->setVisible(shown);
    if (shown) {
        m_legend->addElement(0, kMixingColumn, m_mixingKey);
        restyle();
    } else {
        m_legend->take(m_mixingKey);
        m_mixingKey->setParent(&plot()); // so that it does not outlive the plot
    }
}

void HistogramView::fillAxes()
{
    auto *left = m_rect->axis(QCPAxis::atLeft), *right = m_rect->axis(QCPAxis::atRight);
    const auto scale = m_logarithmic ? QCPAxis::stLogarithmic : QCPAxis::stLinear;
    for (auto *axis : {left, right}) {
        if (axis->scaleType() == scale)
            continue;
        axis->setScaleType(scale);
        axis->setTicker(m_logarithmic ? QSharedPointer<QCPAxisTicker>{new PowerTicker}
                                      : QSharedPointer<QCPAxisTicker>{new QCPAxisTicker});
    }
    right->setVisible(!m_logarithmic);
    right->setLabel(isCompact() ? QString{} : tr("Weights per representative"));
    left->setLabel(m_logarithmic ? tr("Number of weights") : tr("Weights per bin"));
    const double height = QFontMetricsF{labelFont()}.height();
    m_rect->setMinimumMargins({0, qRound((isCompact() ? 1 : 2) * height) + 4, qRound(0.8 * height), 0});
    fitTicks(*m_rect->axis(QCPAxis::atBottom), width(), 7 * height);
    fitTicks(*left, this->height(), 4.5 * height);
    if (!followsData())
        return;
    m_rect->axis(QCPAxis::atBottom)->setRange(m_layout.valueLow, m_layout.valueHigh);
    if (m_logarithmic) {
        const double high = std::max(kLeastTop, niceCeiling(1.3 * std::max(m_layout.countHigh, m_layout.occupancyHigh)));
        left->setRange(kLeastCount, high);
        right->setRange(kLeastCount, high);
    } else {
        left->setRange(0, niceCeiling(1.05 * m_layout.countHigh));
        right->setRange(0, niceCeiling(1.05 * m_layout.occupancyHigh));
    }
}

void HistogramView::writeTitle()
{
    const auto *layer = data().layerInfo();
    const auto *frame = data().layerFrame();
    if (!layer || !frame) {
        setTitle({layer ? QString::fromStdString(layer->name) : tr("Weight histogram"), tr("no weights yet")});
        setWarning({});
        return;
    }
    QStringList parts{QString::fromStdString(layer->name), tr("k = %1").arg(frame->k()),
                      tr("n = %1").arg(groupedDigits(layer->weightCount))};
    if (!data().frame->codebooksAreLive)
        parts.insert(1, tr("codebook: preview"));
    parts << tr("mean distance %1").arg(frame->meanDistance, 0, 'g', 3);
    setTitle(parts);
    QStringList troubles{counted(tr("NaN"), frame->histogram.notANumber), counted(tr("infinite"), frame->histogram.infinite),
                         counted(tr("below the bins"), frame->histogram.underflow),
                         counted(tr("above the bins"), frame->histogram.overflow)};
    troubles.removeAll(QString{});
    setWarning(troubles.isEmpty() ? QString{} : tr("Not shown: %1").arg(troubles.join(QStringLiteral(", "))));
}

void HistogramView::place()
{
    const QFont font = labelFont();
    m_names->place(font);
    m_shares->hide();
    if (!isCompact())
        m_shares->place(font);
}

void HistogramView::restyle()
{
    const QColor area = PlotTheme::between({theme().background, theme().latent}, theme().dark ? 0.38 : 0.28);
    m_latent->setPen(line(theme().latent, 1));
    m_latent->setBrush(area);
    m_boundaries->setPen(line(theme().marker, 1, Qt::DashLine));
    m_boundaries->setVisible(!m_manyPins); // as many lines as pixels would only hide the weights
    for (std::size_t c = 0; c < m_pins.size(); ++c) {
        const QColor colour = m_manyColours ? PlotTheme::between(theme().time, static_cast<double>(c) / (kColours - 1))
                                            : theme().representative(c, kColours);
        QColor faint = colour;
        faint.setAlphaF(0.45F);
        m_guides[c]->setPen(line(faint, 1));
        m_guides[c]->setVisible(!m_manyPins);
        m_pins[c]->setPen(line(colour, isCompact() ? 1.5 : 2.5));
        m_pins[c]->setLineStyle(m_manyPins ? QCPGraph::lsNone : QCPGraph::lsImpulse);
        m_pins[c]->setAntialiasedScatters(!m_manyPins);
        m_pins[c]->setScatterStyle(m_manyPins ? dot(colour, 3, line(colour, 1))
                                              : dot(colour, isCompact() ? 6 : 9, line(theme().background, 1)));
    }
    m_pinKey->setPen(line(theme().text, 2.5));
    m_pinKey->setScatterStyle(dot(theme().text, 8, line(theme().background, 1)));
    const double length = isCompact() ? 14 : 20, scale = length / 6; // QCustomPlot stretches the path, its pen too, by that
    QPainterPath dash;
    dash.moveTo(-3, 0);
    dash.lineTo(3, 0);
    m_mixing->setScatterStyle({dash, line(theme().text, 2 / scale), Qt::NoBrush, length});
    styleLegend(*m_legend, theme(), labelFont());
}

std::unique_ptr<PlotView> HistogramView::makeTwin() const
{
    auto other = std::make_unique<HistogramView>();
    other->setLogarithmic(m_logarithmic);
    return other;
}

void HistogramView::extendMenu(QMenu &menu)
{
    auto *action = menu.addAction(tr("&Logarithmic counts"), this, &HistogramView::setLogarithmic);
    action->setCheckable(true);
    action->setChecked(m_logarithmic);
}

QString HistogramView::readoutAt(QPointF position) const
{
    const auto *frame = data().layerFrame();
    if (!frame || !m_rect->rect().contains(position.toPoint()))
        return {};
    const double value = m_rect->axis(QCPAxis::atBottom)->pixelToCoord(position.x());
    const auto &bins = frame->histogram;
    QStringList lines;
    if (value >= bins.low && value < bins.high && bins.binWidth() > 0) {
        const auto bin = std::min(static_cast<std::size_t>((value - bins.low) / bins.binWidth()), bins.counts.size() - 1);
        const double low = bins.low + static_cast<double>(bin) * bins.binWidth();
        lines << tr("weights from %1 to %2: %3").arg(low, 0, 'g', 4).arg(low + bins.binWidth(), 0, 'g', 4)
                     .arg(groupedDigits(bins.counts[bin]));
    } else {
        lines << tr("weight value %1").arg(value, 0, 'g', 4);
    }
    if (const auto *cell = m_layout.cellAt(value)) {
        const auto j = static_cast<std::size_t>(cell - m_layout.cells.data());
        lines << tr("cell of %1 = %2: %3 weights, %4").arg(representativeName(j)).arg(cell->representative, 0, 'g', 5)
                     .arg(groupedDigits(cell->occupancy), percentText(cell->share));
        if (m_layout.hasMixing())
            lines << tr("mixing proportion π: %1").arg(percentText(cell->mixing));
    }
    return lines.join(QLatin1Char('\n'));
}

DataTable HistogramView::table() const
{
    DataTable table;
    QList<double> low, high, count, index, value, identity, occupancy, share, mixing, from, to;
    if (const auto *frame = data().layerFrame()) {
        const auto edges = frame->histogram.edges();
        for (std::size_t bin = 0; bin < frame->histogram.counts.size(); ++bin) {
            low << edges[bin];
            high << edges[bin + 1];
            count << static_cast<double>(frame->histogram.counts[bin]);
        }
        for (const auto &cell : layoutBins(*frame).cells) { // not m_layout, which a hidden view does not renew
            index << static_cast<double>(index.size() + 1);
            value << cell.representative;
            identity << static_cast<double>(cell.identity);
            occupancy << static_cast<double>(cell.occupancy);
            share << cell.share;
            if (cell.mixing > 0)
                mixing << cell.mixing;
            from << cell.low;
            to << cell.high;
        }
    }
    table.columns = {{tr("bin from (weight value)"), low}, {tr("bin to (weight value)"), high},
                     {tr("latent weights (count)"), count}, {tr("representative (index from 1)"), index},
                     {tr("representative (weight value)"), value}, {tr("trajectory (index from 0)"), identity},
                     {tr("occupancy (count)"), occupancy}, {tr("share of weights (0 to 1)"), share},
                     {tr("cell from (weight value)"), from}, {tr("cell to (weight value)"), to}};
    if (!mixing.isEmpty())
        table.columns.append({tr("mixing proportion (0 to 1)"), mixing});
    return table;
}

} // namespace widgets
