// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/frame/history.h"
#include "engine/messages/messages.h"
#include "engine/run/startpoint.h"
#include "engine/training/trainer_torch.h"
#include <memory>
#include <optional>

namespace engine {

/// A run that is ready to train: what it stands on, and what it brings along from where it was before.
struct Beginning {
    std::unique_ptr<Trainer> trainer;
    RunLog log;                     ///< this start included, if it is one
    bool isStart = true;            ///< false: a finished run is looked at; that it goes on is logged if it is lengthened
    History history;
    double seconds = 0;             ///< of training so far
    std::optional<Summary> summary; ///< of a run that has finished, as far as its snapshot tells
};

/// Loads data and network, or brings back what a snapshot holds; the start is noted in the log. Training thread only.
/// Errors: those of prepareTraining, readSnapshot, fromSnapshot and forkRun; BadValue where a run cannot be lengthened,
/// or a branch names other images than those it was trained on.
Result<Beginning> beginRun(const StartPoint &from, DatasetShelf &shelf);

/// An entry of now, at the step where the run stands.
LogEntry logEntry(const TrainingState &state, LogEntry::What what, Author by);
/// That this process goes on with the run, with these parameters changed.
Started startedWith(const TrainingState &state, std::vector<SetParameter> changes);

} // namespace engine
