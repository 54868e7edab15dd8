// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/plots/binlayout.h"
#include "widgets/plots/plotview.h"
#include <vector>

class QCPAxisRect;
class QCPGraph;
class QCPLegend;
class QCPAbstractLegendItem;

namespace widgets {

class BandLabels;

/// How the weights of one layer are spread, now: latent distribution as a filled outline, snapped
/// distribution as pins on the representatives, whose height is the occupancy; decision boundaries dashed;
/// the share of weights of each cell above it. Where soft-min learns its proportions a dash on each pin's
/// line tells π, as the occupancy it stands for. Counts are logarithmic at first: once weights have
/// condensed, one bin holds a thousand times what its neighbours hold, and the neighbours are what one
/// watches.
class HistogramView final : public PlotView {
    Q_OBJECT

public:
    explicit HistogramView(QWidget *parent = nullptr);
    ~HistogramView() override;

    bool logarithmic() const noexcept { return m_logarithmic; }
    const BinLayout &layout() const noexcept { return m_layout; } ///< of the newest drawing

    DataTable table() const override;
    QString readoutAt(QPointF position) const override;
    QString subject() const override;

public Q_SLOTS:
    void setLogarithmic(bool on);

Q_SIGNALS:
    void logarithmicChanged(bool on);

protected:
    void fill() override;
    void place() override;
    void restyle() override;
    std::unique_ptr<PlotView> makeTwin() const override;
    void extendMenu(QMenu &menu) override;

private:
    void fillLines();
    void fillAxes();
    void writeTitle();
    void showMixing(bool shown);

    bool m_logarithmic = true;
    bool m_manyPins = false, m_manyColours = false;
    BinLayout m_layout;
    // Owned by the plot:
    QCPAxisRect *m_rect;
    QCPLegend *m_legend;
    QCPGraph *m_latent;
    QCPGraph *m_boundaries;
    QCPGraph *m_pinKey;             // stands for all pins in the legend
    QCPGraph *m_mixing;
    QCPAbstractLegendItem *m_mixingKey; // in the legend where there is something to show
    std::vector<QCPGraph *> m_pins;   // (8) one for each colour
    std::vector<QCPGraph *> m_guides; // (8) lines from the pins up to their names
    std::unique_ptr<BandLabels> m_names, m_shares;
};

} // namespace widgets
