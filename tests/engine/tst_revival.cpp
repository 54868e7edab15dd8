// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/codebooks/revival.h"
#include "engine/codebooks/nearest.h"
#include <QtTest>
#include <algorithm>
#include <random>
#include <vector>

using namespace engine;

class TstRevival : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void theFullestCellIsSplitAtItsRepresentative()
    {
        // 0 has four members, two on either side; 5 has one; 9 is dead.
        const std::vector<float> weights{-0.3f, -0.1f, 0.2f, 0.4f, 5.0f};
        std::vector<float> r{0.0f, 5.0f, 9.0f};
        QCOMPARE(reviveDead(weights, r), std::size_t{1});
        QVERIFY(std::abs(r[0] + 0.2f) < 1e-6f);
        QCOMPARE(r[1], 5.0f);
        QVERIFY(std::abs(r[2] - 0.3f) < 1e-6f); // in its old place: it is the same representative
    }

    void noneIsDeadAfterwards()
    {
        std::mt19937 random{1};
        std::normal_distribution<float> normal;
        std::vector<float> weights(5000);
        std::ranges::generate(weights, [&] { return normal(random); });
        std::vector<float> r;
        for (int j = 0; j < 16; ++j)
            r.push_back(j < 3 ? static_cast<float>(j) - 1.0f : 50.0f + static_cast<float>(j));
        QCOMPARE(reviveDead(weights, r), std::size_t{13});
        std::ranges::sort(r);
        NearestSums sums{r.size()};
        NearestCells{r}.measure(weights, sums);
        QVERIFY(std::ranges::find(sums.occupancy, std::uint64_t{0}) == sums.occupancy.end());
    }

    void whatCannotBeSplitIsLeft()
    {
        const std::vector<float> weights(100, 0.5f);
        std::vector<float> r{0.4f, 0.9f};
        QCOMPARE(reviveDead(weights, r), std::size_t{0});
        QVERIFY((r == std::vector<float>{0.4f, 0.9f}));
        QCOMPARE(reviveDead({}, r), std::size_t{0});
    }

    void nothingIsDoneWhereNoneIsDead()
    {
        const std::vector<float> weights{-1.0f, 1.0f};
        std::vector<float> r{-0.9f, 0.9f};
        QCOMPARE(reviveDead(weights, r), std::size_t{0});
        QVERIFY((r == std::vector<float>{-0.9f, 0.9f}));
    }
};

QTEST_APPLESS_MAIN(TstRevival)
#include "tst_revival.moc"
