// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include "engine/frame/frame.h"
#include "engine/frame/history.h"
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace engine {

inline constexpr int kSnapshotMajor = 1; ///< readers refuse a newer one
inline constexpr int kSnapshotMinor = 5; ///< additions only; readers ignore what they do not know

/// Of an archive that a snapshot keeps: code takes some ten thousand bytes, constants in it may take more.
inline constexpr std::size_t kMaxModuleBytes = std::size_t{64} << 20;

/// One quantized layer as stored: plain buffers, copied from the training thread between steps.
struct LayerState {
    LayerInfo info;
    std::vector<float> weights;             ///< (n) latent, row-major in the shape of `info`
    std::vector<float> representatives;     ///< (k) ascending; during warm-up the initialiser's preview
    std::vector<std::uint16_t> identity;    ///< (k) see LayerFrame
    std::size_t trajectories = 0;           ///< see LayerFrame; k in files before version 1.3
    std::vector<std::uint8_t> assignment;   ///< (n) code of each weight, each < k
    std::vector<double> mixing;             ///< (k) see LayerFrame; empty in files before version 1.4
    std::optional<double> lambdaOverride;
    double sigma = 0;                       ///< see RegularizerScale; 0 in files before version 1.2
    Histogram histogram;
};

/// A named array the training needs to go on: biases, batch-norm values, optimizer buffers, random state.
struct NamedArray {
    enum class Type : std::uint8_t { Float32, Int64, UInt8 };
    std::string name;                ///< e.g. "network/features.1.running_mean", "optimizer/momentum/classifier.0.weight"
    Type type = Type::Float32;
    std::vector<std::int64_t> shape; ///< empty: a scalar
    std::vector<std::byte> bytes;    ///< native little-endian, row-major
};

/// Everything a run can be continued from.
struct SnapshotData {
    RunDescription description;
    Step step{};
    Stage stage = Stage::Warmup;
    bool codebooksAreLive = false;
    std::vector<LayerState> layers;
    std::vector<NamedArray> state;
    std::vector<std::byte> module; ///< code of a network of the user's own, see Network::code; empty: none is kept, as before version 1.4
    History history;
    std::optional<double> latentTestAccuracy, snappedTestAccuracy; ///< present once the run finished
    double seconds = 0;         ///< wall time spent training so far, pauses left out; 0 in files of version 1.0
    std::string programVersion; ///< that wrote the file; set by reading, ignored by writing
};

/// Writes to `file` + ".part" in the same folder, flushes, syncs, renames: `file` is either the old or the
/// complete new one. HDF5 is not thread-safe: this function and readSnapshot take one process-wide lock. Not
/// for the GUI thread.
/// Errors: Unwritable, naming the path and the cause.
Result<void> writeSnapshot(const SnapshotData &data, const std::filesystem::path &file);

/// Reads and checks a whole snapshot; every size is checked against its neighbours before use.
/// Errors: NotFound, Unreadable, BadFormat (not HDF5, not ours, truncated, damaged: what is missing or wrong), TooNew.
Result<SnapshotData> readSnapshot(const std::filesystem::path &file);

} // namespace engine
