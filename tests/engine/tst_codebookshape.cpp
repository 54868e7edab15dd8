// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/codebooks/codebookshape.h"
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

using namespace engine;

using Floats = QList<float>;
using Doubles = QList<double>;

class TstCodebookShape : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void projects_data()
    {
        QTest::addColumn<CodebookShape>("shape");
        QTest::addColumn<Floats>("from");
        QTest::addColumn<Doubles>("mass");
        QTest::addColumn<Floats>("to");
        const CodebookShape free{}, grid{.isGrid = true}, symmetric{.isSymmetric = true}, zero{.hasZero = true};
        QTest::newRow("free") << free << Floats{0, 0.1F, 0.9F} << Doubles{1, 1, 1} << Floats{0, 0.1F, 0.9F};
        QTest::newRow("a grid stays") << grid << Floats{-1, 0.5F, 2} << Doubles{5, 1, 2} << Floats{-1, 0.5F, 2};
        QTest::newRow("grid: only what has weights counts") << grid << Floats{0, 1, 5} << Doubles{1, 1, 0} << Floats{0, 1, 2};
        QTest::newRow("grid: no weights at all") << grid << Floats{0, 1, 5} << Doubles{0, 0, 0} << Floats{-0.5F, 2, 4.5F};
        QTest::newRow("grid of one") << grid << Floats{3} << Doubles{1} << Floats{3};
        QTest::newRow("symmetric") << symmetric << Floats{-3, 1, 2, 5} << Doubles{1, 1, 1, 1} << Floats{-4, -0.5F, 0.5F, 4};
        QTest::newRow("symmetric by weight") << symmetric << Floats{-3, 5} << Doubles{3, 1} << Floats{-3.5F, 3.5F};
        QTest::newRow("symmetric: one side only") << symmetric << Floats{1, 3} << Doubles{1, 1} << Floats{-1, 1};
        QTest::newRow("symmetric: the wrong way round") << symmetric << Floats{5, 5} << Doubles{9, 1} << Floats{0, 0};
        QTest::newRow("symmetric and odd") << symmetric << Floats{-1, 0.5F, 3} << Doubles{1, 9, 1} << Floats{-2, 0, 2};
        QTest::newRow("zero") << zero << Floats{-3, -0.5F, 2} << Doubles{1, 1, 1} << Floats{-3, 0, 2};
        QTest::newRow("zero at the end") << zero << Floats{1, 2, 3} << Doubles{1, 1, 1} << Floats{0, 2, 3};
        QTest::newRow("grid through zero") << CodebookShape{.isGrid = true, .hasZero = true} << Floats{-1, 0.5F, 1} << Doubles{1, 1, 1}
                                           << Floats{-1, 0, 1};
        QTest::newRow("symmetric grid") << CodebookShape{.isGrid = true, .isSymmetric = true} << Floats{-3, -1, 1, 3} << Doubles{1, 1, 1, 1}
                                        << Floats{-3, -1, 1, 3};
        QTest::newRow("all three") << CodebookShape{true, true, true} << Floats{-4, 1, 2} << Doubles{1, 1, 1} << Floats{-3, 0, 3};
    }
    void projects()
    {
        QFETCH(CodebookShape, shape);
        QFETCH(Floats, from);
        QFETCH(Doubles, mass);
        QFETCH(Floats, to);
        std::vector<float> r(from.begin(), from.end());
        project(shape, r, {mass.constData(), static_cast<std::size_t>(mass.size())});
        for (std::size_t j = 0; j < r.size(); ++j)
            QVERIFY2(std::abs(r[j] - to[static_cast<qsizetype>(j)]) < 1e-6F, qPrintable(QStringLiteral("r%1 = %2").arg(j).arg(r[j])));
    }

    void staysSortedAndDoesNotMoveTwice()
    {
        std::mt19937 random{11};
        std::normal_distribution<float> normal{0.3F, 1.0F};
        for (int round = 0; round < 500; ++round) {
            const std::size_t k = round % 9 + 1;
            std::vector<float> r(k);
            std::vector<double> mass(k);
            std::ranges::generate(r, [&] { return normal(random); });
            std::ranges::generate(mass, [&] { return std::max(0.0F, normal(random)); });
            std::ranges::sort(r);
            CodebookShape shape{.isGrid = (round & 1) != 0, .isSymmetric = (round & 2) != 0, .hasZero = (round & 4) != 0};
            shape.hasZero = shape.hasZero && (!shape.isSymmetric || k % 2 == 1);
            project(shape, r, mass);
            QVERIFY(std::ranges::is_sorted(r));
            if (shape.hasZero)
                QVERIFY(std::ranges::find(r, 0.0F) != r.end());
            for (std::size_t j = 0; shape.isSymmetric && j < k; ++j)
                QVERIFY(std::abs(r[j] + r[k - 1 - j]) < 1e-6F);
            for (std::size_t j = 2; shape.isGrid && j < k; ++j)
                QVERIFY(std::abs((r[j] - r[j - 1]) - (r[1] - r[0])) < 1e-5F);
            auto again = r;
            project(shape, again, mass);
            for (std::size_t j = 0; j < k; ++j)
                QVERIFY(std::abs(again[j] - r[j]) < 1e-5F);
        }
    }
};

QTEST_APPLESS_MAIN(TstCodebookShape)
#include "tst_codebookshape.moc"
