// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include "widgets/plots/theme.h"
#include <QSizeF>
#include <QString>
#include <optional>

namespace widgets {

class PlotView;

inline constexpr double kColumnWidthMm = 89;  ///< one column of a two-column journal
inline constexpr double kPageWidthMm = 183;   ///< both columns

/// How a figure is made; nothing depends on the size or theme on the screen.
struct FigureOptions {
    QSizeF sizeMm{kColumnWidthMm, 62};
    int dpi = 300;             ///< of PNG
    double fontPoints = 7;     ///< what journals ask for
    std::optional<PlotTheme> theme = {}; ///< nothing: light
};

/// Writes the plot to `file`; its ending chooses the format: .pdf and .svg (vector), .png, .csv (the numbers).
/// Written beside and renamed: an existing file is replaced whole or not at all.
/// Errors: BadValue (unknown ending, size outside 20…1,000 mm, dpi outside 36…1,200), Unwritable (file and cause).
engine::Result<void> exportPlot(const PlotView &view, const QString &file, const FigureOptions &options = {});
/// Writes the numbers of the plot as CSV (RFC 4180, C locale, full precision). Errors: Unwritable.
engine::Result<void> exportData(const PlotView &view, const QString &file);

} // namespace widgets
