// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/row.h"
#include <QtTest>

/// Rows of progress, cut to the width of a terminal.
class TstRow : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void fits_data()
    {
        QTest::addColumn<int>("width");
        QTest::addColumn<QString>("row");
        QTest::newRow("room for all") << 25 << "run  –  loss 0.5  9 left";
        QTest::newRow("just room for all") << 24 << "run  –  loss 0.5  9 left";
        QTest::newRow("the highest rank goes first") << 23 << "run  –  9 left";
        QTest::newRow("just room for three, counted in characters") << 14 << "run  –  9 left";
        QTest::newRow("then the next, wherever it stands") << 13 << "run  9 left";
        QTest::newRow("the lowest rank stays") << 10 << "run";
        QTest::newRow("and is cut") << 2 << "ru";
        QTest::newRow("no room at all") << 0 << "";
    }
    void fits()
    {
        QFETCH(int, width);
        const std::array parts{app::RowPart{"run", 0}, app::RowPart{"–", 2}, app::RowPart{"loss 0.5", 3}, app::RowPart{"9 left", 1}};
        const auto row = app::fittedRow(parts, static_cast<std::size_t>(width));
        QTEST(QString::fromStdString(row), "row");
        QVERIFY(app::characters(row) <= static_cast<std::size_t>(width));
    }

    void isCutBetweenCharacters()
    {
        const std::array parts{app::RowPart{"–λ×", 0}};
        QCOMPARE(QString::fromStdString(app::fittedRow(parts, 2)), QStringLiteral("–λ"));
    }

    void ofNothingIsEmpty() { QVERIFY(app::fittedRow({}, 10).empty()); }
};

QTEST_GUILESS_MAIN(TstRow)
#include "tst_row.moc"
