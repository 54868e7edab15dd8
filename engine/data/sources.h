// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/data/dataset.h"
#include <filesystem>
#include <string_view>

namespace engine {

/// Fashion-MNIST from the four IDX files (gzipped or not) in this folder.  Errors: as loadDataset.
/// Source of the format: Y. LeCun, C. Cortes, The MNIST database; big-endian header, then unsigned bytes.
Result<Dataset> loadFashionMnist(const std::filesystem::path &folder);

/// Any images and labels in four IDX files that are named as MNIST's are: one channel, sides of any length up
/// to 1,024, labels from 0. Classes are named by their number, the set by its folder.  Errors: as
/// loadDataset.
Result<Dataset> loadIdx(const std::filesystem::path &folder);

/// Images and labels in an HDF5 file; resources/help/image-format.md. Where it has no test images, a fifth is
/// set aside for the test, the same one in every run. The set is named by its file.  Errors: as loadDataset.
Result<Dataset> loadHdf5(const std::filesystem::path &file);

/// PNG and JPEG images in one folder a class: `place` is DIR or DIR@SIDE, with DIR/train/CLASS and DIR/test
/// (or val, or valid)/CLASS, or with DIR/CLASS, where every fifth image of each class, in the order of names,
/// is for the test. Classes are in the order of their names. Images of one size with sides up to 96 stay as
/// they are; others, and all where SIDE (16 to 256) is given, are scaled to squares of 32 or SIDE pixels. One
/// channel if every image is stored grey, else three. The result does not depend on `threads` (0: as many as
/// usableProcessors). Errors: as loadDataset; Unsupported for JPEG in CMYK.
Result<Dataset> loadFolder(const std::filesystem::path &place, unsigned threads = 0);

/// CIFAR-10 from a folder with the six .bin files or from cifar-10-binary.tar.gz.  Errors: as loadDataset.
/// Source of the format: A. Krizhevsky, Learning multiple layers of features from tiny images, 2009; a record is one
/// label byte and 3,072 bytes of pixels (red, green, blue planes of 32 rows), 10,000 records a file.
Result<Dataset> loadCifar10(const std::filesystem::path &path);

/// CIFAR-100 from a folder with train.bin and test.bin or from cifar-100-binary.tar.gz, with its 100 fine labels.
/// Errors: as loadDataset. Source of the format: as CIFAR-10's; a record has a coarse label before the fine one.
Result<Dataset> loadCifar100(const std::filesystem::path &path);

/// Made-up patterns for tests. `shape` is "CxHxW", C 1 or 3, sides 16 … 64; empty: 1x28x28.  Errors: BadValue.
Result<Dataset> makeGenerated(std::string_view shape);

} // namespace engine
