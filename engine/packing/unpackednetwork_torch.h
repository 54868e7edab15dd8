// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/packedmodel.h"
#include "engine/core/result.h"
#include "engine/nets/network_torch.h"
#include <map>
#include <memory>
#include <string>
#include <torch/types.h>
#include <vector>

namespace engine {

/// A network out of a packed file, for evaluation. Its logits are bit for bit those of the network that was
/// packed, on the same machine with as many threads.
struct UnpackedNetwork {
    std::unique_ptr<Network> network;
    std::vector<torch::Tensor> kernels; ///< ŵ, as Network::forward takes them

    /// All tensors under their names, with ŵ for kernels. They share memory with those of this network and
    /// have no gradients.
    std::map<std::string, torch::Tensor> tensors() const;
};

/// Layers that the file has as tensors of floats stay float. A network of a user's own is made from the code
/// in the file, which then runs: like any program, it should come from somebody trusted.
/// Requires: a model as readPacked and packedModelOf give it. Errors: BadFormat where kernels and tensors are
/// not those of the network that the file names, before memory is taken for it if it is a built-in one;
/// Unsupported for networks that this program does not know.
Result<UnpackedNetwork> unpackNetwork(const PackedModel &model);

} // namespace engine
