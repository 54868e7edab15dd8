// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/plots/plotview.h"
#include "widgets/plots/sensitivitylayout.h"
#include <QSharedPointer>
#include <string>
#include <vector>

class QCPAxisRect;
class QCPAxisTickerText;
class QCPBars;
class QCPItemRect;
class QCPItemStraightLine;
class QCPItemText;
class QMouseEvent;

namespace widgets {

/// A measurement and what it was made of.
struct MeasuredSensitivity {
    engine::Sensitivity result;
    std::optional<int> k;                               ///< of the k-means codebooks that were tried; nothing: those of the run
    std::shared_ptr<const engine::RunDescription> run;
    std::shared_ptr<const engine::History> history;     ///< of that run, which no other run has
};

/// What the quantization of each layer costs, as two bars a layer, the most sensitive on top: snapped alone,
/// and snapped last of all, when every other layer is. A click, or the arrow keys, choose a layer.
class SensitivityView final : public PlotView {
    Q_OBJECT

public:
    explicit SensitivityView(QWidget *parent = nullptr);
    ~SensitivityView() override;

    void setMeasured(std::shared_ptr<const MeasuredSensitivity> measured);
    const std::shared_ptr<const MeasuredSensitivity> &measured() const noexcept { return m_measured; }
    void setCost(Cost cost);
    Cost cost() const noexcept { return m_cost; }
    void setRemark(const QString &remark); ///< a line above the bars, e.g. that they are old; empty: none

    /// The layer that was chosen, or the most sensitive one; empty before the first measurement.
    std::string chosenLayer() const;
    bool isChosen() const noexcept { return !m_chosen.empty(); } ///< by somebody

    DataTable table() const override;
    QString readoutAt(QPointF position) const override;
    QString subject() const override;

Q_SIGNALS:
    void chosenChanged();

protected:
    void fill() override;
    void place() override;
    void restyle() override;
    std::unique_ptr<PlotView> makeTwin() const override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void makeBars();
    void listenToClicks();
    void choose(std::size_t row);
    std::optional<std::size_t> rowAt(QPointF position) const;
    std::optional<std::size_t> chosenRow() const;
    std::size_t rowsThatFit() const;
    void fillAxes();
    void fillTitle(std::size_t rowsShown);
    void placeValues(std::size_t row);
    void putValue(const QString &text, double end, double y);
    const engine::LayerSensitivity &layerOf(std::size_t row) const { return m_measured->result.layers[m_layout.rows[row].layer]; }

    std::shared_ptr<const MeasuredSensitivity> m_measured;
    SensitivityLayout m_layout;
    Cost m_cost = Cost::Loss;
    QString m_remark;
    std::string m_chosen; // name; empty: the most sensitive layer
    bool m_marksChosen = true;
    QPointF m_pressed;
    std::size_t m_valuesShown = 0;
    // Owned by the plot:
    QCPAxisRect *m_rect;
    QCPLegend *m_legend;
    QSharedPointer<QCPAxisTickerText> m_names;
    QCPBars *m_alone = nullptr, *m_others = nullptr;
    QCPItemRect *m_band = nullptr;
    QCPItemStraightLine *m_zero = nullptr;
    QCPItemText *m_hint = nullptr;
    std::vector<QCPItemText *> m_values; // made on demand
};

} // namespace widgets
