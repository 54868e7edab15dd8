// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/ids.h"
#include <QString>
#include <vector>

namespace widgets {

/// A network whose weights were quantized after training. Accuracies 0…1 over the whole validation set.
struct PostTrainingPoint {
    int k = 0;
    double accuracy = 0;                    ///< with the batch-norm statistics of the run at that step, as its own points
    double reestimatedAccuracy = 0;         ///< with those of the quantized network; the same where there is no batch-norm
    double floatBytes = 0;                  ///< as float32
    double fixedBytes = 0, entropyBytes = 0; ///< theoretical, see SizeEstimate
};

struct PostTrainingCurve {
    QString method; ///< as `condensate quantize` calls it
    std::vector<PostTrainingPoint> points; ///< ascending k

    QString name() const; ///< for people
};

/// What post-training quantizers make of the latent weights that a run has at one step.
struct PostTrainingCurves {
    engine::Step step{};
    std::vector<PostTrainingCurve> curves;
    int expected = 0; ///< points that there will be, while the measurement goes on; else 0

    int measured() const noexcept;
    bool empty() const noexcept { return curves.empty(); }
    void add(const QString &method, const PostTrainingPoint &point);
    bool hasReestimated() const; ///< some figure differs from the one as it is
};

} // namespace widgets
