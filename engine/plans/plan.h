// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include "engine/frame/frame.h"
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

/// One operation of a network; which fields count depends on the kind.
struct Operation {
    enum class Kind : std::uint8_t { Convolution, BatchNormRelu, Relu, MaxPool, Flatten, Linear, Dropout };
    Kind kind;
    std::string name;          ///< dotted path as torchvision numbers it, e.g. "features.3"
    std::int64_t in = 0, out = 0; ///< channels or units
    int kernel = 0, stride = 1, padding = 0;
    bool bias = false;
    double rate = 0;           ///< dropout probability
};

/// What every batch-norm of a built-in network adds to the variance.
inline constexpr double kNormEpsilon = 1e-5;

/// A network before its tensors exist: enough to list layers, shapes and counts.
struct NetworkPlan {
    std::string model;
    int channels = 0, height = 0, width = 0, classes = 0;
    std::vector<Operation> operations;
    bool channelsLast =
        false; ///< the channels of a pixel lie side by side in memory, in images and kernels: same values up to rounding, other speed

    std::vector<LayerInfo> layers() const;       ///< the kernels that are quantized, forward order
    std::uint64_t quantizedWeights() const;
    std::uint64_t floatParameters() const;       ///< biases, batch-norm scale, shift, mean and variance
};

/// The short name of what the parameter `model` says: "vgg16", or "resnet.pt" for torchscript:/home/me/resnet.pt.
std::string networkName(std::string_view model);

struct ImageShape { int channels = 1, height = 28, width = 28; };

/// Plans a built-in network for images of the given shape: "lenet5", "vgg-small", "alexnet" (the 32×32 variant),
/// "vgg16" (batch-norm, 512→classes head), "vgg16-4096" (two hidden layers of 4,096 units with dropout).
/// Pooling rounds odd sides up, so that 28×28 images fit networks made for 32×32.
/// Errors: BadValue for an unknown model; Unsupported for images below 16 pixels a side or other than 1 or 3 channels.
Result<NetworkPlan> planNetwork(std::string_view model, const ImageShape &images, int classes);

} // namespace engine
