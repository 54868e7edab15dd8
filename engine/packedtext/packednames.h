// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/codebooks/scope.h"
#include <string>
#include <string_view>

namespace engine {

/// PackedNetwork::name of every network of a user's own.
inline constexpr std::string_view kTorchScriptNetwork = "torchscript";

/// Whether a network computes without this tensor once it does not train any more; packed files go without it.
inline bool isOfTrainingAlone(std::string_view tensor) noexcept { return tensor.ends_with("num_batches_tracked"); }

/// What a layer was called while it trained: the kernel's name, or rangeName where this is a range of its channels.
/// Kernel: PackedKernel or PackedKernelEntry.
template <typename Kernel>
std::string layerNameOf(const Kernel &kernel)
{
    const bool isWhole = kernel.channels == static_cast<std::uint64_t>(kernel.shape.front());
    return isWhole ? kernel.name : rangeName(kernel.name, kernel.firstChannel, kernel.firstChannel + kernel.channels);
}

} // namespace engine
