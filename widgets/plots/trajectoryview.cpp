// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/trajectoryview.h"
#include "widgets/plots/labels.h"
#include "widgets/plots/plotparts.h"
#include "widgets/plots/stageborders.h"
#include "widgets/plots/thinning.h"
#include <QFontMetricsF>
#include <algorithm>
#include <cmath>
#include <limits>

namespace widgets {
namespace {

constexpr int kRectRow = 2;
constexpr std::size_t kMostPoints = 1200, kLeastPoints = 60; // drawn: of all lines together, of each line
constexpr std::size_t kMostSmoothLines = 8; // smoothing 16 lines alone takes 4 ms
constexpr double kLeastPercent = 100 * DensityGrid::kVisibleShare,
                 kMostPercent = 100; // of the colour scale, fixed so that colours keep their meaning

/// Trajectories that have not ended.
std::size_t living(const std::vector<float> &representatives)
{
    return static_cast<std::size_t>(std::ranges::count_if(representatives, [](float r) { return !std::isnan(r); }));
}

double stepOf(const engine::Sample &sample)
{
    return static_cast<double>(engine::count(sample.step));
}

} // namespace

TrajectoryView::TrajectoryView(QWidget *parent)
    : PlotView{parent}, m_rect{makeRect(plot())}, m_map{nullptr}, m_scale{new QCPColorScale{&plot()}}
{
    setAccessibleName(tr("Representative trajectories"));
    setAccessibleDescription(tr("Representatives of one layer over the steps, above the density of its weights"));
    auto &canvas = plot();
    canvas.plotLayout()->addElement(kRectRow, 0, m_rect);
    m_map = new QCPColorMap{m_rect->axis(QCPAxis::atBottom), m_rect->axis(QCPAxis::atLeft)};
    m_map->setInterpolate(false);
    m_map->setTightBoundary(true);
    m_map->setAntialiased(false);
    m_map->setSelectable(QCP::stNone);
    m_scale->setType(QCPAxis::atRight);
    m_scale->setDataScaleType(QCPAxis::stLogarithmic);
    m_scale->setDataRange({kLeastPercent, kMostPercent});
    m_scale->axis()->setTicker(QSharedPointer<QCPAxisTickerLog>::create());
    m_scale->axis()->setLabel(tr("Weights per cell (%)"));
    m_scale->setRangeDrag(false);
    m_scale->setRangeZoom(false);
    m_map->setColorScale(m_scale);
    auto *margins = new QCPMarginGroup{&canvas};
    m_rect->setMarginGroup(QCP::msTop | QCP::msBottom, margins);
    m_scale->setMarginGroup(QCP::msTop | QCP::msBottom, margins);
    m_scale->setVisible(false);
    m_rect->axis(QCPAxis::atBottom)->setLabel(tr("Step"));
    m_rect->axis(QCPAxis::atLeft)->setLabel(tr("Weight value"));
    m_stages = std::make_unique<StageBorders>(canvas, *m_rect, true);
}

TrajectoryView::~TrajectoryView() = default;

QString TrajectoryView::subject() const
{
    const auto *layer = data().layerInfo();
    return tr("trajectories of %1").arg(layer ? QString::fromStdString(layer->name) : tr("no layer"));
}

void TrajectoryView::forget()
{
    m_grid.clear();
}

void TrajectoryView::fill()
{
    static const engine::History nothing;
    const auto &history = data().history ? *data().history : nothing;
    if (m_grid.update(history, data().layer))
        fillMap();
    m_stages->setHistory(history);
    setInLayout(plot(), *m_scale, kRectRow, 1, !isCompact());

    const double height = QFontMetricsF{labelFont()}.height();
    m_rect->setMinimumMargins({0, qRound(height) + 6, qRound(isCompact() ? height : 0.3 * height), 0});
    fitTicks(*m_rect->axis(QCPAxis::atBottom), width(), 7 * height);
    fitTicks(*m_rect->axis(QCPAxis::atLeft), this->height(), 3.5 * height);
    if (followsData()) {
        m_rect->axis(QCPAxis::atBottom)->setRange(0, history.empty() ? 1 : std::max(1.0, stepOf(history.samples().back())));
        const bool known = m_grid.occupiedLow() < m_grid.occupiedHigh();
        const double grain = (m_grid.valueHigh() - m_grid.valueLow()) / 20;
        m_rect->axis(QCPAxis::atLeft)
            ->setRange(known ? std::floor(m_grid.occupiedLow() / grain) * grain : -1,
                       known ? std::ceil(m_grid.occupiedHigh() / grain) * grain : 1);
    }
    fillLines(); // once the range is known
    const auto *layer = data().layerInfo();
    QStringList title{layer ? QString::fromStdString(layer->name) : tr("Representatives")};
    title << numberText(history);
    setTitle(title);
}

QString TrajectoryView::numberText(const engine::History &history) const
{
    if (m_lines.empty() || history.empty())
        return tr("no samples yet");
    const auto &layers = history.samples().back().layers;
    const auto now =
        engine::index(data().layer) < layers.size() ? living(layers[engine::index(data().layer)].representatives) : m_lines.size();
    return now < m_lines.size() ? tr("%1 of %2 representatives left").arg(now).arg(m_lines.size())
           : now == 1           ? tr("1 representative over steps")
                                : tr("%1 representatives over steps").arg(now);
}

void TrajectoryView::fillMap()
{
    auto &cells = *m_map->data();
    if (m_grid.empty()) {
        cells.clear();
        return;
    }
    cells.setSize(DensityGrid::kColumns, DensityGrid::kRows);
    const double columnWidth = m_grid.stepHigh() / DensityGrid::kColumns;
    const double rowHeight = (m_grid.valueHigh() - m_grid.valueLow()) / DensityGrid::kRows;
    cells.setRange({0.5 * columnWidth, m_grid.stepHigh() - 0.5 * columnWidth},
                   {m_grid.valueLow() + 0.5 * rowHeight, m_grid.valueHigh() - 0.5 * rowHeight}); // centres
    for (int column = 0; column < DensityGrid::kColumns; ++column)
        for (int row = 0; row < DensityGrid::kRows; ++row)
            cells.setCell(column, row, std::max(100.0 * m_grid.share(column, row), 0.5 * kLeastPercent));
}

void TrajectoryView::fillLines()
{
    std::vector<double> all;
    std::vector<const engine::LayerSample *> samples;
    std::size_t k = 0;
    if (data().history) {
        for (const auto &sample : data().history->samples()) {
            if (engine::index(data().layer) >= sample.layers.size())
                continue;
            samples.push_back(&sample.layers[engine::index(data().layer)]);
            all.push_back(stepOf(sample));
            k = std::max(k, samples.back()->representatives.size());
        }
    }
    const auto range = m_rect->axis(QCPAxis::atBottom)->range();
    const auto places = evenPlaces(all, range.lower, range.upper, std::max(kLeastPoints, kMostPoints / std::max<std::size_t>(k, 1)));
    QList<double> steps;
    std::vector<QList<double>> values(k);
    for (const auto place : places) {
        steps << all[place];
        const auto &found = samples[place]->representatives;
        for (std::size_t t = 0; t < k; ++t)
            values[t] << (t < found.size() ? found[t] : engine::kNotMeasured);
    }
    const auto add = [&] {
        auto *graph = plot().addGraph(m_rect->axis(QCPAxis::atBottom), m_rect->axis(QCPAxis::atLeft));
        graph->setSelectable(QCP::stNone);
        return graph;
    };
    const auto before = m_lines.size();
    while (m_lines.size() > values.size()) {
        plot().removeGraph(m_lines.back());
        plot().removeGraph(m_halos.back());
        m_lines.pop_back();
        m_halos.pop_back();
    }
    while (m_lines.size() < values.size()) {
        m_halos.push_back(add());
        m_lines.push_back(add());
    }
    if (before != m_lines.size())
        restyle();
    const bool halo = values.size() <= PlotTheme::kMostDistinct;
    for (std::size_t t = 0; t < values.size(); ++t) {
        m_lines[t]->setData(steps, values[t], true);
        m_halos[t]->setVisible(halo);
        if (halo)
            m_halos[t]->setData(m_lines[t]->data());
    }
}

void TrajectoryView::place()
{
    m_stages->place(labelFont());
}

void TrajectoryView::restyle()
{
    const bool many = m_lines.size() > PlotTheme::kMostDistinct; // then thin lines without halo
    for (std::size_t t = 0; t < m_lines.size(); ++t) {
        m_lines[t]->setPen(line(theme().representative(t, m_lines.size()), many ? 1 : 2));
        m_lines[t]->setAntialiased(m_lines.size() <= kMostSmoothLines);
        m_halos[t]->setPen(line(theme().background, 4));
        m_halos[t]->setAntialiased(false);
    }
    m_scale->setGradient(gradient(theme().density));
    styleScale(*m_scale, theme(), labelFont());
    m_scale->axis()->setNumberFormat(QStringLiteral("gb"));
    m_stages->restyle(theme());
}

std::unique_ptr<PlotView> TrajectoryView::makeTwin() const
{
    return std::make_unique<TrajectoryView>();
}

QString TrajectoryView::readoutAt(QPointF position) const
{
    if (!data().history || data().history->empty() || !m_rect->rect().contains(position.toPoint()))
        return {};
    const auto &samples = data().history->samples();
    const double step = m_rect->axis(QCPAxis::atBottom)->pixelToCoord(position.x());
    const double value = m_rect->axis(QCPAxis::atLeft)->pixelToCoord(position.y());
    const auto nearest = std::ranges::min_element(samples, {}, [&](const auto &s) { return std::abs(stepOf(s) - step); });
    if (engine::index(data().layer) >= nearest->layers.size())
        return {};
    const auto &values = nearest->layers[engine::index(data().layer)].representatives;
    QString text = tr("step %1, weight value %2").arg(groupedDigits(engine::count(nearest->step))).arg(value, 0, 'g', 4);
    if (living(values) > 0) {
        const auto distance = [&](float r) { return std::isnan(r) ? std::numeric_limits<double>::infinity() : std::abs(r - value); };
        const auto closest = std::ranges::min_element(values, {}, distance);
        text += tr("\nnearest representative %1 (trajectory %2)").arg(*closest, 0, 'g', 5)
                    .arg(closest - values.begin());
    }
    return text;
}

DataTable TrajectoryView::table() const
{
    DataTable table{{{tr("step"), {}}, {tr("epoch"), {}}}};
    if (!data().history)
        return table;
    const auto place = engine::index(data().layer);
    for (const auto &sample : data().history->samples()) {
        if (place >= sample.layers.size())
            continue;
        const auto row = table.columns[0].values.size();
        table.columns[0].values << stepOf(sample);
        table.columns[1].values << sample.epoch;
        const auto &values = sample.layers[place].representatives;
        while (table.columns.size() < static_cast<qsizetype>(values.size()) + 2)
            table.columns << DataTable::Column{tr("trajectory %1 (weight value)").arg(table.columns.size() - 2),
                                               QList<double>(row, engine::kNotMeasured)};
        for (std::size_t t = 0; t < values.size(); ++t)
            table.columns[static_cast<qsizetype>(t) + 2].values << values[t];
    }
    return table;
}

} // namespace widgets
