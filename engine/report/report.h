// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/storage/snapshot.h"
#include <string>

namespace engine {

/// What `condensate info SNAPSHOT` prints: where the run stands, one line for each layer (name, shape,
/// weights, k, used representatives, order-0 entropy in bits a weight, λ of its own, mean distance |w −
/// r_a(i)|, share of the bytes at order-0 entropy, λ ramp of its own where any layer has one) and for each
/// that stays float, π where it is learnt, the totals with both theoretical compression ratios, the newest
/// and the test accuracies, and the parameters that differ from their defaults. UTF-8, lines end in '\n' but
/// the last.
std::string describeSnapshot(const SnapshotData &data);

/// The same and more for programs (`info --json`): one JSON object, indented. Numbers that are NaN or
/// infinite are null. Keys are stable; new ones may come.
std::string toJson(const SnapshotData &data);

} // namespace engine
