// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/packedmodel.h"
#include "engine/core/result.h"
#include <cstdint>
#include <string>
#include <string_view>

namespace engine {

/// How well a packed network does.
struct PackedEvaluation {
    std::string data;         ///< what `--data` would say
    std::string dataName;     ///< e.g. "Fashion-MNIST"
    std::uint64_t images = 0; ///< of the test set
    double accuracy = 0;      ///< share of them that it labels right, 0…1
};

/// Runs the network over all test images of a data set, which `data` names as loadDataset does; empty: the
/// one it was trained on, as its recipe says. With as many threads as the recipe asks for, so that on the
/// machine that packed it nothing differs by a bit.
/// Errors: those of loadDataset and unpackNetwork; BadFormat for a recipe that cannot be read; BadValue for
/// images or classes that are not those of the network; Unsupported where the code of a user's own network
/// fails.
Result<PackedEvaluation> evaluatePacked(const PackedModel &model, std::string_view data = {});

} // namespace engine
