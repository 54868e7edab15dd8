// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/docks/dock.h"

class QTableView;

namespace widgets {

class LayerTableModel;
class ParameterModel;

/// The table of layers; its current row is the layer that the plots show. Where no run is, it says what will be there.
class LayerDock : public Dock {
    Q_OBJECT

public:
    /// Models are borrowed. The table selects in `run`.
    LayerDock(RunModel &run, ParameterModel &parameters, QWidget *parent = nullptr);
    QTableView &table() const noexcept { return *m_table; }

protected:
    void refresh(RunModel::Changes changes) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void spanFloatRows();
    int neededWidth(int column) const;
    void fitColumns();

    RunModel &m_selection;
    LayerTableModel *m_model;
    QTableView *m_table;
};

} // namespace widgets
