// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace engine {

/// Labelled images as an HDF5 file has them; see resources/help/image-format.md.
struct ImageFile {
    struct Part {
        std::array<std::uint64_t, 4> shape{};          ///< images, channels, height, width
        std::vector<std::uint8_t> pixels;              ///< row-major; float32 ones scaled to 0 … 255
        std::vector<std::int64_t> labels;              ///< one for each image
    };
    Part train;
    std::optional<Part> test;                          ///< where the file has one
    std::vector<std::string> classNames;               ///< empty where the file has none
    bool mirrorIsSafe = false;                         ///< a left-right flip leaves the label true
};

/// Reads `images`, `labels` and, if there, `test_images` and `test_labels`. Float32 images from 0 to 1 are
/// multiplied by 255, others brought from their smallest and largest value in `images` to 0 and 255; what of
/// `test_images` lies beyond is cut off.
/// Errors: NotFound, Unreadable; BadFormat with file, place, expected and found. Never allocates what the
/// file could not hold.
Result<ImageFile> readImageFile(const std::filesystem::path &file);

} // namespace engine
