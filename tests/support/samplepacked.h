// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/coding/packedmodel.h"
#include "tests/support/samplecodes.h"
#include <string>

/// Packed networks for tests, of made-up weights.
namespace support {

inline engine::PackedKernel packedKernel(std::string name, std::vector<std::int64_t> shape, const std::vector<double> &shares,
                                         std::uint64_t seed)
{
    engine::PackedKernel kernel{
        std::move(name), shape.size() == 4 ? "conv" : "linear", shape, 0, static_cast<std::uint64_t>(shape.front()), {}, {}};
    std::size_t weights = 1;
    for (const auto extent : shape)
        weights *= static_cast<std::size_t>(extent);
    kernel.codes = drawCodes(shares, weights, seed);
    for (std::size_t j = 0; j < shares.size(); ++j)
        kernel.codebook.push_back(0.01f * static_cast<float>(seed) - 0.2f +
                                  0.4f * static_cast<float>(j) / static_cast<float>(shares.size()));
    return kernel;
}

inline engine::PackedTensor packedTensor(std::string name, std::int64_t size)
{
    engine::PackedTensor tensor{std::move(name), {size}, {}, engine::PackedTensor::Stored::Float32};
    for (std::int64_t i = 0; i < size; ++i)
        tensor.values.push_back(static_cast<float>(std::sin(static_cast<double>(i))));
    return tensor;
}

/// A small network that has everything: ranges of channels, a shared codebook, a one-valued kernel, a scalar,
/// float16, a TorchScript's code.
inline engine::PackedModel samplePacked()
{
    engine::PackedModel model;
    model.network = {"torchscript", {{"dropout", "0.5"}}, 3, 2, 17, 19, std::vector<std::byte>(300, std::byte{7})};
    model.data = {"Shapes", {"circle", "square", "Stern ☆"}, {0.25f, 0.5f}, {0.1f, 0.2f}};
    model.accuracy = {0.875, 0.75, 400};
    model.provenance = {"0.1.0", 42, "[run]\nseed = 42\n", "0123456789abcdef0123456789abcdef"};
    model.kernels.push_back(packedKernel("features.0", {8, 2, 3, 3}, gaussianShares(4), 1));
    auto range = packedKernel("features.3", {16, 8, 3, 3}, skewedShares(5, 0.9), 2);
    const auto all = range.codes;
    const std::size_t half = all.size() / 2;
    range.channels = 8;
    range.codes.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(half));
    model.kernels.push_back(range);
    range.firstChannel = 8;
    range.codes.assign(all.begin() + static_cast<std::ptrdiff_t>(half), all.end());
    for (auto &r : range.codebook)
        r *= 2;
    model.kernels.push_back(range);
    model.kernels.push_back(packedKernel("classifier.0", {40, 144}, gaussianShares(256), 3));
    model.kernels.push_back(packedKernel("classifier.2", {3, 40}, {0, 1}, 4));
    model.kernels.push_back(packedKernel("classifier.3", {3, 3}, {1, 1}, 4));
    model.tensors = {packedTensor("features.0.bias", 8), packedTensor("features.1.running_mean", 8), packedTensor("classifier.2.bias", 3)};
    model.tensors[1].stored = engine::PackedTensor::Stored::Float16;
    for (auto &value : model.tensors[1].values)
        value = std::round(value * 512) / 512; // float16 has these
    model.tensors.push_back({"scale", {}, {1.5f}, engine::PackedTensor::Stored::Float32});
    model.tensors.push_back({"nothing", {0, 4}, {}, engine::PackedTensor::Stored::Float32});
    return model;
}

/// The kernels and floats of VGG16 for CIFAR-10 with batch-norm and the 512→10 head: 14.7 M weights in 14 layers.
inline engine::PackedModel packedVgg16(const std::vector<double> &shares)
{
    engine::PackedModel model;
    model.network = {"vgg16", {}, 10, 3, 32, 32, {}};
    model.data = {"CIFAR-10",
                  {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"},
                  {0.49f, 0.48f, 0.45f},
                  {0.25f, 0.24f, 0.26f}};
    model.accuracy = {0.93, 0.92, 10'000};
    model.provenance = {"0.1.0", 1, "[run]\nmodel = \"vgg16\"\n", {}};
    std::int64_t in = 3;
    int place = 0;
    for (const std::int64_t out : {64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0}) {
        if (out == 0) { // pooling
            ++place;
            continue;
        }
        const auto name = "features." + std::to_string(place), norm = "features." + std::to_string(place + 1);
        model.kernels.push_back(packedKernel(name, {out, in, 3, 3}, shares, static_cast<std::uint64_t>(place + 1)));
        model.tensors.push_back(packedTensor(name + ".bias", out));
        for (const char *what : {".weight", ".bias", ".running_mean", ".running_var"})
            model.tensors.push_back(packedTensor(norm + what, out));
        in = out;
        place += 3;
    }
    model.kernels.push_back(packedKernel("classifier", {10, 512}, shares, 99));
    model.tensors.push_back(packedTensor("classifier.bias", 10));
    return model;
}

} // namespace support
