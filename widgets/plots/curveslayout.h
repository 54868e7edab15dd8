// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/frame/history.h"
#include "widgets/plots/thinning.h"

namespace widgets {

/// The numbers CurvesView draws; accuracies in percent, losses in nat.
struct CurvesLayout {
    Series task, regularizer;
    Series training;                   ///< smoothed
    Series latent, snapped;            ///< where measured
    Series latentWhole, snappedWhole;  ///< those over the whole validation set
    double stepHigh = 1;
    double taskHigh = 1, regularizerHigh = 1; ///< axes begin at 0
    double accuracyLow = 0, accuracyHigh = 100;
};

CurvesLayout layoutCurves(const engine::History &history);

/// Mean of each value with those before it, weights falling by e over `steps` steps (exponential smoothing that
/// respects uneven steps). NaN values are skipped.
Series smoothed(const Series &series, double steps);

} // namespace widgets
