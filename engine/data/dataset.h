// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

/// Labelled 8-bit images of one size. Pixels lie as (count, channels, height, width), row-major.
struct ImageSet {
    int channels = 0, height = 0, width = 0;
    std::vector<std::uint8_t> pixels;
    std::vector<std::uint8_t> labels; ///< (count), each below the number of classes

    std::size_t count() const noexcept { return labels.size(); }
    std::size_t imageBytes() const noexcept { return static_cast<std::size_t>(channels) * height * width; }
    std::span<const std::uint8_t> image(std::size_t i) const { return {pixels.data() + i * imageBytes(), imageBytes()}; }
};

/// A loaded data set. `test` is for the final evaluation only; everything shown while training is validation,
/// which `splitValidation` takes out of `train`.
struct Dataset {
    std::string name; ///< e.g. "Fashion-MNIST"
    std::vector<std::string> classNames;
    ImageSet train, test;
    bool mirrorIsSafe = false; ///< a left-right flip leaves the label true (clothes, objects; not digits)
};

/// Loads what a `--data` value names:
///   "fashion-mnist"        the Debian package dataset-fashion-mnist (/usr/share/datasets/fashion-mnist)
///   "fashion-mnist:DIR"    the four IDX files, gzipped or not, in DIR
///   "cifar10:PATH"         a folder with data_batch_1.bin … test_batch.bin (also one level down,
///                          cifar-10-batches-bin/), or the official cifar-10-binary.tar.gz
///   "cifar100:PATH"        a folder with train.bin and test.bin, or the official cifar-100-binary.tar.gz
///   "folder:DIR"           images of your own in PNG and JPEG files, one folder a class; "folder:DIR@64"
///                          scales them to 64×64
///   "idx:DIR"              images of your own in four IDX files that are named as MNIST's are
///   "hdf5:FILE"            images of your own in an HDF5 file; resources/help/image-format.md
///   "generated"            a small made-up set for unit tests: 10 classes of noisy patterns, 1×28×28, 2,000 + 500
///                          images; "generated:3x32x32" for colour. Its name says that it is generated.
///                          ("generated:CxHxW": 1 or 3 channels, sides of 16 to 64)
/// A path may begin with ~/ for the home folder.
/// Errors: NotFound, Unreadable, BadFormat, BadValue, Unsupported; one sentence with file, expected and
/// found. Never a half-loaded set.
Result<Dataset> loadDataset(std::string_view spec);

/// Which images of the training set train and which validate: `share` of each set, chosen by `seed` alone,
/// the same numbers of every class up to rounding. Indices ascend. Requires: 0 ≤ share ≤ 1.
struct Split { std::vector<std::uint32_t> train, validation; };
Split splitValidation(const ImageSet &images, double share, std::uint64_t seed);

/// Mean and standard deviation of each channel over the given images, of pixel ÷ 255.
/// The deviation of a channel of one colour is 0; minibatches only centre such a channel.
struct Normalisation { std::vector<float> mean, deviation; };
Normalisation measureNormalisation(const ImageSet &images, std::span<const std::uint32_t> indices);

} // namespace engine
