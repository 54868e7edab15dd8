// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include "engine/frame/frame.h"
#include "engine/frame/history.h"
#include "widgets/plots/export.h"
#include <QStringList>
#include <optional>

namespace widgets {

/// What the figures of a run are made from: a snapshot's content, or a run that has ended.
struct FigureInput {
    engine::RunDescription description;
    engine::Frame frame;
    engine::History history;
    std::optional<double> baseline; ///< accuracy of the float reference, 0…1, if known
};

/// Makes a histogram and a trajectory figure of each layer, one trade-off and one curves figure, each as PDF, SVG, PNG
/// and CSV, in `folder` (made if missing). Needs a QApplication (the offscreen platform will do).
/// Returns the files written, in order. Errors: Unwritable (file and cause).
engine::Result<QStringList> renderFigures(const FigureInput &input, const QString &folder,
                                          const FigureOptions &options = {});

} // namespace widgets
