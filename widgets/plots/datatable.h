// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QByteArray>
#include <QList>
#include <QString>

namespace widgets {

/// The numbers behind a plot, column by column. Columns may differ in length; NaN is an empty field.
struct DataTable {
    struct Column {
        QString title; ///< quantity, unit in brackets if it has one
        QList<double> values;
        QList<QString> texts{}; ///< in place of numbers, for names
    };
    QList<Column> columns;

    qsizetype rows() const;
    /// RFC 4180: header row, CRLF, quoted where needed, C locale, shortest digits that read back equal.
    QByteArray csv() const;
    /// The same for the clipboard: tabs between fields, LF between rows; spreadsheets take it as cells.
    QByteArray tabbed() const;
};

} // namespace widgets
