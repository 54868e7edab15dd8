// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/copying.h"
#include "widgets/plots/plotview.h"
#include <QApplication>
#include <QClipboard>
#include <QTableView>
#include <algorithm>

namespace app {
namespace {

/// In their order, hidden columns too.
QString selectedRows(const QTableView &table)
{
    QStringList lines;
    auto rows = table.selectionModel()->selectedRows();
    std::ranges::sort(rows, {}, &QModelIndex::row);
    for (const auto &row : rows) {
        QStringList cells;
        for (int column = 0; column < table.model()->columnCount(); ++column)
            cells << row.siblingAtColumn(column).data().toString();
        lines << cells.join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace

void copyFrom(QWidget *focus)
{
    for (auto *widget = focus; widget; widget = widget->parentWidget()) {
        if (auto *view = qobject_cast<widgets::PlotView *>(widget))
            return view->copyImage();
        if (const auto *table = qobject_cast<QTableView *>(widget))
            return QApplication::clipboard()->setText(selectedRows(*table));
    }
}

} // namespace app
