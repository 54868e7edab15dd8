// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/frame/size.h"
#include "engine/storage/snapshot.h"
#include <cstdint>
#include <optional>
#include <vector>

namespace engine {

/// What both reports compute from one stored layer.
struct LayerFigures {
    std::vector<std::uint64_t> occupancy; ///< (k) n_lj
    std::size_t used = 0;                 ///< representatives that have members
    double entropyBits = 0;               ///< order-0 entropy H of the codes, bits a weight
    double meanDistance = 0;              ///< mean |w_i − r_a(i)|
    SizeEstimate size;
};
LayerFigures figuresOf(const StoredNetwork::Layer &stored, const Checkpoint::Layer &layer, bool ownsCodebook = true);

struct SnapshotFigures {
    std::vector<LayerFigures> layers;
    SizeEstimate size;                  ///< whole network, with the values that stay float32
    double entropyBits = 0;             ///< mean of H over all quantized weights
    double meanDistance = 0;            ///< mean over all quantized weights
    std::optional<Sample> validation;   ///< the newest sample with a measured accuracy
};
SnapshotFigures figuresOf(const SnapshotData &data);

} // namespace engine
