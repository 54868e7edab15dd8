// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/plotview.h"
#include "widgets/plots/exportdialog.h"
#include "widgets/plots/plotparts.h"
#include <QClipboard>
#include <QContextMenuEvent>
#include <QFontMetricsF>
#include <QGuiApplication>
#include <QLabel>
#include <QMenu>
#include <QToolTip>
#include <QVBoxLayout>

namespace widgets {
namespace {

constexpr double kCompactWidth = 29, kCompactHeight = 18; // in heights of a text line
constexpr double kSmallText = 0.88;                       // of the application's font, in compact views

} // namespace

const engine::LayerInfo *PlotData::layerInfo() const
{
    return run && engine::index(layer) < run->layers.size() ? &run->layers[engine::index(layer)] : nullptr;
}

const engine::LayerFrame *PlotData::layerFrame() const
{
    return frame && engine::index(layer) < frame->layers.size() ? &frame->layers[engine::index(layer)] : nullptr;
}

PlotView::PlotView(QWidget *parent)
    : QWidget{parent}, m_theme{PlotTheme::fromPalette(palette())}, m_plot{new QCustomPlot{this}},
      m_title{new QCPTextElement{m_plot}}, m_warning{new QCPTextElement{m_plot}},
      m_hint{new QLabel{tr("Press Run, or open a snapshot."), this}}
{
    auto *box = new QVBoxLayout{this};
    box->setContentsMargins({});
    box->addWidget(m_plot);
    m_plot->setMinimumSize(1, 1); // titles and legends shall not dictate the size
    setFocusPolicy(Qt::StrongFocus);
    m_plot->setFocusPolicy(Qt::NoFocus);
    m_plot->setMouseTracking(true);
    m_plot->setAttribute(Qt::WA_NoMousePropagation, false); // or a right click would not get here
    m_plot->setAutoAddPlottableToLegend(false);
    m_plot->setNoAntialiasingOnDrag(true);
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    m_plot->setSelectionRectMode(QCP::srmNone);
    auto &grid = *m_plot->plotLayout();
    grid.clear();
    grid.setRowSpacing(0);
    grid.setColumnSpacing(4);
    for (auto *text : {m_title, m_warning}) {
        text->setTextFlags(Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine);
        text->setMargins({6, 4, 6, 0});
        text->setMinimumSize(1, 0);
    }
    grid.addElement(0, 0, m_title);
    grid.addElement(1, 0, m_warning);
    for (const int row : {0, 1})
        grid.setRowStretchFactor(row, 1e-3); // as high as the text
    m_hint->setObjectName(QStringLiteral("hint"));
    m_hint->setAutoFillBackground(true); // axes pass behind it
    m_hint->setAttribute(Qt::WA_TransparentForMouseEvents);
    connectPlot();
}

PlotView::~PlotView() = default;

void PlotView::connectPlot()
{
    connect(m_plot, &QCustomPlot::beforeReplot, this, &PlotView::beginReplot);
    connect(m_plot, &QCustomPlot::afterLayout, this, [this] {
        composeTitle(m_title->rect().width()); // a colour scale may stand beside it
        place();
    });
    connect(m_plot, &QCustomPlot::afterReplot, this, &PlotView::endReplot);
    connect(m_plot, &QCustomPlot::mouseDoubleClick, this, &PlotView::showAll);
    connect(m_plot, &QCustomPlot::mouseWheel, this, [this] { m_zoomed = m_stale = true; });
    connect(m_plot, &QCustomPlot::mouseMove, this, [this](const QMouseEvent *event) {
        if (event->buttons() & Qt::LeftButton)
            m_zoomed = m_stale = true; // lines are thinned to what can be seen
        else
            QToolTip::showText(event->globalPosition().toPoint(), readoutAt(event->position()), m_plot);
    });
}

void PlotView::setRun(std::shared_ptr<const engine::RunDescription> run, std::shared_ptr<const engine::History> history)
{
    m_data = {std::move(run), nullptr, std::move(history), engine::LayerId{}};
    m_zoomed = false;
    forget();
    refresh();
}

void PlotView::setFrame(std::shared_ptr<const engine::Frame> frame)
{
    m_data.frame = std::move(frame);
    refresh();
}

void PlotView::setLayer(engine::LayerId layer)
{
    if (layer == m_data.layer)
        return;
    m_data.layer = layer;
    m_zoomed = false;
    refresh();
}

void PlotView::setData(const PlotData &data)
{
    const bool other = data.run != m_data.run;
    m_data = data;
    if (other)
        forget();
    refresh();
}

void PlotView::refresh()
{
    m_stale = true;
    m_hint->setVisible(!m_data.run);
    if (canBeSeen())
        m_plot->replot(QCustomPlot::rpQueuedReplot);
}

bool PlotView::canBeSeen() const
{
    return isVisible() && !window()->isMinimized();
}

void PlotView::setTheme(const std::optional<PlotTheme> &theme)
{
    m_fixedTheme = theme;
    m_theme = theme ? *theme : PlotTheme::fromPalette(palette());
    m_styled = false;
    refresh();
}

void PlotView::showAll()
{
    m_zoomed = false;
    refresh();
}

std::unique_ptr<PlotView> PlotView::twin() const
{
    auto other = makeTwin();
    other->setFont(font());
    other->setTheme(m_theme);
    other->setData(m_data);
    return other;
}

void PlotView::paint(QPaintDevice &device, QSize size, double scale, bool vector)
{
    resize(size);
    m_plot->setGeometry(QRect{{}, size});
    m_plot->setViewport(QRect{{}, size});
    m_stale = true;
    m_styled = false;
    m_plot->setAntialiasedElements(QCP::aePlottables); // here time does not count
    m_plot->replot(QCustomPlot::rpImmediateRefresh);
    QCPPainter painter{&device};
    painter.scale(scale, scale);
    painter.setMode(QCPPainter::pmVectorized, vector);
    m_plot->toPainter(&painter, size.width(), size.height());
}

QSize PlotView::sizeHint() const
{
    return {560, 360};
}

QSize PlotView::minimumSizeHint() const
{
    return {240, 160};
}

bool PlotView::isCompact() const
{
    const double height = QFontMetricsF{font()}.height();
    return width() < kCompactWidth * height || this->height() < kCompactHeight * height;
}

bool PlotView::hasRoomFor(const QCPLegend &legend) const
{
    return !isCompact() && legend.minimumOuterSizeHint().width() <= width();
}

QFont PlotView::labelFont() const
{
    QFont result = font();
    if (isCompact() && result.pointSizeF() > 0)
        result.setPointSizeF(kSmallText * result.pointSizeF());
    else if (isCompact())
        result.setPixelSize(qRound(kSmallText * result.pixelSize()));
    return result;
}

void PlotView::setTitle(const QStringList &parts)
{
    m_titleParts = parts;
}

void PlotView::setWarning(const QString &text)
{
    m_warning->setText(QFontMetricsF{labelFont()}.elidedText(text, Qt::ElideRight, width() - 12));
    m_warning->setMargins(text.isEmpty() ? QMargins{} : QMargins{6, 0, 6, 0});
    m_warning->setMaximumSize(QWIDGETSIZE_MAX, text.isEmpty() ? 0 : QWIDGETSIZE_MAX);
}

void PlotView::composeTitle(double room)
{
    const QFontMetricsF metrics{m_title->font()};
    QString text = m_titleParts.value(0);
    for (qsizetype i = 1; i < m_titleParts.size(); ++i) {
        const QString longer = text + QStringLiteral("  ·  ") + m_titleParts[i];
        if (metrics.horizontalAdvance(longer) <= room)
            text = longer;
    }
    m_title->setText(metrics.elidedText(text, Qt::ElideMiddle, room));
}

void PlotView::beginReplot()
{
    m_clock.start();
    if (!m_styled)
        applyTheme();
    if (!m_stale)
        return;
    m_stale = false;
    fill();
    composeTitle(width() - 14); // the layout takes its height
}

void PlotView::endReplot()
{
    m_lastReplotTime = std::chrono::nanoseconds{m_clock.nsecsElapsed()};
    ++m_replotCount;
}

void PlotView::applyTheme()
{
    m_styled = true;
    const QFont small = labelFont();
    QFont bold = small;
    bold.setBold(true);
    m_plot->setBackground(QBrush{m_theme.background});
    m_title->setFont(bold);
    m_title->setTextColor(m_theme.text);
    m_warning->setFont(small);
    m_warning->setTextColor(m_theme.warning);
    auto shades = m_hint->palette();
    shades.setColor(QPalette::WindowText, m_theme.mutedText);
    shades.setColor(QPalette::Window, m_theme.background);
    m_hint->setPalette(shades);
    for (auto *rect : m_plot->axisRects())
        for (auto *axis : rect->axes())
            styleAxis(*axis, m_theme, small);
    restyle();
}

void PlotView::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    const auto type = event->type();
    if (type == QEvent::PaletteChange && !m_fixedTheme)
        m_theme = PlotTheme::fromPalette(palette());
    if (type == QEvent::PaletteChange || type == QEvent::FontChange) {
        m_styled = false;
        refresh();
    }
}

void PlotView::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (m_stale)
        m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void PlotView::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_hint->resize(m_hint->sizeHint());
    m_hint->move(rect().center() - m_hint->rect().center());
    m_styled = false; // text may become smaller
    refresh();
}

void PlotView::contextMenuEvent(QContextMenuEvent *event)
{
    QMenu menu{this};
    extendMenu(menu);
    if (!menu.isEmpty())
        menu.addSeparator();
    menu.addAction(tr("Show &all"), this, &PlotView::showAll);
    menu.addSeparator();
    menu.addAction(tr("Copy &image"), this, &PlotView::copyImage);
    menu.addAction(tr("Copy &data"), this, &PlotView::copyData);
    menu.addAction(tr("&Export…"), this, &PlotView::exportFile);
    menu.exec(event->globalPos());
}

void PlotView::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Home)
        showAll();
    else if (event->matches(QKeySequence::Copy))
        copyImage();
    else
        QWidget::keyPressEvent(event);
}

void PlotView::copyImage()
{
    const double ratio = devicePixelRatioF();
    QImage image{size() * ratio, QImage::Format_ARGB32_Premultiplied};
    image.fill(m_theme.background);
    twin()->paint(image, size(), ratio, false);
    image.setDevicePixelRatio(ratio);
    QGuiApplication::clipboard()->setImage(image);
}

void PlotView::copyData()
{
    QGuiApplication::clipboard()->setText(QString::fromUtf8(table().tabbed()));
}

void PlotView::exportFile()
{
    ExportDialog dialog{*this, this};
    dialog.exec();
}

} // namespace widgets
