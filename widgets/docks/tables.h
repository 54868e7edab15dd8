// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <initializer_list>
#include <span>

class QTableView;

namespace widgets {

/// What all tables of layers have in common: one whole row is chosen, rows are low, numbers stand close.
void styleLayerTable(QTableView &table);

inline constexpr int kCellPadding = 10; ///< of a cell, both sides

/// Sets the width of each column. Room beyond what they need goes to all alike; where some is missing those
/// in `giving` make room, one after the other, as far as something of them can still be read: their tooltips
/// tell the rest. `needed`: by column, 0 for hidden ones.
void shareWidth(QTableView &table, std::span<int> needed, std::initializer_list<int> giving);

} // namespace widgets
