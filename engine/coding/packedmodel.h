// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/ids.h"
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace engine {

/// What network it is; its tensors come by name.
struct PackedNetwork {
    std::string name; ///< a built-in one as planNetwork knows it, e.g. "vgg16", or "torchscript"
    std::vector<std::pair<std::string, std::string>> parameters;  ///< further ones of a built-in network, by key
    std::uint32_t classes = 0;
    std::uint32_t channels = 0, height = 0, width = 0;            ///< of an image
    std::vector<std::byte> code;                                  ///< of a TorchScript network: the module without its tensors; else empty

    bool operator==(const PackedNetwork &) const = default;
};

/// How images become input: (value ÷ 255 − mean) ÷ deviation, for each channel.
struct PackedData {
    std::string name;                    ///< e.g. "CIFAR-10"
    std::vector<std::string> classNames; ///< by class; may be empty
    std::vector<float> mean, deviation;  ///< by channel

    bool operator==(const PackedData &) const = default;
};

/// Measured when the file was written.
struct PackedAccuracy {
    std::optional<double> latent, snapped; ///< 0…1, on `images` images of the test set of PackedData
    std::uint64_t images = 0;

    bool operator==(const PackedAccuracy &) const = default;
};

struct PackedProvenance {
    std::string programVersion;
    std::uint64_t seed = 0;
    std::string recipe;    ///< TOML (engine/recipes)
    std::string logDigest; ///< 32 hexadecimal digits that tell the log of its run (RunLog::digest); empty: not known

    bool operator==(const PackedProvenance &) const = default;
};

/// A quantized kernel, or the range of its output channels that has a codebook of its own. The ranges of a
/// kernel follow each other, ascending and without a gap.
struct PackedKernel {
    std::string name;                ///< dotted path in the network, e.g. "features.3"; the same for all ranges of a kernel
    std::string kind;                ///< "conv" or "linear"
    std::vector<std::int64_t> shape; ///< of the whole kernel: (out, in, height, width) or (out, in)
    std::uint64_t firstChannel = 0, channels = 0; ///< output channels that this is; shape[0] of them from 0 where it is all
    std::vector<float> codebook;     ///< (k), 1 ≤ k ≤ 256, finite; kernels with equal ones share them in the file
    std::vector<CodeIndex> codes;    ///< (channels · Π shape[1…]) row-major, each below k

    bool operator==(const PackedKernel &) const = default;
};

/// What stays a float: biases, batch-norm parameters and statistics.
struct PackedTensor {
    enum class Stored : std::uint8_t { Float32, Float16 };
    std::string name;
    std::vector<std::int64_t> shape; ///< empty: a scalar
    std::vector<float> values;       ///< row-major
    Stored stored = Stored::Float32; ///< float16 rounds to the nearest; refused for values beyond its range

    bool operator==(const PackedTensor &) const = default;
};

/// Everything that runs a network on images, as a packed file (resources/help/packed-format.md) holds it.
struct PackedModel {
    PackedNetwork network;
    PackedData data;
    PackedAccuracy accuracy;
    PackedProvenance provenance;
    std::vector<PackedKernel> kernels; ///< forward order
    std::vector<PackedTensor> tensors;

    bool operator==(const PackedModel &) const = default;
};

} // namespace engine
