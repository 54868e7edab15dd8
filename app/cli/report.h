// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/cli/session.h"
#include "engine/core/result.h"
#include <filesystem>
#include <string>
#include <vector>

namespace app {

/// One finished run of a comparison.
struct ReportRow { std::string label; SessionEnd end; };

/// The comparison as a Markdown table that also reads well in a terminal: test accuracies, difference to the float
/// reference (if there is one, its label is "reference"), bytes and ratio on disk, theoretical ratios, time.
std::string reportTable(const std::vector<ReportRow> &rows);
/// The table with everything needed to repeat it. Errors: Unwritable.
engine::Result<void> writeReport(const std::vector<ReportRow> &rows, const std::filesystem::path &file);

} // namespace app
