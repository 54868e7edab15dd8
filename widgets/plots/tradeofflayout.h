// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/history.h"
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

/// The numbers TradeoffView draws.
struct TradeoffLayout {
    std::vector<TradeoffPoint> trail;      ///< from the end of warm-up on; before that, the previews of warm-up
    bool preview = false;                  ///< the trail is still that of warm-up
    std::optional<double> baseline;        ///< float accuracy at ratio 1, 0…1
    double ratioHigh = 32, accuracyLow = 0, accuracyHigh = 1; ///< axis ranges that show everything; ratios begin below 1

    const TradeoffPoint *now() const { return trail.empty() ? nullptr : &trail.back(); }
};

/// `givenBaseline`: accuracy of the float reference; without it the last latent accuracy of warm-up counts.
TradeoffLayout layoutTradeoff(const engine::History &history, Coding coding, std::optional<double> givenBaseline);

} // namespace widgets
