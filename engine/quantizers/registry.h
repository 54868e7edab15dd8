// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/quantizers/quantizer.h"

/// What each file beside this one defines.
namespace engine::registry {

extern const QuantizerSpec kUniform, kKMeans, kProbabilistic, kEntropyConstrained;

} // namespace engine::registry
