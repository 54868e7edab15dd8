// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/models/parametermodel.h"
#include "widgets/models/runmodel.h"
#include <QAbstractTableModel>

namespace widgets {

/// The quantized layers of a run, a row each; λ can be edited (empty: follow the global λ).
class LayerTableModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Name, Shape, Weights, K, Lambda, Distance, Changed, Dead, Loss, Entropy, ColumnCount };

    /// Both are borrowed and outlive the model.
    LayerTableModel(const RunModel &run, ParameterModel &parameters, QObject *parent = nullptr);

    /// Brings the rows up to date; whoever shows them calls it while they can be seen.
    void refresh(RunModel::Changes changes);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;
    bool setData(const QModelIndex &index, const QVariant &value, int role = Qt::EditRole) override;

private:
    QString text(const engine::LayerInfo &layer, int column) const;
    QString measured(const engine::LayerFrame &layer, int column) const;
    QString lambdaText(const engine::LayerFrame &layer) const;
    void lambdaChanged();

    const RunModel &m_run;
    ParameterModel &m_parameters;
};

} // namespace widgets
