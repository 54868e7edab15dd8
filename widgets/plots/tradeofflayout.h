// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/frame/history.h"
#include "widgets/plots/posttrainingcurves.h"
#include <QString>
#include <cstdint>
#include <optional>
#include <vector>

namespace widgets {

/// How the codes are counted; both are theoretical (no headers, no code tables).
enum class Coding : std::uint8_t {
    Entropy, ///< order-0 entropy
    Fixed    ///< ⌈log2 k⌉ bits a weight
};

struct TradeoffPoint {
    engine::Step step{};
    double ratio = 1;    ///< float32 bytes ÷ coded bytes
    double accuracy = 0; ///< snapped validation accuracy, 0…1
    bool wholeValidation = false;
};

/// A curve of a post-training quantizer.
struct TradeoffCurve {
    struct Point {
        int k = 0;
        double ratio = 1;    ///< as of TradeoffPoint
        double accuracy = 0; ///< validation accuracy, 0…1
        double bytes = 0;    ///< coded
    };
    QString name; ///< of the quantizer
    std::vector<Point> points;
};

/// The numbers TradeoffView draws.
struct TradeoffLayout {
    std::vector<TradeoffPoint> trail;      ///< from the end of warm-up on; before that, the previews of warm-up
    bool preview = false;                  ///< the trail is still that of warm-up
    std::optional<double> baseline;        ///< float accuracy at ratio 1, 0…1
    std::vector<TradeoffCurve> curves;     ///< of post-training quantizers
    double ratioHigh = 32, accuracyLow = 0, accuracyHigh = 1; ///< axis ranges that show all of the run; ratios begin below 1

    const TradeoffPoint *now() const { return trail.empty() ? nullptr : &trail.back(); }
};

/// `givenBaseline`: accuracy of the float reference; without it the last latent accuracy of warm-up counts.
TradeoffLayout layoutTradeoff(const engine::History &history, Coding coding, std::optional<double> givenBaseline);
/// Adds the curves and widens the ranges for them, but so that the run's own points keep half of the height:
/// what lies lower is out of sight.
void addCurves(TradeoffLayout &layout, const PostTrainingCurves &curves, Coding coding, bool reestimated);

} // namespace widgets
