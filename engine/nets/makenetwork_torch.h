// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/nets/network_torch.h"
#include "engine/plans/plan.h"
#include <memory>

namespace engine {

/// The network that the parameter `model` names: a built-in one, or torchscript:FILE. `seed`: of start
/// weights, where the network has none of its own, and of dropout. `kept`: what a snapshot has of it, where
/// one is to be continued; it stands in for a file that is gone or holds other code by now, as the network's
/// remark then says, and brings no start weights. "torchscript:" without a file asks for `kept` alone.
/// Errors: those of planNetwork, ScriptedNetwork::load and ScriptedNetwork::restore.
Result<std::unique_ptr<Network>> makeNetwork(std::string_view model, const ImageShape &images, int classes, std::uint64_t seed,
                                             const KeptModule &kept = {});

} // namespace engine
