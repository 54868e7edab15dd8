// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QColor>
#include <QList>
#include <QPalette>

namespace widgets {

/// The colours of all plots. Every colour that carries data keeps a contrast of at least 3:1 to the background
/// (WCAG 2.1, 1.4.11) and the four leading ones stay apart under protanopia and deuteranopia.
/// Source: M. Okabe and K. Ito, Color Universal Design, 2008, darkened or lightened where the contrast asks for it.
struct PlotTheme {
    QColor background, text, mutedText, axis, grid;
    QColor marker;      ///< stage borders, decision boundaries, reference lines
    QColor warning;     ///< what should not be: NaN, values out of range
    QColor latent;      ///< whatever belongs to the latent weights
    QColor snapped;     ///< whatever belongs to the snapped weights
    QColor task;        ///< task loss
    QColor regularizer; ///< regularizer loss
    QColor training;    ///< accuracy on the training minibatches
    QList<QColor> cycle;   ///< representatives, by identity modulo its length (8)
    QList<QColor> density; ///< heat map, from no weights (the background) to many; equally spaced stops
    QList<QColor> time;    ///< early to late; equally spaced stops
    bool dark = false;

    static PlotTheme light();
    static PlotTheme dimmed(); ///< for dark palettes
    /// Light or dark by the palette's base colour, which becomes the background where contrast allows.
    static PlotTheme fromPalette(const QPalette &palette);

    static constexpr std::size_t kMostDistinct = 32; ///< more representatives than this are coloured by a scale
    /// Colour of one trajectory among k: from the cycle, or for large k from the time scale's colours, low to high.
    QColor representative(std::size_t identity, std::size_t k) const;
    /// Colour at share 0…1 of equally spaced stops, interpolated in sRGB.
    static QColor between(const QList<QColor> &stops, double share);
    bool operator==(const PlotTheme &) const = default;
};

/// WCAG contrast ratio of two opaque colours, 1…21.
double contrastRatio(const QColor &a, const QColor &b);

} // namespace widgets
