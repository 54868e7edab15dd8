// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/sizeaccount.h"
#include "engine/runs/runfolder.h"
#include "engine/storage/snapshot.h"
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace engine {

/// One finished run of a folder, as the files say that it left.
struct LegResult {
    std::string label;
    bool isMain = false;
    RunRecord run;                    ///< without history
    SizeEstimate size;
    std::vector<int> k;               ///< of each layer at the end: dead representatives may have been dropped
    std::optional<PackedSize> packed; ///< of its packed file, where there is one
};

/// Reads the last state of a run and writes its network packed, unless `packed` is empty. A network that
/// cannot be packed leaves the run as it is: `remark` says why. Errors: those of readSnapshot.
struct PackedLeg {
    LegResult result;
    std::optional<Error> remark;
};
Result<PackedLeg> packLeg(const Leg &leg, const std::filesystem::path &snapshot, const std::filesystem::path &packed);

/// As the table has them: the reference first, the main run last.
void inOrderOfTable(std::vector<LegResult> &results);

/// Writes the recipe that repeats the main run of a folder, and the report. Requires: results in order of the table.
/// Errors: Unwritable.
Result<void> writeResults(const RunFolder &folder, const std::vector<LegResult> &results);
/// Packs, and writes the results of, all runs of a folder that have finished: for who follows the main one
/// alone. Returns why a network could not be packed. Errors: those of readSnapshot and readPlan, Unwritable.
Result<std::vector<Error>> takeStock(const RunFolder &folder);

/// The comparison as a Markdown table that also reads well in a terminal: test accuracies, difference to the float
/// reference (if there is one, its label is "reference"), bytes and ratio on disk, theoretical ratios, time.
std::string comparisonTable(const std::vector<LegResult> &legs);
/// The table with everything needed to repeat it. Errors: Unwritable.
Result<void> writeReport(const std::vector<LegResult> &legs, const std::filesystem::path &file);

} // namespace engine
