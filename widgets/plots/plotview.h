// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/frame/frame.h"
#include "engine/frame/history.h"
#include "widgets/plots/datatable.h"
#include "widgets/plots/theme.h"
#include <QElapsedTimer>
#include <QWidget>
#include <chrono>
#include <memory>
#include <optional>

class QCustomPlot;
class QCPLegend;
class QCPTextElement;
class QLabel;
class QMenu;
class QPaintDevice;

namespace widgets {

/// What a plot is drawn from. Shared with its owner, read on the GUI thread only, any of them may be null.
struct PlotData {
    std::shared_ptr<const engine::RunDescription> run;
    std::shared_ptr<const engine::Frame> frame;
    std::shared_ptr<const engine::History> history; ///< may grow; call refresh() when it did
    engine::LayerId layer{};

    const engine::LayerInfo *layerInfo() const;   ///< of `layer`, or null
    const engine::LayerFrame *layerFrame() const; ///< of `layer`, or null
};

/// A plot of a run. Setters only keep the data and ask for a repaint, which comes once per event-loop turn and only
/// while the view can be seen: calling them often, or on hidden views, costs nothing.
///
///     view->setRun(prepared.description, history);   // a new run begins, everything older is forgotten
///     view->setFrame(frame);                         // newest frame
///     view->setLayer(layer);                         // which layer the view is about, where it is about one
///     view->refresh();                               // the history has grown
///
/// Mouse: wheel zooms, dragging pans, double click (or Home) shows everything again, pointing shows the numbers.
class PlotView : public QWidget {
    Q_OBJECT

public:
    ~PlotView() override;

    void setRun(std::shared_ptr<const engine::RunDescription> run, std::shared_ptr<const engine::History> history);
    void setFrame(std::shared_ptr<const engine::Frame> frame);
    void setLayer(engine::LayerId layer);
    void setData(const PlotData &data); ///< all at once
    const PlotData &data() const noexcept { return m_data; }
    /// The history has grown or the frame is to be drawn anew.
    void refresh();

    /// Keeps this theme whatever the palette says; nothing: follow the palette again (as at first).
    void setTheme(const std::optional<PlotTheme> &theme);
    const PlotTheme &theme() const noexcept { return m_theme; }

    /// Time that the newest drawing took, data preparation included; 0 before the first.
    std::chrono::nanoseconds lastReplotTime() const noexcept { return m_lastReplotTime; }
    std::uint64_t replotCount() const noexcept { return m_replotCount; } ///< drawings so far

    /// The numbers shown, for CSV and clipboard; never empty of columns.
    virtual DataTable table() const = 0;
    /// What the pointer readout says at a position within the view; empty where there is nothing to say.
    virtual QString readoutAt(QPointF position) const = 0;
    /// Another view of the same kind, data and settings, without a parent and with the default zoom: for export.
    std::unique_ptr<PlotView> twin() const;
    /// Draws the plot as large as `size` layout px, enlarged by `scale`. Resizes the view: meant for twins.
    void paint(QPaintDevice &device, QSize size, double scale, bool vector);
    /// Name for files and window titles, e.g. "histogram of features.0".
    virtual QString subject() const = 0;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

public Q_SLOTS:
    void showAll();   ///< zoom that shows all data; follows new data from then on
    void copyImage(); ///< to the clipboard, as on the screen
    void copyData();  ///< to the clipboard, tab separated
    void exportFile(); ///< asks for a file and exports to it

protected:
    explicit PlotView(QWidget *parent);

    QCustomPlot &plot() const { return *m_plot; }
    /// Puts the newest data into the plot's graphs. Called when a drawing is due, never for hidden views.
    virtual void fill() = 0;
    /// Called after the plot's layout is known and before it is drawn: place labels here.
    virtual void place() = 0;
    /// Applies theme() and font() to whatever the view itself has added.
    virtual void restyle() = 0;
    virtual std::unique_ptr<PlotView> makeTwin() const = 0;
    virtual void forget() {}               ///< a new run: drop caches
    virtual void extendMenu(QMenu &) {}    ///< the view's own entries

    /// True while the user has not zoomed: fill() then sets the axis ranges.
    bool followsData() const noexcept { return !m_zoomed; }
    bool isCompact() const; ///< too small for secondary labels
    bool hasRoomFor(const QCPLegend &legend) const;
    /// Title above the plot: as many parts as fit, joined by dots; the first is elided if it must be.
    void setTitle(const QStringList &parts);
    /// A second line in the warning colour; empty hides it.
    void setWarning(const QString &text);
    QFont labelFont() const; ///< of ticks and labels at this size

    void changeEvent(QEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void connectPlot();
    void beginReplot();
    void endReplot();
    void applyTheme();
    void composeTitle(double room); // px
    bool canBeSeen() const;

    PlotData m_data;
    PlotTheme m_theme;
    std::optional<PlotTheme> m_fixedTheme;
    QCustomPlot *m_plot;           // child
    QCPTextElement *m_title;       // owned by the plot
    QCPTextElement *m_warning;     // owned by the plot
    QLabel *m_hint;                // child; over the plot while there is no run
    QStringList m_titleParts;
    QElapsedTimer m_clock;
    std::chrono::nanoseconds m_lastReplotTime{0};
    std::uint64_t m_replotCount = 0;
    bool m_stale = true;  // data newer than the drawing
    bool m_zoomed = false;
    bool m_styled = false;
};

} // namespace widgets
