// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/sensitivity/sensitivity.h"
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

/// What a layer costs with one codebook.
struct AllocationOption {
    int k = 0;
    double bytes = 0;      ///< codes at order-0 entropy and codebook; theoretical
    double lossRise = 0;   ///< of the network with this layer alone snapped, against the latent one
    double accuracyDrop = 0;
};
using AllocationOptions = std::vector<AllocationOption>; ///< of a layer; k ascending

/// Which option each layer takes.
struct AllocationChoice {
    std::vector<std::size_t> options; ///< by layer
    bool meets = false;               ///< whether what was asked for can be had
};

/// The greedy choice on the assumption that rises and drops of layers add up: all begin with their largest
/// codebook, then again and again the layer gets a smaller one that loses least for each byte saved, until
/// all together take `bytes` at most. Rises that fall with k, which is noise, count as the larger one.
/// Requires: at least one option for each layer.
AllocationChoice chooseForBytes(std::span<const AllocationOptions> layers, double bytes);
/// The same for as long as the drops add up to `drop` at most.
AllocationChoice chooseForAccuracy(std::span<const AllocationOptions> layers, double drop);

struct AllocationRequest {
    std::optional<double> bytes{};    ///< for all weights, codebooks and floats; theoretical, at order-0 entropy
    std::optional<double> accuracy{}; ///< validation accuracy that must be kept, 0…1; one of the two
    std::vector<int> candidates{2, 3, 4, 6, 8, 16, 32}; ///< k, 1 … 256
    std::size_t images = 1000;
    bool reestimatesNorms = false;
    int refinements = 12;             ///< measurements of whole allocations, at most, after the first
};

struct AllocatedLayer {
    std::string layer;
    std::uint64_t weights = 0;
    AllocationOption option;
};

struct Allocation {
    std::string dataName;
    std::uint64_t images = 0;
    Step step{};                        ///< that the snapshot was taken at
    Scores latent;
    std::vector<AllocatedLayer> layers; ///< in forward order; one for all ranges of a layer's channels, which have the same k
    double bytes = 0;                   ///< floats included
    std::uint64_t floatBytes = 0;       ///< all as float32
    Scores predicted;                   ///< rises and drops added up
    Scores measured;                    ///< all layers snapped at once; not a number in a preview
    bool meets = false;                 ///< what was asked for, as measured, or in a preview as predicted
    /// As the parameter `layers` takes it, e.g. "features.0:k=16; classifier.1:k=2".
    std::string rules() const;
};

/// Called once, on the calling thread: with the greedy choice as soon as it is predicted, before it is
/// measured and refined.
using AllocationPreview = std::function<void(const Allocation &preview)>;

/// Chooses k for each layer of the latent weights in a snapshot, with k-means codebooks: measures every layer
/// with every candidate, chooses greedily, measures the choice, and goes on from there: exchanges
/// representatives between layers as long as the measured loss falls (bytes), or takes and gives them until
/// the measured accuracy just holds (accuracy). Progress counts measurements; the last ones may not be
/// needed.
/// Errors: those of measureSensitivity; BadValue for candidates out of range, for not exactly one of bytes
/// and accuracy, and for layers that share a codebook. Where `progress` stops it, Unsupported with that as
/// its reason.
Result<Allocation> allocate(const SnapshotData &data, const AllocationRequest &request, const SensitivityProgress &progress = {},
                            const AllocationPreview &preview = {});

/// What `condensate allocate` prints. UTF-8, lines end in '\n' but the last.
std::string describeAllocation(const Allocation &allocation);
/// One JSON object, indented or on one line.
std::string allocationToJson(const Allocation &allocation, bool onOneLine = false);
/// Reads what allocationToJson has written. What was not finite is not a number. Errors: BadFormat.
Result<Allocation> readAllocation(std::string_view json);

} // namespace engine
