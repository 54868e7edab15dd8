// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/sizeaccount.h"
#include "widgets/models/runmodel.h"
#include <QAbstractTableModel>

namespace widgets {

/// Where the bytes of the packed file would go that a run would leave now: the quantized layers in forward
/// order, a row each, with the numbers that `condensate info` has of a file. A dash stands for what was not
/// measured yet.
class PackedSizeModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Name, Weights, K, Used, Entropy, Coder, Bytes, Share, ColumnCount };

    explicit PackedSizeModel(const RunModel &run, QObject *parent = nullptr); ///< `run` is borrowed and outlives the model

    /// Brings the rows up to date; whoever shows them calls it while they can be seen.
    void refresh(RunModel::Changes changes);

    QString summary() const; ///< one line of the whole file, rich text; empty without a run
    QString purposes() const; ///< what the bytes of the file are for, rich text; empty where they were not measured

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QString text(int row, int column) const;
    QString measured(std::size_t layer, int column) const;
    QString toolTip(const QModelIndex &index) const;

    const RunModel &m_run;
};

} // namespace widgets
