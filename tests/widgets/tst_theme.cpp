// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/theme.h"
#include <QTest>
#include <array>
#include <cmath>

using widgets::PlotTheme;

Q_DECLARE_METATYPE(PlotTheme)

namespace {

using Vector = std::array<double, 3>;
using Matrix = std::array<Vector, 3>;

// G. M. Machado et al., A Physiologically-based Model for Simulation of Color Vision Deficiency,
// IEEE TVCG 15(6), 2009: severity 1.0, on linear RGB.
constexpr Matrix kProtanopia{{{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}};
constexpr Matrix kDeuteranopia{{{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}};
constexpr Matrix kTypical{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};

/// CIE 1976 L*a*b* (D65) of a colour as seen through `eye`.
Vector lab(const QColor &colour, const Matrix &eye)
{
    const auto linear = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
    const Vector rgb{linear(colour.redF()), linear(colour.greenF()), linear(colour.blueF())};
    Vector seen{};
    for (std::size_t i = 0; i < 3; ++i)
        seen[i] = std::clamp(eye[i][0] * rgb[0] + eye[i][1] * rgb[1] + eye[i][2] * rgb[2], 0.0, 1.0);
    const auto f = [](double t) { return t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16.0 / 116; };
    const double x = f((0.4124 * seen[0] + 0.3576 * seen[1] + 0.1805 * seen[2]) / 0.9505);
    const double y = f(0.2126 * seen[0] + 0.7152 * seen[1] + 0.0722 * seen[2]);
    const double z = f((0.0193 * seen[0] + 0.1192 * seen[1] + 0.9505 * seen[2]) / 1.089);
    return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

double difference(const QColor &a, const QColor &b, const Matrix &eye)
{
    const auto p = lab(a, eye), q = lab(b, eye);
    return std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

} // namespace

class TstTheme : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void contrastOfKnownPairs()
    {
        QVERIFY(std::abs(widgets::contrastRatio(Qt::black, Qt::white) - 21) < 1e-6);
        QVERIFY(std::abs(widgets::contrastRatio(Qt::white, Qt::white) - 1) < 1e-9);
        QVERIFY(std::abs(widgets::contrastRatio(QColor{"#777777"}, Qt::white) - 4.48) < 0.01); // WCAG's own example
    }

    void everyDataColourReadsOnItsBackground_data() { themes(); }
    void everyDataColourReadsOnItsBackground()
    {
        QFETCH(PlotTheme, theme);
        QList<QColor> colours = theme.cycle + theme.time;
        colours << theme.latent << theme.snapped << theme.task << theme.regularizer << theme.training << theme.warning
                << theme.marker << theme.axis;
        for (const auto &colour : colours)
            QVERIFY2(widgets::contrastRatio(colour, theme.background) >= 2.99, qPrintable(colour.name()));
        for (const auto &colour : {theme.text, theme.mutedText})
            QVERIFY2(widgets::contrastRatio(colour, theme.background) >= 4.5, qPrintable(colour.name()));
    }

    void representativesReadOnTheHeatMap_data() { themes(); }
    void representativesReadOnTheHeatMap()
    {
        QFETCH(PlotTheme, theme);
        // They have a halo of the background; besides, none may vanish in the colour of a usual density.
        const QColor usual = PlotTheme::between(theme.density, 0.5);
        for (const auto &colour : theme.cycle)
            QVERIFY2(difference(colour, usual, kTypical) > 20, qPrintable(colour.name()));
    }

    void leadingColoursStayApartForEveryEye_data() { themes(); }
    void leadingColoursStayApartForEveryEye()
    {
        QFETCH(PlotTheme, theme);
        for (const auto &eye : {kTypical, kProtanopia, kDeuteranopia}) {
            for (int i = 0; i < 4; ++i)
                for (int j = 0; j < i; ++j)
                    QVERIFY2(difference(theme.cycle[i], theme.cycle[j], eye) > 14, qPrintable(theme.cycle[i].name()));
            for (int i = 0; i < 8; ++i) // neighbours in value are neighbours in the cycle
                QVERIFY2(difference(theme.cycle[i], theme.cycle[(i + 1) % 8], eye) > 10, qPrintable(theme.cycle[i].name()));
            QVERIFY(difference(theme.latent, theme.snapped, eye) > 40);
            QVERIFY(difference(theme.task, theme.regularizer, eye) > 15);
        }
    }

    void densityDarkensStepByStep_data() { themes(); }
    void densityDarkensStepByStep()
    {
        QFETCH(PlotTheme, theme);
        QCOMPARE(theme.density.front(), theme.background);
        for (qsizetype i = 1; i < theme.density.size(); ++i)
            QVERIFY(widgets::contrastRatio(theme.density[i], theme.background)
                    > widgets::contrastRatio(theme.density[i - 1], theme.background));
    }

    void paletteDecides()
    {
        QPalette palette;
        palette.setColor(QPalette::Base, QColor{"#fcfcfc"});
        QVERIFY(!PlotTheme::fromPalette(palette).dark);
        QCOMPARE(PlotTheme::fromPalette(palette).background, QColor{"#fcfcfc"});
        palette.setColor(QPalette::Base, QColor{"#232629"});
        QVERIFY(PlotTheme::fromPalette(palette).dark);
        QCOMPARE(PlotTheme::fromPalette(palette).background, QColor{"#232629"});
        palette.setColor(QPalette::Base, QColor{"#808080"}); // nothing reads well on it: our own background instead
        QVERIFY(PlotTheme::fromPalette(palette).background != QColor{"#808080"});
    }

    void betweenMeetsItsStops()
    {
        const QList<QColor> stops{Qt::black, Qt::red, Qt::white};
        QCOMPARE(PlotTheme::between(stops, 0).rgb(), QColor(Qt::black).rgb());
        QCOMPARE(PlotTheme::between(stops, 0.5).rgb(), QColor(Qt::red).rgb());
        QCOMPARE(PlotTheme::between(stops, 7).rgb(), QColor(Qt::white).rgb());
    }

private:
    static void themes()
    {
        QTest::addColumn<PlotTheme>("theme");
        QTest::newRow("light") << PlotTheme::light();
        QTest::newRow("dark") << PlotTheme::dimmed();
    }
};

QTEST_APPLESS_MAIN(TstTheme)
#include "tst_theme.moc"
