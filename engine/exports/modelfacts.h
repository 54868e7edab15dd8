// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/packedmodel.h"
#include "engine/plans/plan.h"
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace engine {

/// What every format needs to know of a packed model, which unpackNetwork must accept.

NetworkPlan planOf(const PackedModel &model);                    ///< Requires: a built-in network.
std::vector<std::int64_t> shapeOf(const PackedKernel &kernel);   ///< (channels, …): of its own channels alone
std::string networkNameOf(const PackedModel &model); ///< "lenet5", or the file's name of a network of the user's own, as the recipe has it

/// What a file says about its network, in names and words that every format shares: "model", "classes",
/// "input_shape" (channels, height, width), "mean" and "std" (of each channel, for pixels divided by 255),
/// "program".
std::string factsAsJson(const PackedModel &model);                         ///< one object
std::map<std::string, std::string> factsAsTexts(const PackedModel &model); ///< its fields, lists as JSON

} // namespace engine
