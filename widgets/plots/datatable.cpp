// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/datatable.h"
#include <QLocale>
#include <algorithm>
#include <cmath>

namespace widgets {
namespace {

QByteArray number(double value)
{
    if (std::isnan(value))
        return {};
    auto plain = QLocale::c();
    plain.setNumberOptions(QLocale::OmitGroupSeparator);
    return plain.toString(value, 'g', QLocale::FloatingPointShortest).toUtf8();
}

QByteArray quoted(QByteArray field)
{
    if (!field.contains(',') && !field.contains('"') && !field.contains('\n') && !field.contains('\r'))
        return field;
    field.replace("\"", "\"\"");
    return '"' + field + '"';
}

QByteArray written(const DataTable &table, char separator, const char *lineEnd)
{
    QByteArray text;
    const auto field = [separator](const QString &content) { return separator == ',' ? quoted(content.toUtf8()) : content.toUtf8(); };
    for (const auto &column : table.columns) {
        if (&column != &table.columns.front())
            text += separator;
        text += field(column.title);
    }
    text += lineEnd;
    for (qsizetype row = 0; row < table.rows(); ++row) {
        for (const auto &column : table.columns) {
            if (&column != &table.columns.front())
                text += separator;
            if (row < column.texts.size())
                text += field(column.texts[row]);
            else if (row < column.values.size())
                text += number(column.values[row]);
        }
        text += lineEnd;
    }
    return text;
}

} // namespace

qsizetype DataTable::rows() const
{
    qsizetype most = 0;
    for (const auto &column : columns)
        most = std::max({most, column.values.size(), column.texts.size()});
    return most;
}

QByteArray DataTable::csv() const
{
    return written(*this, ',', "\r\n");
}

QByteArray DataTable::tabbed() const
{
    return written(*this, '\t', "\n");
}

} // namespace widgets
