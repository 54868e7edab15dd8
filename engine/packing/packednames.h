// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <string_view>

namespace engine {

/// PackedNetwork::name of every network of a user's own.
inline constexpr std::string_view kTorchScriptNetwork = "torchscript";

/// Whether a network computes without this tensor once it does not train any more; packed files go without it.
inline bool isOfTrainingAlone(std::string_view tensor) noexcept { return tensor.ends_with("num_batches_tracked"); }

} // namespace engine
