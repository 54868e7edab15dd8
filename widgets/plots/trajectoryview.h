// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/plots/densitygrid.h"
#include "widgets/plots/plotview.h"
#include <vector>

class QCPAxisRect;
class QCPColorMap;
class QCPColorScale;
class QCPGraph;

namespace widgets {

class StageBorders;

/// Where the representatives of one layer went, step by step, over the density of its latent weights (heat map).
/// A representative keeps its colour through every re-sorting of the codebook; the colours are those of HistogramView.
class TrajectoryView final : public PlotView {
    Q_OBJECT

public:
    explicit TrajectoryView(QWidget *parent = nullptr);
    ~TrajectoryView() override;

    DataTable table() const override;
    QString readoutAt(QPointF position) const override;
    QString subject() const override;

protected:
    void fill() override;
    void place() override;
    void restyle() override;
    std::unique_ptr<PlotView> makeTwin() const override;
    void forget() override;

private:
    void fillMap();
    void fillLines();
    QString numberText(const engine::History &history) const;

    DensityGrid m_grid;
    // Owned by the plot:
    QCPAxisRect *m_rect;
    QCPColorMap *m_map;
    QCPColorScale *m_scale;
    std::vector<QCPGraph *> m_halos, m_lines; // (trajectories) by identity
    std::unique_ptr<StageBorders> m_stages;
};

} // namespace widgets
