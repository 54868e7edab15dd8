// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/models/runmodel.h"
#include <QByteArray>
#include <QList>
#include <QObject>

class QAction;
class QMainWindow;

namespace widgets {
class ControlPanel;
class Dock;
class HistogramView;
class JournalDock;
class JournalModel;
class LayerDock;
class PackedDock;
class ParameterModel;
class PlotDock;
class SensitivityDock;
class TradeoffView;
}

namespace app {

/// All docks of the window and their places.
class DockSet : public QObject {
    Q_OBJECT

public:
    struct Models {
        widgets::RunModel &run;
        widgets::ParameterModel &parameters;
        widgets::JournalModel &journal;
    };
    DockSet(QMainWindow &window, Models models, const QList<QAction *> &runButtons);

    widgets::ControlPanel *control;
    widgets::PlotDock *histogram, *trajectories, *tradeoff, *curves;
    widgets::LayerDock *layers;
    widgets::PackedDock *packed;
    widgets::SensitivityDock *sensitivity;
    widgets::JournalDock *journal;
    widgets::HistogramView *histogramView; // inside their docks
    widgets::TradeoffView *tradeoffView;

    QList<widgets::Dock *> all() const;
    QList<widgets::PlotDock *> plots() const;

    void arrange();               ///< the default layout
    QByteArray save() const;      ///< the layout, as it is without anything maximised
    bool restore(const QByteArray &layout); ///< false: it is none of ours, nothing changed
    /// Fills the window with one dock; asked again, everything comes back as it was.
    void toggleMaximised(widgets::Dock *dock);
    bool isMaximised() const noexcept { return m_maximised; }

private:
    QMainWindow &m_window;
    widgets::Dock *m_maximised = nullptr;
    QByteArray m_before; // layout before it was maximised
};

} // namespace app
