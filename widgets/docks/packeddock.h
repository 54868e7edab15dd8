// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/docks/dock.h"

class QHBoxLayout;
class QTableView;

namespace widgets {

class PackedSizeModel;

/// What the network takes as a packed file now, layer by layer, and in all. Its current row is the layer that
/// the plots show.
class PackedDock : public Dock {
    Q_OBJECT

public:
    explicit PackedDock(RunModel &run, QWidget *parent = nullptr); ///< `run` is borrowed. The table selects in it.
    QTableView &table() const noexcept { return *m_table; }
    /// Offers the action as a button beside the sums.
    void addButton(QAction *action);

protected:
    void refresh(RunModel::Changes changes) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    int neededWidth(int column) const;
    void fitColumns();

    RunModel &m_selection;
    PackedSizeModel *m_model;
    QTableView *m_table;
    QLabel *m_summary;
    QHBoxLayout *m_below;
};

} // namespace widgets
