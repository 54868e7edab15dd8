// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/plots/plotview.h"
#include <QSharedPointer>

class QCPAxisRect;
class QCPGraph;
class QCPLegend;

namespace widgets {

class EpochTicker;
class StageBorders;
struct CurvesLayout;

/// Losses (above) and accuracies (below) over the steps of the run. Task and regularizer loss have an axis each: their
/// scales have nothing in common. Training accuracy is smoothed; whole-validation figures are marked stronger than
/// those of the subset.
class CurvesView final : public PlotView {
    Q_OBJECT

public:
    explicit CurvesView(QWidget *parent = nullptr);
    ~CurvesView() override;

    DataTable table() const override;
    QString readoutAt(QPointF position) const override;
    QString subject() const override;

protected:
    void fill() override;
    void place() override;
    void restyle() override;
    std::unique_ptr<PlotView> makeTwin() const override;

private:
    void fillAxes(const CurvesLayout &curves);

    QSharedPointer<EpochTicker> m_epochs;
    // Owned by the plot:
    QCPAxisRect *m_losses, *m_accuracies;
    QCPLegend *m_lossLegend, *m_accuracyLegend;
    QCPGraph *m_task, *m_regularizer;
    QCPGraph *m_training, *m_latent, *m_snapped, *m_latentWhole, *m_snappedWhole;
    std::unique_ptr<StageBorders> m_lossStages, m_accuracyStages;
};

} // namespace widgets
