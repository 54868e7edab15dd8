// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <torch/types.h>

namespace engine {

/// Whether this handle is the only way to the tensor's memory, so that it may be written over. A transposed
/// result, which is how the gradient of torch::linear arrives, also keeps the tensor it is a view of.
inline bool isOnlyHandle(const torch::Tensor &tensor)
{
    const auto owners = tensor.storage().use_count();
    const bool viewOfNobodyElses = tensor.is_view() && tensor._base().use_count() == 1 && owners == 2;
    return tensor.use_count() == 1 && (owners == 1 || viewOfNobodyElses);
}

/// A tensor of the same memory and shape that knows nothing of the other: no view of it, with no part in its graph.
inline torch::Tensor sameMemory(const torch::Tensor &tensor)
{
    return torch::empty({0}, tensor.options().requires_grad(false))
        .set_(tensor.storage(), tensor.storage_offset(), tensor.sizes(), tensor.strides());
}

} // namespace engine
