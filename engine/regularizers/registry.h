// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/regularizers/regularizer.h"

/// What each file beside this one defines.
namespace engine::registry {

extern const RegularizerSpec kNearestL2, kNearestL1, kSoftMin, kProduct, kHarmonic, kPeriodic;

} // namespace engine::registry
