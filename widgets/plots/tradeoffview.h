// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/plots/plotview.h"
#include "widgets/plots/tradeofflayout.h"
#include <vector>

class QCPAxisRect;
class QCPColorScale;
class QCPCurve;
class QCPGraph;
class QCPItemText;
class QCPItemStraightLine;

namespace widgets {

class PostTrainingLines;

/// Snapped validation accuracy against compression ratio: the float network at ratio 1, the way of this run
/// as a trail coloured by step, and where it stands now; with them, where they were measured, curves of what
/// post-training quantizers make of the run's weights. The ratios are theoretical and say so.
class TradeoffView final : public PlotView {
    Q_OBJECT

public:
    explicit TradeoffView(QWidget *parent = nullptr);
    ~TradeoffView() override;

    /// Accuracy of the float reference, 0…1; nothing: the latent accuracy at the end of warm-up.
    void setBaseline(std::optional<double> accuracy);
    /// Stay until others are set, also when another run begins.
    void setPostTraining(PostTrainingCurves curves);
    const PostTrainingCurves &postTraining() const noexcept { return m_postTraining; }
    bool showsReestimated() const noexcept { return m_reestimated; }
    Coding coding() const noexcept { return m_coding; }
    const TradeoffLayout &layout() const noexcept { return m_layout; } ///< of the newest drawing

    DataTable table() const override;
    QString readoutAt(QPointF position) const override;
    QString subject() const override;

public Q_SLOTS:
    void setCoding(widgets::Coding coding);
    void setReestimated(bool on); ///< the curves, with batch-norm's statistics estimated anew; at first as the run's own points

protected:
    void fill() override;
    void place() override;
    void restyle() override;
    std::unique_ptr<PlotView> makeTwin() const override;
    void extendMenu(QMenu &menu) override;

private:
    void fillTrail();
    TradeoffLayout newestLayout() const;
    QString describe(const TradeoffPoint &point) const;
    QString describe(const TradeoffCurve &curve, const TradeoffCurve::Point &point) const;

    std::optional<double> m_givenBaseline;
    PostTrainingCurves m_postTraining;
    bool m_reestimated = false;
    Coding m_coding = Coding::Entropy;
    TradeoffLayout m_layout;
    // Owned by the plot:
    QCPAxisRect *m_rect;
    QCPColorScale *m_scale;
    std::unique_ptr<PostTrainingLines> m_lines;
    std::vector<QCPGraph *> m_points; // (kTrailColours)
    QCPCurve *m_path;
    QCPGraph *m_baseline;
    QCPGraph *m_now;
    QCPItemStraightLine *m_level; // accuracy of the baseline
    QCPItemText *m_baselineLabel, *m_nowLabel, *m_hint;
};

} // namespace widgets
