// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include "engine/nets/network_torch.h"
#include <filesystem>
#include <string>

namespace engine {

/// Gives a network the weights, biases and statistics that a file has under the same names and of the same
/// shapes; "module." before a name does not count. `file`: .safetensors (float16 to float64), or a
/// TorchScript module. Gives a sentence on what was taken, and on what keeps the start it had because the
/// file lacks it or has another shape.
/// Errors: NotFound, Unreadable; BadFormat for a damaged file, one without a single tensor that fits, or
/// values that are not finite. The network is then unchanged.
Result<std::string> loadStartWeights(Network &network, const std::filesystem::path &file);

} // namespace engine
