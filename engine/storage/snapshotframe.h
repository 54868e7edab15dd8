// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/frame/frame.h"
#include "engine/storage/snapshot.h"

namespace engine {

/// The Frame that a snapshot would show: what can be told from the stored weights and codebooks, with the newest
/// accuracies and losses of its series. Gradient ratios, changed shares and speeds are not measured.
Frame frameOf(const SnapshotData &data);

} // namespace engine
