// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/models/parametermodel.h"
#include "widgets/models/runmodel.h"
#include <QAbstractTableModel>

namespace widgets {

/// The layers of a run in forward order, a row each. Of quantized ones λ can be edited (empty: follow the
/// global λ); those that a rule leaves float are disabled and tell how that can be changed.
class LayerTableModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Name, Kind, Shape, Weights, K, Lambda, Distance, Changed, Dead, Loss, Entropy, Share, ColumnCount };

    /// Both are borrowed and outlive the model.
    LayerTableModel(const RunModel &run, ParameterModel &parameters, QObject *parent = nullptr);

    /// Brings the rows up to date; whoever shows them calls it while they can be seen.
    void refresh(RunModel::Changes changes);

    std::optional<engine::LayerId> layerAt(int row) const; ///< nothing: the row is of a float layer
    int rowOf(engine::LayerId layer) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;
    bool setData(const QModelIndex &index, const QVariant &value, int role = Qt::EditRole) override;

private:
    /// What stands in a row: the place among quantized or among float layers.
    struct Place {
        bool isFloat;
        std::size_t index;
    };
    Place placeOf(int row) const;
    const engine::LayerInfo &infoAt(int row) const;
    QString text(const engine::LayerInfo &layer, int column) const;
    QString measured(const Place &place, int column) const;
    QString measured(const engine::LayerFrame &layer, int column) const;
    QString floatText(int column) const;
    QVariant fontAt(const QModelIndex &index) const;
    QString toolTip(const QModelIndex &index) const;
    QString whyFloat(const engine::LayerInfo &layer) const;
    QString lambdaText(const engine::LayerFrame &layer) const;
    void lambdaChanged();
    SettingKey lambdaOf(engine::LayerId layer) const;

    const RunModel &m_run;
    ParameterModel &m_parameters;
};

} // namespace widgets
