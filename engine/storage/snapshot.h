// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include "engine/frame/frame.h"
#include "engine/frame/history.h"
#include "engine/messages/runlog.h"
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace engine {

inline constexpr int kSnapshotMajor = 1; ///< readers refuse a newer one
inline constexpr int kSnapshotMinor = 6; ///< additions only; readers ignore what they do not know

/// Of an archive that a snapshot keeps: code takes some ten thousand bytes, constants in it may take more.
inline constexpr std::size_t kMaxModuleBytes = std::size_t{64} << 20;

/// A named array the network or its training needs to go on.
struct NamedArray {
    enum class Type : std::uint8_t { Float32, Int64, UInt8 };
    std::string name;                ///< e.g. "network/features.1.running_mean", "optimizer/momentum/classifier.0.weight"; statenames.h
    Type type = Type::Float32;
    std::vector<std::int64_t> shape; ///< empty: a scalar
    std::vector<std::byte> bytes;    ///< native little-endian, row-major
};

/// What a run is, where it stands and what happened in it.
struct RunRecord {
    RunDescription description; ///< with one LayerInfo for each layer of network and checkpoint
    Step step{};
    Stage stage = Stage::Warmup;
    bool codebooksAreLive = false;
    RunLog log;
    History history;
    std::optional<double> latentTestAccuracy, snappedTestAccuracy; ///< present once the run finished, as those below; see Summary
    std::optional<double> snappedAsTrainedTestAccuracy, waitingShare, measuringShare; ///< not before version 1.6
    double seconds = 0;         ///< wall time spent training so far, pauses left out; 0 in files of version 1.0
    std::string programVersion; ///< that wrote the file; set by reading, ignored by writing
};

/// The snapped network: all that its packed file is made of. Plain buffers, copied from the training thread
/// between steps.
struct StoredNetwork {
    struct Layer {
        std::vector<float> representatives;   ///< (k) ascending; during warm-up the initialiser's preview
        std::vector<CodeIndex> assignment;    ///< (n) code of each weight, each < k; row-major in the shape of the layer
    };
    std::vector<Layer> layers;      ///< by LayerId
    std::vector<NamedArray> arrays; ///< its other tensors, statistics of batch-norm that belong to it alone, facts about its images
    std::vector<std::byte> module;  ///< code of a network of the user's own, see Network::code; empty: none is kept, as before version 1.4
};

/// What training takes beside the network to go on.
struct Checkpoint {
    struct Layer {
        std::vector<float> weights;          ///< (n) latent, row-major in the shape of the layer
        std::vector<std::uint16_t> identity; ///< (k) see LayerFrame
        std::size_t trajectories = 0;        ///< see LayerFrame; k in files before version 1.3
        std::vector<double> mixing;          ///< (k) see LayerFrame; empty in files before version 1.4
        double sigma = 0;                    ///< see RegularizerScale; 0 in files before version 1.2
        Histogram histogram;                 ///< of the weights
    };
    std::vector<Layer> layers;      ///< by LayerId
    std::vector<NamedArray> arrays; ///< optimizer buffers, random state
};

/// Everything a run can be continued from, and its network be packed.
struct SnapshotData {
    RunRecord run;
    StoredNetwork network;
    Checkpoint training;
};

/// The part of it that decides how many bytes the packed network takes; without history.
struct PackableRun {
    RunRecord run;
    StoredNetwork network;
};

/// Writes to `file` + ".part" in the same folder, flushes, syncs, renames: `file` is either the old or the
/// complete new one. HDF5 is not thread-safe: this function and readSnapshot take one process-wide lock. Not
/// for the GUI thread. What `file` was before is kept under the name `previous`, unless that is empty.
/// Errors: Unwritable, naming the path and the cause.
Result<void> writeSnapshot(const SnapshotData &data, const std::filesystem::path &file, const std::filesystem::path &previous = {});

/// Reads and checks a whole snapshot; every size is checked against its neighbours before use.
/// Errors: NotFound, Unreadable, BadFormat (not HDF5, not ours, truncated, damaged: what is missing or wrong), TooNew.
Result<SnapshotData> readSnapshot(const std::filesystem::path &file);

} // namespace engine
