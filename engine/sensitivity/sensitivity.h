// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include "engine/frame/scores.h"
#include "engine/storage/snapshot.h"
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

/// What the quantization of one layer does to the network.
struct LayerSensitivity {
    std::string layer;           ///< as RunDescription calls it
    std::uint64_t weights = 0;   ///< n_l
    int k = 0;
    double meanSquaredError = 0; ///< mean (w_i − r_a(i))²
    double entropyBits = 0;      ///< of its codes, a weight
    Scores alone;                ///< this layer snapped, all others latent
    Scores others;               ///< this layer latent, all others snapped
};

struct Sensitivity {
    std::string dataName;
    std::uint64_t images = 0;             ///< of the validation set, always the same ones
    Step step{};                          ///< that the snapshot was taken at
    Scores latent, snapped;               ///< no layer snapped, and all
    std::vector<LayerSensitivity> layers; ///< in forward order; fewer than the network has where the measurement was stopped
    /// Places in `layers`, the most sensitive first: by the loss with it alone snapped, then by its place.
    std::vector<std::size_t> byLoss() const;
};

struct SensitivityOptions {
    std::size_t images = 1000;      ///< at most; of the validation set
    std::optional<int> k{};         ///< measure k-means codebooks of so many representatives instead of the snapshot's own
    bool reestimatesNorms =
        false; ///< batch-norm's statistics anew for each combination, as for the figures at the end of a run; many times slower
};

/// Called after each of `all` measurements, on the calling thread. False: stop; the layers measured so far
/// are the result.
using SensitivityProgress = std::function<bool(std::size_t done, std::size_t all)>;

/// Measures 2 L + 2 combinations of latent and snapped layers, L layers. Loads the data set of the snapshot.
/// Takes the calling thread, and as many more as the snapshot's run had.
/// Errors: those of fromSnapshot; BadValue for a snapshot whose weights a commit has snapped, for then there
/// are no latent ones to compare with, for one without validation images, and for options out of range.
Result<Sensitivity> measureSensitivity(const SnapshotData &data, const SensitivityOptions &options = {},
                                       const SensitivityProgress &progress = {});

/// What `condensate sensitivity` prints: a line a layer, the most sensitive first. UTF-8, lines end in '\n'
/// but the last.
std::string describeSensitivity(const Sensitivity &sensitivity);
/// The same for programs: one JSON object, indented, layers in forward order. Keys are stable; new ones may come.
std::string sensitivityToJson(const Sensitivity &sensitivity);
/// Reads what sensitivityToJson has written. What was not finite is not a number. Errors: BadFormat.
Result<Sensitivity> readSensitivity(std::string_view json);

} // namespace engine
