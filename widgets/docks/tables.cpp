// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/docks/tables.h"
#include <QHeaderView>
#include <QTableView>
#include <numeric>

namespace widgets {

void styleLayerTable(QTableView &table)
{
    table.setSelectionBehavior(QAbstractItemView::SelectRows);
    table.setSelectionMode(QAbstractItemView::SingleSelection);
    table.setAlternatingRowColors(true);
    table.setShowGrid(false);
    table.setFrameShape(QFrame::NoFrame);
    table.setTabKeyNavigation(false); // Tab goes on to the next dock
    table.verticalHeader()->hide();
    table.verticalHeader()->setDefaultSectionSize(table.fontMetrics().height() + 6);
    table.horizontalHeader()->setHighlightSections(false);
    table.horizontalHeader()->setMinimumSectionSize(kCellPadding); // k is narrower than a style's least
    table.horizontalHeader()->setStretchLastSection(true);         // the few px that cannot be shared
}

void shareWidth(QTableView &table, std::span<int> needed, std::initializer_list<int> giving)
{
    int spare = table.viewport()->width() - std::accumulate(needed.begin(), needed.end(), 0);
    const int least = table.fontMetrics().horizontalAdvance(QStringLiteral("512 …")) + kCellPadding;
    for (const int column : giving) {
        auto &width = needed[static_cast<std::size_t>(column)];
        const int taken = qBound(0, -spare, qMax(0, width - least));
        width -= taken;
        spare += taken;
    }
    const int share = qMax(0, spare) / static_cast<int>(needed.size());
    for (std::size_t column = 0; column < needed.size(); ++column)
        table.setColumnWidth(static_cast<int>(column), needed[column] + share);
}

} // namespace widgets
