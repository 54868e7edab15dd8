// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/dockset.h"
#include "widgets/docks/controlpanel.h"
#include "widgets/docks/journaldock.h"
#include "widgets/docks/layerdock.h"
#include "widgets/docks/packeddock.h"
#include "widgets/docks/plotdock.h"
#include "widgets/docks/sensitivitydock.h"
#include "widgets/plots/curvesview.h"
#include "widgets/plots/histogramview.h"
#include "widgets/plots/tradeoffview.h"
#include "widgets/plots/trajectoryview.h"
#include <QMainWindow>
#include <algorithm>

namespace app {
namespace {

constexpr int kLayoutVersion = 2; // raised with every dock: a layout that does not know one is none of ours

}

DockSet::DockSet(QMainWindow &window, Models models, const QList<QAction *> &runButtons)
    : QObject{&window}, control{new widgets::ControlPanel{models.run, models.parameters, runButtons, &window}},
      histogramView{new widgets::HistogramView}, tradeoffView{new widgets::TradeoffView}, m_window{window}
{ // in the order in which Tab goes through them
    const auto plot = [&](const char *name, const QString &title, widgets::PlotView *view) {
        return new widgets::PlotDock{QString::fromLatin1(name), title, models.run, view, &window};
    };
    histogram = plot("histogramDock", tr("Weight histogram"), histogramView);
    trajectories = plot("trajectoryDock", tr("Representative trajectories"), new widgets::TrajectoryView);
    curves = plot("curvesDock", tr("Loss and accuracy"), new widgets::CurvesView);
    tradeoff = plot("tradeoffDock", tr("Accuracy against compression"), tradeoffView);
    layers = new widgets::LayerDock{models.run, models.parameters, &window};
    packed = new widgets::PackedDock{models.run, &window};
    sensitivity = new widgets::SensitivityDock{models.run, models.parameters, &window};
    journal = new widgets::JournalDock{models.run, models.journal, &window};
    for (auto *dock : plots())
        connect(dock, &widgets::Dock::maximiseRequested, this, [this, dock] { toggleMaximised(dock); });
    window.setDockOptions(QMainWindow::AllowNestedDocks | QMainWindow::AllowTabbedDocks | QMainWindow::GroupedDragging);
    window.setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    arrange();
}

QList<widgets::Dock *> DockSet::all() const
{
    return {control, histogram, trajectories, curves, tradeoff, layers, packed, sensitivity, journal};
}

QList<widgets::PlotDock *> DockSet::plots() const
{
    return {histogram, trajectories, curves, tradeoff, sensitivity};
}

void DockSet::arrange()
{
    for (auto *dock : all()) {
        m_window.removeDockWidget(dock);
        dock->setFloating(false);
    }
    // Panel at the left; at its right the plots two by two, and under them layers, packed size, sensitivity
    // and journal as tabs.
    m_window.addDockWidget(Qt::LeftDockWidgetArea, control);
    m_window.splitDockWidget(control, histogram, Qt::Horizontal);
    m_window.splitDockWidget(histogram, layers, Qt::Vertical);
    m_window.splitDockWidget(histogram, trajectories, Qt::Horizontal);
    m_window.splitDockWidget(histogram, curves, Qt::Vertical);
    m_window.splitDockWidget(trajectories, tradeoff, Qt::Vertical);
    m_window.tabifyDockWidget(layers, packed);
    m_window.tabifyDockWidget(packed, sensitivity);
    m_window.tabifyDockWidget(sensitivity, journal);
    for (auto *dock : all())
        dock->show();
    layers->raise();
    const int width = m_window.width() - control->sizeHint().width(), height = m_window.height() - 60;
    m_window.resizeDocks({control, histogram, trajectories}, {control->sizeHint().width(), width / 2, width / 2}, Qt::Horizontal);
    const int table = std::clamp(height / 4, 130, 220);
    m_window.resizeDocks({histogram, curves, layers}, {(height - table) / 2, (height - table) / 2, table}, Qt::Vertical);
    m_window.resizeDocks({trajectories, tradeoff}, {(height - table) / 2, (height - table) / 2}, Qt::Vertical);
    if (m_maximised)
        m_maximised->showMaximised(false);
    m_maximised = nullptr;
}

QByteArray DockSet::save() const
{
    return m_maximised ? m_before : m_window.saveState(kLayoutVersion);
}

bool DockSet::restore(const QByteArray &layout)
{
    return m_window.restoreState(layout, kLayoutVersion);
}

void DockSet::toggleMaximised(widgets::Dock *dock)
{
    if (m_maximised) {
        m_maximised->showMaximised(false);
        m_maximised = nullptr;
        restore(m_before);
        return;
    }
    m_before = m_window.saveState(kLayoutVersion);
    for (auto *other : all())
        if (other != dock && !other->isFloating())
            other->hide();
    m_maximised = dock;
    dock->show();
    dock->showMaximised(true);
    dock->raise();
}

} // namespace app
