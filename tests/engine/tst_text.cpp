// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/text.h"
#include <QtTest>
#include <limits>

using namespace engine;

/// Numbers as people read them.
class TstText : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void grouped_data()
    {
        QTest::addColumn<std::uint64_t>("number");
        QTest::addColumn<QString>("text");
        QTest::newRow("nothing") << std::uint64_t{0} << "0";
        QTest::newRow("three digits") << std::uint64_t{999} << "999";
        QTest::newRow("four digits") << std::uint64_t{1000} << "1,000";
        QTest::newRow("seven digits") << std::uint64_t{1234567} << "1,234,567";
        QTest::newRow("the largest") << std::numeric_limits<std::uint64_t>::max() << "18,446,744,073,709,551,615";
    }
    void grouped()
    {
        QFETCH(std::uint64_t, number);
        QFETCH(QString, text);
        QCOMPARE(QString::fromStdString(engine::grouped(number)), text);
    }
    void percents()
    {
        constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
        QCOMPARE(percent(0.91254), std::string{"91.25 %"});
        QCOMPARE(percent(std::optional{1.0}), std::string{"100.00 %"});
        QCOMPARE(percent(std::optional<double>{}), std::string{"not measured"});
        QCOMPARE(percent(kNone), std::string{"not measured"});
        QCOMPARE(percentOrDash(0.0), std::string{"0.00 %"});
        QCOMPARE(percentOrDash(kNone), std::string{"–"});
    }
};

QTEST_GUILESS_MAIN(TstText)
#include "tst_text.moc"
