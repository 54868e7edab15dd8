// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/parameters.h"
#include "engine/frame/frame.h"
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

/// What a layer is called that is the output channels from `from` up to `to` of another: "features.3[0:16]".
std::string rangeName(std::string_view layer, std::uint64_t from, std::uint64_t to);

/// A layer for each codebook: of a network's layers, those of single ranges of output channels where `scope`
/// is channels, with as many weights and channels more or less (fewer ranges than asked for where a layer has
/// fewer channels), called by their rangeName; the layers themselves otherwise. Ids are set to their places.
std::vector<LayerInfo> layersWithCodebooks(const Settings &settings, std::span<const LayerInfo> layers);

/// For each layer the place of the first one that has the same codebook: its own, but where `scope` is
/// unified that of the first layer of its kind.
std::vector<std::size_t> codebookOwners(const Settings &settings, std::span<const LayerInfo> layers);

/// The layers of each codebook, given their owners; the owner comes first.
std::vector<std::vector<std::size_t>> layersByCodebook(std::span<const std::size_t> owners);

/// Layers that share a codebook have to agree on k, regularizer, codebook start and λ ramp. Errors: BadValue,
/// naming two that do not.
Result<void> checkSharedCodebooks(const Settings &settings, std::span<const LayerInfo> layers);

} // namespace engine
