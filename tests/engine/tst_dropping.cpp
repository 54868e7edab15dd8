// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/codebooks/dropping.h"
#include "engine/codebooks/nearest.h"
#include <QtTest>
#include <algorithm>
#include <random>
#include <vector>

using namespace engine;

using Places = std::vector<std::size_t>;
using Occupancy = std::vector<std::uint64_t>;

class TstDropping : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whoStays_data()
    {
        QTest::addColumn<Occupancy>("occupancy");
        QTest::addColumn<std::vector<float>>("representatives");
        QTest::addColumn<bool>("isGrid");
        QTest::addColumn<bool>("isSymmetric");
        QTest::addColumn<bool>("hasZero");
        QTest::addColumn<Places>("expected");
        const std::vector<float> five{-2, -1, 0, 1, 2}, four{-2, -1, 1, 2};
        QTest::newRow("those with weights") << Occupancy{3, 0, 1, 0, 9} << five << false << false << false << Places{0, 2, 4};
        QTest::newRow("all, if none is dead") << Occupancy{3, 1, 1, 2, 9} << five << false << false << false << Places{0, 1, 2, 3, 4};
        QTest::newRow("a grid stays whole") << Occupancy{3, 0, 0, 0, 9} << five << true << false << false << Places{0, 1, 2, 3, 4};
        QTest::newRow("a zero that goes") << Occupancy{3, 0, 0, 0, 9} << five << false << false << false << Places{0, 4};
        QTest::newRow("a pinned zero") << Occupancy{3, 0, 0, 0, 9} << five << false << false << true << Places{0, 2, 4};
        QTest::newRow("a pair of which one lives") << Occupancy{3, 0, 1, 0} << four << false << true << false << Places{0, 1, 2, 3};
        QTest::newRow("a pair that is dead") << Occupancy{3, 0, 0, 0} << four << false << true << false << Places{0, 3};
        QTest::newRow("the middle of a symmetric one") << Occupancy{0, 3, 0, 1, 0} << five << false << true << false << Places{1, 3};
        QTest::newRow("the zero of a symmetric one") << Occupancy{0, 3, 0, 1, 0} << five << false << true << true << Places{1, 2, 3};
        QTest::newRow("at least one") << Occupancy{0, 0, 0, 0} << four << false << false << false << Places{0};
    }
    void whoStays()
    {
        QFETCH(Occupancy, occupancy);
        QFETCH(std::vector<float>, representatives);
        QFETCH(bool, isGrid);
        QFETCH(bool, isSymmetric);
        QFETCH(bool, hasZero);
        QFETCH(Places, expected);
        QVERIFY(staying(occupancy, representatives, {.isGrid = isGrid, .isSymmetric = isSymmetric, .hasZero = hasZero}) == expected);
    }

    /// Whatever is dropped: each weight has the representative it had, ties and equal representatives included.
    void noWeightChangesItsValue()
    {
        std::mt19937 random{5};
        std::normal_distribution<float> normal;
        for (int round = 0; round < 300; ++round) {
            std::vector<float> weights(1 + random() % 40), r(1 + random() % 64);
            std::ranges::generate(weights, [&] { return std::round(normal(random) * 8) / 8; }); // on boundaries, too
            std::ranges::generate(r, [&] { return std::round(normal(random) * 16) / 4; });
            std::ranges::sort(r);
            NearestSums sums{r.size()};
            const NearestCells before{r};
            before.measure(weights, sums);
            const auto places = staying(sums.occupancy, r, {});
            std::vector<float> fewer;
            for (const auto place : places)
                fewer.push_back(r[place]);
            const NearestCells after{fewer};
            for (const float weight : weights)
                QCOMPARE(places[after.nearest(weight)], static_cast<std::size_t>(before.nearest(weight)));
            NearestSums left{fewer.size()};
            after.measure(weights, left);
            QVERIFY(std::ranges::find(left.occupancy, std::uint64_t{0}) == left.occupancy.end());
        }
    }
};

QTEST_APPLESS_MAIN(TstDropping)
#include "tst_dropping.moc"
