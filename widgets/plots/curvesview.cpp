// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/curvesview.h"
#include "widgets/plots/curveslayout.h"
#include "widgets/plots/labels.h"
#include "widgets/plots/plotparts.h"
#include "widgets/plots/stageborders.h"
#include <QFontMetricsF>
#include <algorithm>
#include <cmath>

namespace widgets {
namespace {

constexpr std::size_t kBuckets = 120; // of a drawn line
constexpr int kLossLegendRow = 2, kLossRow = 3, kAccuracyLegendRow = 4, kAccuracyRow = 5;

double stepOf(const engine::Sample &sample)
{
    return static_cast<double>(engine::count(sample.step));
}

void setSeries(QCPGraph &graph, const Series &whole)
{
    const auto range = graph.keyAxis()->range();
    const Series series = graph.lineStyle() == QCPGraph::lsNone ? whole : thinned(whole, range.lower, range.upper, kBuckets);
    const bool few = series.steps.size() < 3; // a line of one point cannot be seen
    if (graph.lineStyle() != QCPGraph::lsNone)
        graph.setScatterStyle(few ? QCPScatterStyle{QCPScatterStyle::ssDisc, 4} : QCPScatterStyle{});
    graph.setData(QList<double>{series.steps.begin(), series.steps.end()},
                  QList<double>{series.values.begin(), series.values.end()}, true);
}

} // namespace

CurvesView::CurvesView(QWidget *parent)
    : PlotView{parent}, m_epochs{new EpochTicker}, m_losses{makeRect(plot())}, m_accuracies{makeRect(plot())},
      m_lossLegend{makeLegend(plot(), kLossLegendRow)}, m_accuracyLegend{makeLegend(plot(), kAccuracyLegendRow)}
{
    setAccessibleName(tr("Loss and accuracy curves"));
    setAccessibleDescription(tr("Task and regularizer loss, training and validation accuracies, over the steps"));
    auto &canvas = plot();
    auto &grid = *canvas.plotLayout();
    grid.addElement(kLossRow, 0, m_losses);
    grid.addElement(kAccuracyRow, 0, m_accuracies);
    auto *margins = new QCPMarginGroup{&canvas};
    for (auto *rect : {m_losses, m_accuracies})
        rect->setMarginGroup(QCP::msLeft | QCP::msRight, margins);

    auto *lossSteps = m_losses->axis(QCPAxis::atBottom), *steps = m_accuracies->axis(QCPAxis::atBottom);
    auto *task = m_losses->axis(QCPAxis::atLeft), *accuracy = m_accuracies->axis(QCPAxis::atLeft);
    auto *regularizer = m_losses->addAxis(QCPAxis::atRight);
    regularizer->setSubTicks(false);
    regularizer->setTickLengthIn(0);
    regularizer->setTickLengthOut(4);
    regularizer->grid()->setVisible(false);
    m_losses->setRangeDragAxes({lossSteps, task, regularizer});
    m_losses->setRangeZoomAxes({lossSteps});
    m_accuracies->setRangeZoomAxes({steps});
    lossSteps->setTicker(m_epochs);
    lossSteps->setLabel(tr("Epoch"));
    steps->setLabel(tr("Step"));
    task->setLabel(tr("Task loss (nat)"));
    regularizer->setLabel(tr("Regularizer loss (nat)"));
    accuracy->setLabel(tr("Accuracy (%)"));
    connect(lossSteps, qOverload<const QCPRange &>(&QCPAxis::rangeChanged), steps, qOverload<const QCPRange &>(&QCPAxis::setRange));
    connect(steps, qOverload<const QCPRange &>(&QCPAxis::rangeChanged), lossSteps, qOverload<const QCPRange &>(&QCPAxis::setRange));

    const auto add = [&](QCPAxis *key, QCPAxis *value, const QString &name, QCPLegend *legend) {
        auto *graph = canvas.addGraph(key, value);
        graph->setName(name);
        graph->setSelectable(QCP::stNone);
        if (legend)
            graph->addToLegend(legend);
        return graph;
    };
    m_task = add(lossSteps, task, tr("task loss"), m_lossLegend);
    m_regularizer = add(lossSteps, regularizer, tr("regularizer loss (right)"), m_lossLegend);
    m_training = add(steps, accuracy, tr("training"), m_accuracyLegend);
    m_latent = add(steps, accuracy, tr("validation, latent"), m_accuracyLegend);
    m_snapped = add(steps, accuracy, tr("validation, snapped"), m_accuracyLegend);
    closeLegend(*m_lossLegend);
    closeLegend(*m_accuracyLegend);
    m_latentWhole = add(steps, accuracy, {}, nullptr);
    m_snappedWhole = add(steps, accuracy, {}, nullptr);
    for (auto *graph : {m_latentWhole, m_snappedWhole})
        graph->setLineStyle(QCPGraph::lsNone);
    m_lossStages = std::make_unique<StageBorders>(canvas, *m_losses, true);
    m_accuracyStages = std::make_unique<StageBorders>(canvas, *m_accuracies, false);
}

CurvesView::~CurvesView() = default;

QString CurvesView::subject() const
{
    return tr("loss and accuracy curves");
}

void CurvesView::fill()
{
    static const engine::History nothing;
    const auto &history = data().history ? *data().history : nothing;
    const CurvesLayout curves = layoutCurves(history);
    fillAxes(curves);
    setSeries(*m_task, curves.task);
    setSeries(*m_regularizer, curves.regularizer);
    setSeries(*m_training, curves.training);
    setSeries(*m_latent, curves.latent);
    setSeries(*m_snapped, curves.snapped);
    setSeries(*m_latentWhole, curves.latentWhole);
    setSeries(*m_snappedWhole, curves.snappedWhole);
    m_lossStages->setHistory(history);
    m_accuracyStages->setHistory(history);
    setInLayout(plot(), *m_lossLegend, kLossLegendRow, 0, hasRoomFor(*m_lossLegend));
    setInLayout(plot(), *m_accuracyLegend, kAccuracyLegendRow, 0, hasRoomFor(*m_accuracyLegend));
    QStringList title{isCompact() ? tr("Loss (nat), accuracy (%)") : tr("Loss and accuracy")};
    if (history.empty())
        title << tr("no samples yet");
    else
        title << tr("step %1").arg(groupedDigits(engine::count(history.samples().back().step)))
              << tr("epoch %1").arg(history.samples().back().epoch, 0, 'f', 1);
    setTitle(title);
}

void CurvesView::fillAxes(const CurvesLayout &curves)
{
    const double height = QFontMetricsF{labelFont()}.height();
    m_losses->setMinimumMargins({0, qRound(height) + 6, qRound(height), 6});
    m_accuracies->setMinimumMargins({0, 4, qRound(height), 0});
    fitTicks(*m_accuracies->axis(QCPAxis::atBottom), width(), 7 * height);
    fitTicks(*m_losses->axis(QCPAxis::atBottom), width(), 7 * height);
    for (auto *axis : {m_losses->axis(QCPAxis::atLeft), m_losses->axis(QCPAxis::atRight), m_accuracies->axis(QCPAxis::atLeft)})
        fitTicks(*axis, 0.4 * this->height(), 2.5 * height);
    m_losses->axis(QCPAxis::atRight)->setLabel(isCompact() ? QString{} : tr("Regularizer (nat)"));
    m_losses->axis(QCPAxis::atLeft)->setLabel(isCompact() ? QString{} : tr("Task loss (nat)"));
    m_epochs->setStepsPerEpoch(data().run ? static_cast<double>(data().run->stepsPerEpoch) : 1);
    m_losses->axis(QCPAxis::atBottom)->setTickLabels(data().run && !isCompact());
    m_losses->axis(QCPAxis::atBottom)->setLabel(data().run && !isCompact() ? tr("Epoch") : QString{});
    m_accuracies->axis(QCPAxis::atLeft)->setLabel(isCompact() ? QString{} : tr("Accuracy (%)"));
    if (!followsData())
        return;
    m_accuracies->axis(QCPAxis::atBottom)->setRange(0, 1.015 * curves.stepHigh); // the last mark is whole
    m_losses->axis(QCPAxis::atLeft)->setRange(0, curves.taskHigh);
    m_losses->axis(QCPAxis::atRight)->setRange(0, curves.regularizerHigh);
    m_accuracies->axis(QCPAxis::atLeft)->setRange(curves.accuracyLow, curves.accuracyHigh);
}

void CurvesView::place()
{
    m_lossStages->place(labelFont());
    m_accuracyStages->place(labelFont());
}

void CurvesView::restyle()
{
    m_task->setPen(line(theme().task, 1.5));
    m_regularizer->setPen(line(theme().regularizer, 1.5, Qt::DashLine));
    m_training->setPen(line(theme().training, 1));
    m_latent->setPen(line(theme().latent, 1.5));
    m_snapped->setPen(line(theme().snapped, 1.5));
    m_latentWhole->setScatterStyle(dot(theme().latent, 7, line(theme().background, 1)));
    m_snappedWhole->setScatterStyle(dot(theme().snapped, 7, line(theme().background, 1)));
    const auto tint = [this](QCPAxis::AxisType side, const QColor &colour) { // each loss and its axis share a colour
        m_losses->axis(side)->setLabelColor(colour);
        m_losses->axis(side)->setTickLabelColor(colour);
    };
    tint(QCPAxis::atLeft, theme().task);
    tint(QCPAxis::atRight, theme().regularizer);
    for (auto *legend : {m_lossLegend, m_accuracyLegend})
        styleLegend(*legend, theme(), labelFont());
    m_lossStages->restyle(theme());
    m_accuracyStages->restyle(theme());
}

std::unique_ptr<PlotView> CurvesView::makeTwin() const
{
    return std::make_unique<CurvesView>();
}

QString CurvesView::readoutAt(QPointF position) const
{
    const auto point = position.toPoint();
    if (!data().history || data().history->empty()
        || !(m_losses->rect().contains(point) || m_accuracies->rect().contains(point)))
        return {};
    const auto &samples = data().history->samples();
    const double step = m_accuracies->axis(QCPAxis::atBottom)->pixelToCoord(position.x());
    const auto nearest = std::ranges::min_element(samples, {}, [&](const auto &s) { return std::abs(stepOf(s) - step); });
    QStringList lines{tr("step %1, epoch %2").arg(groupedDigits(engine::count(nearest->step))).arg(nearest->epoch, 0, 'f', 2)};
    lines << tr("task loss %1, regularizer loss %2").arg(nearest->taskLoss, 0, 'g', 4).arg(nearest->regularizerLoss, 0, 'g', 4);
    lines << tr("training accuracy %1").arg(percentText(nearest->trainAccuracy));
    if (std::isfinite(nearest->latentAccuracy))
        lines << tr("validation: latent %1, snapped %2").arg(percentText(nearest->latentAccuracy),
                                                             percentText(nearest->snappedAccuracy));
    return lines.join(QLatin1Char('\n'));
}

DataTable CurvesView::table() const
{
    DataTable table{{{tr("step"), {}}, {tr("epoch"), {}}, {tr("task loss (nat)"), {}}, {tr("regularizer loss (nat)"), {}},
                     {tr("training accuracy (0 to 1)"), {}}, {tr("latent validation accuracy (0 to 1)"), {}},
                     {tr("snapped validation accuracy (0 to 1)"), {}}, {tr("whole validation set (0 or 1)"), {}},
                     {tr("learning rate"), {}}, {tr("images per second (1/s)"), {}}}};
    if (!data().history)
        return table;
    for (const auto &s : data().history->samples()) {
        const double row[] = {stepOf(s), s.epoch, s.taskLoss, s.regularizerLoss, s.trainAccuracy, s.latentAccuracy,
                              s.snappedAccuracy, s.wholeValidation ? 1.0 : 0.0, s.learningRate, s.imagesPerSecond};
        for (qsizetype column = 0; column < table.columns.size(); ++column)
            table.columns[column].values << row[column];
    }
    return table;
}

} // namespace widgets
