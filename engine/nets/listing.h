// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/plans/plan.h"
#include <string>
#include <string_view>
#include <vector>

namespace engine {

/// What the parameter `model` begins with where it names a file.
inline constexpr std::string_view kTorchScriptPrefix = "torchscript:";

/// What a network consists of.
struct NetworkListing {
    std::vector<LayerInfo> layers;     ///< forward order
    std::uint64_t floatParameters = 0; ///< biases, batch-norm and what else is not quantized

    std::vector<std::string> layerNames() const
    {
        std::vector<std::string> names;
        for (const auto &layer : layers)
            names.push_back(layer.name);
        return names;
    }
    std::uint64_t weights() const noexcept
    {
        std::uint64_t total = 0;
        for (const auto &layer : layers)
            total += layer.weightCount;
        return total;
    }
};

/// Lists the network that the parameter `model` names: a built-in one, or torchscript:FILE, which is loaded
/// for that; a large one takes seconds. The listing of a file does not depend on images and classes.
/// Errors: those of planNetwork; NotFound, BadFormat or Unsupported for a file that cannot be used, with the reason.
Result<NetworkListing> listNetwork(std::string_view model, const ImageShape &images, int classes);

} // namespace engine
