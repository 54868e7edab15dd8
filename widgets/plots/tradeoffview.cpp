// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/tradeoffview.h"
#include "widgets/plots/labels.h"
#include "widgets/plots/plotparts.h"
#include "widgets/plots/posttraininglines.h"
#include <QActionGroup>
#include <QFontMetricsF>
#include <QMenu>
#include <algorithm>
#include <cmath>

namespace widgets {
namespace {

constexpr int kLegendRow = 2, kRectRow = 3;
constexpr int kTrailColours = 24;
constexpr double kReadoutReach = 20; // px
constexpr double kRatioLow = 0.8; // the float network at 1 is clear of the axis

double stepOf(const TradeoffPoint &point)
{
    return static_cast<double>(engine::count(point.step));
}

QString ratioText(double ratio)
{
    return QString::number(ratio, 'f', ratio < 100 ? 1 : 0) + QStringLiteral("×");
}

QString codingName(Coding coding)
{
    return coding == Coding::Entropy ? TradeoffView::tr("order-0 entropy") : TradeoffView::tr("fixed-length codes");
}

QString postTrainingTitle(const PostTrainingCurves &curves, bool reestimated)
{
    const auto text = TradeoffView::tr("curves of step %1").arg(groupedDigits(engine::count(curves.step)));
    if (curves.expected > 0)
        return TradeoffView::tr("%1 (%2 of %3 measured)").arg(text).arg(curves.measured()).arg(curves.expected);
    return reestimated ? TradeoffView::tr("%1, batch-norm re-estimated").arg(text) : text;
}

QCPItemText *makeText(QCustomPlot &plot, QCPAxisRect &rect)
{
    auto *text = new QCPItemText{&plot};
    text->position->setType(QCPItemPosition::ptAbsolute);
    text->setClipToAxisRect(true);
    text->setClipAxisRect(&rect);
    text->setSelectable(false);
    text->setPadding({4, 2, 4, 2});
    return text;
}

/// Columns of their own, by quantizer.
void addColumns(const PostTrainingCurves &curves, DataTable &table)
{
    for (const auto &curve : curves.curves) {
        QList<double> steps, k, entropy, fixed, accuracy, reestimated;
        for (const auto &point : curve.points) {
            steps << static_cast<double>(engine::count(curves.step));
            k << point.k;
            entropy << point.floatBytes / point.entropyBytes;
            fixed << point.floatBytes / point.fixedBytes;
            accuracy << point.accuracy;
            reestimated << point.reestimatedAccuracy;
        }
        const auto title = [&curve](const QString &quantity) { return QStringLiteral("%1: %2").arg(curve.name(), quantity); };
        table.columns << DataTable::Column{title(TradeoffView::tr("step")), steps} << DataTable::Column{title(QStringLiteral("k")), k}
                      << DataTable::Column{title(TradeoffView::tr("compression ratio, theoretical, order-0 entropy")), entropy}
                      << DataTable::Column{title(TradeoffView::tr("compression ratio, theoretical, fixed-length codes")), fixed}
                      << DataTable::Column{title(TradeoffView::tr("validation accuracy (0 to 1)")), accuracy}
                      << DataTable::Column{title(TradeoffView::tr("validation accuracy, batch-norm re-estimated (0 to 1)")), reestimated};
    }
}

} // namespace

TradeoffView::TradeoffView(QWidget *parent)
    : PlotView{parent}, m_rect{makeRect(plot())}, m_scale{new QCPColorScale{&plot()}}
{
    setAccessibleName(tr("Accuracy against compression ratio"));
    setAccessibleDescription(tr("The float network, the way of this run, where its snapped network stands now, and post-training "
                                "quantizers if they were measured"));
    auto &canvas = plot();
    canvas.plotLayout()->addElement(kRectRow, 0, m_rect);
    auto *ratio = m_rect->axis(QCPAxis::atBottom), *accuracy = m_rect->axis(QCPAxis::atLeft);
    ratio->setScaleType(QCPAxis::stLogarithmic);
    auto ticker = QSharedPointer<QCPAxisTickerLog>::create();
    ticker->setLogBase(2);
    ticker->setSubTickCount(0);
    ratio->setTicker(ticker);
    accuracy->setLabel(tr("Snapped validation accuracy (%)"));
    m_scale->setType(QCPAxis::atRight);
    m_scale->axis()->setLabel(tr("Step"));
    m_scale->setRangeDrag(false);
    m_scale->setRangeZoom(false);
    m_scale->setVisible(false);
    auto *margins = new QCPMarginGroup{&canvas};
    m_rect->setMarginGroup(QCP::msTop | QCP::msBottom, margins);
    m_scale->setMarginGroup(QCP::msTop | QCP::msBottom, margins);

    m_level = new QCPItemStraightLine{&canvas};
    m_level->setClipAxisRect(m_rect);
    for (auto *point : {m_level->point1, m_level->point2}) {
        point->setAxes(ratio, accuracy);
        point->setType(QCPItemPosition::ptPlotCoords);
    }
    const auto add = [&] {
        auto *graph = canvas.addGraph(ratio, accuracy);
        graph->setLineStyle(QCPGraph::lsNone);
        graph->setSelectable(QCP::stNone);
        return graph;
    };
    m_lines = std::make_unique<PostTrainingLines>(canvas, *m_rect, kLegendRow);
    m_path = new QCPCurve{ratio, accuracy}; // a graph would sort by ratio
    m_path->setSelectable(QCP::stNone);
    for (int colour = 0; colour < kTrailColours; ++colour)
        m_points.push_back(add());
    m_baseline = add();
    m_now = add();
    m_baselineLabel = makeText(canvas, *m_rect);
    m_nowLabel = makeText(canvas, *m_rect);
    m_hint = makeText(canvas, *m_rect);
}

TradeoffView::~TradeoffView() = default;

void TradeoffView::setBaseline(std::optional<double> accuracy)
{
    m_givenBaseline = accuracy;
    refresh();
}

void TradeoffView::setPostTraining(PostTrainingCurves curves)
{
    m_postTraining = std::move(curves);
    refresh();
}

void TradeoffView::setReestimated(bool on)
{
    m_reestimated = on;
    refresh();
}

void TradeoffView::setCoding(Coding coding)
{
    m_coding = coding;
    refresh();
}

QString TradeoffView::subject() const
{
    return tr("accuracy against compression");
}

TradeoffLayout TradeoffView::newestLayout() const
{
    auto layout = layoutTradeoff(data().history ? *data().history : engine::History{}, m_coding, m_givenBaseline);
    addCurves(layout, m_postTraining, m_coding, m_reestimated);
    return layout;
}

void TradeoffView::fill()
{
    m_layout = newestLayout();
    fillTrail();
    m_lines->setCurves(m_layout.curves);
    m_lines->fitLegend(width(), theme(), labelFont());
    if (m_layout.baseline) {
        m_baseline->setData({1.0}, {100 * *m_layout.baseline}, true);
        m_level->point1->setCoords(1, 100 * *m_layout.baseline);
        m_level->point2->setCoords(2, 100 * *m_layout.baseline);
    } else {
        m_baseline->data()->clear();
    }
    m_level->setVisible(m_layout.baseline.has_value());
    setInLayout(plot(), *m_scale, kRectRow, 1, !isCompact() && m_layout.trail.size() > 1);

    const double height = QFontMetricsF{labelFont()}.height();
    auto *ratio = m_rect->axis(QCPAxis::atBottom), *accuracy = m_rect->axis(QCPAxis::atLeft);
    m_rect->setMinimumMargins({0, qRound(0.7 * height), qRound(0.8 * height), 0});
    ratio->setLabel(isCompact() ? tr("Ratio (theoretical)") : tr("Compression ratio (theoretical, %1)").arg(codingName(m_coding)));
    accuracy->setLabel(isCompact() ? tr("Accuracy (%)") : tr("Snapped validation accuracy (%)"));
    fitTicks(*accuracy, this->height(), 3.5 * height);
    if (followsData()) {
        ratio->setRange(kRatioLow, m_layout.ratioHigh);
        accuracy->setRange(100 * m_layout.accuracyLow, 100 * m_layout.accuracyHigh);
    }
    QStringList title{tr("Accuracy against compression")};
    if (m_layout.preview)
        title << tr("codebooks: preview");
    if (const auto *now = m_layout.now())
        title << tr("step %1").arg(groupedDigits(engine::count(now->step)));
    if (!m_postTraining.empty())
        title << postTrainingTitle(m_postTraining, m_reestimated && m_postTraining.hasReestimated());
    setTitle(title);
}

void TradeoffView::fillTrail()
{
    const auto &trail = m_layout.trail;
    const double first = trail.empty() ? 0 : stepOf(trail.front());
    const double last = trail.empty() ? 1 : std::max(stepOf(trail.back()), first + 1);
    std::vector<QList<double>> ratios(kTrailColours), accuracies(kTrailColours);
    QList<double> pathRatios, pathAccuracies;
    for (const auto &point : trail) {
        const auto colour = std::min(static_cast<std::size_t>((stepOf(point) - first) / (last - first) * kTrailColours),
                                     static_cast<std::size_t>(kTrailColours - 1));
        ratios[colour] << point.ratio;
        accuracies[colour] << 100 * point.accuracy;
        pathRatios << point.ratio;
        pathAccuracies << 100 * point.accuracy;
    }
    for (std::size_t colour = 0; colour < m_points.size(); ++colour)
        m_points[colour]->setData(ratios[colour], accuracies[colour]);
    m_path->setData(pathRatios, pathAccuracies);
    m_scale->setDataRange({first, last});
    if (const auto *now = m_layout.now())
        m_now->setData({now->ratio}, {100 * now->accuracy}, true);
    else
        m_now->data()->clear();
}

/// Labels stand beside their markers on the side that has room.
void TradeoffView::place()
{
    const QFont font = labelFont();
    const QFontMetricsF metrics{font};
    const QRectF area = m_rect->rect();
    const auto *ratio = m_rect->axis(QCPAxis::atBottom), *accuracy = m_rect->axis(QCPAxis::atLeft);
    const auto put = [&](QCPItemText &item, const QString &text, double key, double value) {
        const double x = ratio->coordToPixel(key), y = accuracy->coordToPixel(100 * value);
        const double w = metrics.boundingRect(QRectF{0, 0, 1e4, 1e4}, 0, text).width() + 8, h = 2 * metrics.height();
        const bool left = x + w + 12 > area.right(), above = y + h + 14 > area.bottom();
        item.setText(text);
        item.setPositionAlignment((left ? Qt::AlignRight : Qt::AlignLeft) | (above ? Qt::AlignBottom : Qt::AlignTop));
        item.setTextAlignment(left ? Qt::AlignRight : Qt::AlignLeft);
        item.position->setCoords(x + (left ? -6 : 6), y + (above ? -5 : 5));
        item.setVisible(true);
    };
    const auto *now = m_layout.now();
    m_nowLabel->setVisible(false);
    m_baselineLabel->setVisible(false);
    if (m_layout.baseline && !isCompact()) {
        const QString name = m_givenBaseline ? tr("float reference") : m_layout.preview ? tr("float now") : tr("float, end of warm-up");
        put(*m_baselineLabel, QStringLiteral("%1\n%2").arg(name, percentText(*m_layout.baseline)), 1, *m_layout.baseline);
    }
    if (now) {
        const QString numbers = QStringLiteral("%1, %2").arg(percentText(now->accuracy), ratioText(now->ratio));
        put(*m_nowLabel, isCompact() ? numbers
                         : QStringLiteral("%1\n%2").arg(m_layout.preview ? tr("snapped now (preview)") : tr("snapped now"), numbers),
            now->ratio, now->accuracy);
    }
    m_hint->setVisible(!now && data().run);
    m_hint->setText(isCompact() ? tr("Nothing is measured yet.") : tr("The first point appears when snapped accuracy is measured."));
    m_hint->setPositionAlignment(Qt::AlignCenter);
    m_hint->position->setCoords(area.center());
}

void TradeoffView::restyle()
{
    QColor veil = theme().background;
    veil.setAlphaF(0.8F);
    for (auto *text : {m_baselineLabel, m_nowLabel, m_hint}) {
        text->setFont(labelFont());
        text->setColor(text == m_hint ? theme().mutedText : theme().text);
        text->setBrush(veil);
    }
    m_level->setPen(line(theme().marker, 1, Qt::DashLine));
    m_path->setPen(line(theme().marker, 1));
    for (std::size_t colour = 0; colour < m_points.size(); ++colour) {
        const auto tint = PlotTheme::between(theme().time, (static_cast<double>(colour) + 0.5) / kTrailColours);
        m_points[colour]->setPen(Qt::NoPen);
        m_points[colour]->setScatterStyle(dot(tint, 6, Qt::NoPen));
    }
    m_baseline->setScatterStyle({QCPScatterStyle::ssSquare, line(theme().background, 1), theme().latent, 9});
    m_now->setScatterStyle(dot(theme().snapped, 12, line(theme().text, 1.5)));
    m_lines->restyle(theme(), labelFont());
    m_scale->setGradient(gradient(theme().time));
    styleScale(*m_scale, theme(), labelFont());
    m_rect->axis(QCPAxis::atBottom)->setNumberFormat(QStringLiteral("gb"));
}

std::unique_ptr<PlotView> TradeoffView::makeTwin() const
{
    auto other = std::make_unique<TradeoffView>();
    other->setBaseline(m_givenBaseline);
    other->setCoding(m_coding);
    other->setPostTraining(m_postTraining);
    other->setReestimated(m_reestimated);
    return other;
}

void TradeoffView::extendMenu(QMenu &menu)
{
    auto *group = new QActionGroup{&menu};
    for (const auto coding : {Coding::Entropy, Coding::Fixed}) {
        auto *action = menu.addAction(tr("Ratio by %1").arg(codingName(coding)), this, [this, coding] { setCoding(coding); });
        action->setCheckable(true);
        action->setChecked(coding == m_coding);
        group->addAction(action);
    }
    if (m_postTraining.hasReestimated()) {
        auto *action =
            menu.addAction(tr("Post-training curves with batch-norm re-estimated"), this, [this] { setReestimated(!m_reestimated); });
        action->setCheckable(true);
        action->setChecked(m_reestimated);
    }
    menu.addActions(actions());
}

QString TradeoffView::readoutAt(QPointF position) const
{
    if (!m_rect->rect().contains(position.toPoint()))
        return {};
    const auto *ratio = m_rect->axis(QCPAxis::atBottom), *accuracy = m_rect->axis(QCPAxis::atLeft);
    const auto distance = [&](const auto &point) {
        return std::hypot(ratio->coordToPixel(point.ratio) - position.x(),
                          accuracy->coordToPixel(100 * point.accuracy) - position.y());
    };
    double least = kReadoutReach;
    QString text;
    for (const auto &point : m_layout.trail) {
        if (const double far = distance(point); far <= least) {
            least = far;
            text = describe(point);
        }
    }
    for (const auto &curve : m_layout.curves) {
        for (const auto &point : curve.points) {
            if (const double far = distance(point); far < least) {
                least = far;
                text = describe(curve, point);
            }
        }
    }
    return text;
}

QString TradeoffView::describe(const TradeoffPoint &point) const
{
    return tr("step %1: snapped accuracy %2 (%3)\ncompression ratio %4 (theoretical, %5)")
        .arg(groupedDigits(engine::count(point.step)), percentText(point.accuracy),
             point.wholeValidation ? tr("whole validation set") : tr("validation subset"), ratioText(point.ratio),
             codingName(m_coding));
}

QString TradeoffView::describe(const TradeoffCurve &curve, const TradeoffCurve::Point &point) const
{
    const QString norms = !m_postTraining.hasReestimated() ? QString{}
                          : m_reestimated                  ? tr(", batch-norm re-estimated")
                                                           : tr(", batch-norm as it is");
    return tr("%1, k = %2, weights of step %3: accuracy %4 (whole validation set%5)\n%6 bytes, compression ratio %7 (theoretical, %8)")
        .arg(curve.name, QString::number(point.k), groupedDigits(engine::count(m_postTraining.step)), percentText(point.accuracy), norms,
             groupedDigits(static_cast<std::uint64_t>(std::llround(point.bytes))), ratioText(point.ratio), codingName(m_coding));
}

DataTable TradeoffView::table() const
{
    QList<double> steps, entropy, fixed, latent, snapped;
    if (data().history) {
        for (const auto &sample : data().history->samples()) {
            if (!std::isfinite(sample.snappedAccuracy))
                continue;
            steps << static_cast<double>(engine::count(sample.step));
            entropy << sample.entropyRatio;
            fixed << sample.fixedRatio;
            latent << sample.latentAccuracy;
            snapped << sample.snappedAccuracy;
        }
    }
    QList<double> baseline;
    if (const auto layout = newestLayout(); data().history && layout.baseline)
        baseline << *layout.baseline;
    DataTable table{{{tr("step"), steps}, {tr("compression ratio, theoretical, order-0 entropy"), entropy},
             {tr("compression ratio, theoretical, fixed-length codes"), fixed},
             {tr("latent validation accuracy (0 to 1)"), latent}, {tr("snapped validation accuracy (0 to 1)"), snapped},
             {tr("float baseline accuracy at ratio 1 (0 to 1)"), baseline}}};
    addColumns(m_postTraining, table);
    return table;
}

} // namespace widgets
