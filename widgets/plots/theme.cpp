// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plots/theme.h"
#include <algorithm>
#include <cmath>

namespace widgets {
namespace {

constexpr double kLeastContrast = 3.0; // WCAG 2.1, 1.4.11: graphical objects

double linear(double channel)
{
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

double luminance(const QColor &colour)
{
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
}

bool readsOn(const PlotTheme &theme, const QColor &background)
{
    QList<QColor> colours = theme.cycle;
    colours << theme.latent << theme.snapped << theme.task << theme.regularizer << theme.training << theme.warning
            << theme.mutedText;
    return std::ranges::all_of(colours, [&](const QColor &c) { return contrastRatio(c, background) >= kLeastContrast; });
}

} // namespace

double contrastRatio(const QColor &a, const QColor &b)
{
    const double one = luminance(a), other = luminance(b);
    return (std::max(one, other) + 0.05) / (std::min(one, other) + 0.05);
}

PlotTheme PlotTheme::light()
{
    PlotTheme theme;
    theme.background = "#ffffff";
    theme.text = "#1c1e21";
    theme.mutedText = "#5b6169";
    theme.axis = "#4a4f57";
    theme.grid = "#e7e9ec";
    theme.marker = "#6d737c";
    theme.warning = "#b3261e";
    theme.latent = "#0072b2";
    theme.snapped = "#c65000";
    theme.task = "#8a3a7e";
    theme.regularizer = "#007a5a";
    theme.training = "#6b6b6b";
    theme.cycle = {"#0072b2", "#c65000", "#007a5a", "#8a3a7e", "#614a00", "#3089c7", "#332288", "#404040"};
    theme.density = {"#ffffff", "#e3e9ef", "#b9c6d3", "#8d9fb3", "#61758d"};
    theme.time = {"#947cc0", "#7a6fb5", "#0072b2", "#00756b", "#4a5a00"};
    return theme;
}

PlotTheme PlotTheme::dimmed()
{
    PlotTheme theme;
    theme.background = "#1b1d21";
    theme.text = "#e8eaed";
    theme.mutedText = "#a3a9b2";
    theme.axis = "#a3a9b2";
    theme.grid = "#2d3036";
    theme.marker = "#9096a0";
    theme.warning = "#ff8a80";
    theme.latent = "#56b4e9";
    theme.snapped = "#e69f00";
    theme.task = "#cc79a7";
    theme.regularizer = "#2fc79a";
    theme.training = "#a8a8a8";
    theme.cycle = {"#56b4e9", "#e69f00", "#2fc79a", "#cc79a7", "#f0e442", "#e8703a", "#9a8cff", "#c8c8c8"};
    theme.density = {"#1b1d21", "#262c35", "#364252", "#4a5c74", "#5f7896"};
    theme.time = {"#7f74c8", "#5f8fe0", "#3fb4c9", "#6fcf7a", "#f0e442"};
    theme.dark = true;
    return theme;
}

PlotTheme PlotTheme::fromPalette(const QPalette &palette)
{
    const QColor base = palette.color(QPalette::Active, QPalette::Base);
    PlotTheme theme = luminance(base) < 0.18 ? dimmed() : light();
    if (readsOn(theme, base)) {
        theme.background = base;
        theme.density.front() = base;
    }
    return theme;
}

QColor PlotTheme::representative(std::size_t identity, std::size_t k) const
{
    if (k > kMostDistinct)
        return between(time, static_cast<double>(identity) / static_cast<double>(k - 1));
    return cycle[static_cast<qsizetype>(identity % static_cast<std::size_t>(cycle.size()))];
}

QColor PlotTheme::between(const QList<QColor> &stops, double share)
{
    const double place = std::clamp(share, 0.0, 1.0) * static_cast<double>(stops.size() - 1);
    const auto first = std::min(static_cast<qsizetype>(place), stops.size() - 2);
    const auto part = static_cast<float>(place - static_cast<double>(first));
    const QColor &a = stops[first], &b = stops[first + 1];
    return QColor::fromRgbF(std::lerp(a.redF(), b.redF(), part), std::lerp(a.greenF(), b.greenF(), part),
                            std::lerp(a.blueF(), b.blueF(), part));
}

} // namespace widgets
