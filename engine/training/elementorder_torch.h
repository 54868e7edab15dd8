// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <algorithm>
#include <span>
#include <torch/types.h>
#include <vector>

namespace engine {

/// The values that belong to a kernel's weights one by one, from the order in which the kernel lies in memory
/// (channels of a pixel side by side, perhaps) to that of its shape (last dimension fastest, as files have
/// it). T: float or std::uint8_t.
template <typename T>
std::vector<T> toShapeOrder(std::span<const T> inMemoryOrder, const torch::Tensor &kernel)
{
    const auto type = caffe2::TypeMeta::Make<T>();
    const auto lying =
        torch::from_blob(const_cast<T *>(inMemoryOrder.data()), kernel.sizes(), kernel.strides(), torch::dtype(type)).contiguous();
    return {lying.template data_ptr<T>(), lying.template data_ptr<T>() + lying.numel()};
}

/// The way back.
template <typename T>
std::vector<T> toMemoryOrder(std::span<const T> inShapeOrder, const torch::Tensor &kernel)
{
    const auto type = caffe2::TypeMeta::Make<T>();
    std::vector<T> result(inShapeOrder.size());
    torch::from_blob(result.data(), kernel.sizes(), kernel.strides(), torch::dtype(type))
        .copy_(torch::from_blob(const_cast<T *>(inShapeOrder.data()), kernel.sizes(), torch::dtype(type)));
    return result;
}

} // namespace engine
