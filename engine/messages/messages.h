// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include "engine/frame/frame.h"
#include "engine/frame/history.h"
#include "engine/messages/commands.h"
#include "engine/messages/runlog.h"
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace engine {

struct PackedAccount; // coding/sizeaccount.h

// ---- What it answers: exactly one reply for each command. ----
struct Applied { Step step; };             ///< in force from this step on
struct Rejected { Error why; };
struct NeedsRestart { std::string because; };
using Reply = std::variant<Applied, Rejected, NeedsRestart>;

/// The end of a run, in numbers. Accuracies 0…1 over the whole test set, NaN if the run did not get there.
struct Summary {
    Step step{};
    double latentTestAccuracy = kNotMeasured;  ///< with the latent weights (after a commit: equal to snapped)
    double snappedTestAccuracy = kNotMeasured; ///< with snapped weights and re-estimated batch-norm statistics;
                                               ///< in a `float` run: of the initialiser's codebooks
    double snappedAsTrainedTestAccuracy = kNotMeasured; ///< the same with the batch-norm statistics that training left
    double snappedValidationAccuracy = kNotMeasured;
    SizeEstimate size;
    double seconds = 0;         ///< wall time spent training, pauses left out; with that of the run it was resumed or branched from
    double waitingShare = 0, measuringShare = 0;
};

// ---- What it tells. Facts, in order, never lost. ----
/// History and log: of a run that goes on, else empty but for this start.
struct Prepared {
    std::shared_ptr<const RunDescription> description;
    std::shared_ptr<const History> history;
    std::shared_ptr<const RunLog> log{};
    Step step{}; ///< where it stands; so many steps are in the file that it goes on from
};
struct Sampled { Sample sample; };
struct CommandReplied { CommandId id; Command command; Reply reply; };
struct Logged { LogEntry entry; };                                       ///< the log has grown by this
struct StageEntered { Stage stage; Step step; };
struct StagesChanged { std::shared_ptr<const RunDescription> description; }; ///< as Prepared told it but for the lengths of the stages
struct EpochEnded { int epoch; Step step; double latentAccuracy, snappedAccuracy; }; ///< over the whole validation set
struct Paused { Step step; std::string reason; };                        ///< reason is empty when the user asked
struct Resumed { Step step; };
/// `command`: of the TakeSnapshot; 0 where the run saved itself.
struct SnapshotSaved { CommandId command; std::filesystem::path file; Step step; SnapshotUse use; };
struct SnapshotFailed { CommandId command; std::filesystem::path file; Error why; };
struct PackedMeasured {
    Step step;
    std::shared_ptr<const PackedAccount> account;
}; ///< bytes of the packed file, had the run ended at this step
struct PackedFailed { Step step; Error why; };
struct Note {
    Step step;
    std::string text;
}; ///< worth a line in the journal (a range grew, a representative died)
struct Finished { Summary summary; };                                    ///< all steps done
struct Stopped { Step step; };                                           ///< ended early by stop()
struct Failed { Error why; };                                            ///< could not start or go on
using Event = std::variant<Prepared, Sampled, CommandReplied, Logged, StageEntered, StagesChanged, EpochEnded, Paused, Resumed,
                           SnapshotSaved, SnapshotFailed, PackedMeasured, PackedFailed, Note, Finished, Stopped, Failed>;

} // namespace engine
