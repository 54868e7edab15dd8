// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace engine {

/// What a PNG or JPEG file says of its image before a pixel is decoded. Which of the two it is, its first
/// bytes tell, not its name.
struct ImageHeader {
    int width = 0, height = 0;
    bool grey = false; ///< stored without colour; a palette counts as colour

    std::size_t pixels() const noexcept { return static_cast<std::size_t>(width) * static_cast<std::size_t>(height); }
};

/// Pixels lie as (height, width, channels), row-major.
struct DecodedImage {
    int width = 0, height = 0, channels = 0;
    std::vector<std::uint8_t> pixels;
};

/// Errors: NotFound, Unreadable; BadFormat for what is neither PNG nor JPEG, is damaged, or has a side above
/// 16,384, more than 2²⁶ pixels or 128 MiB; Unsupported for JPEG in CMYK. One sentence with file, expected
/// and found; nothing goes to standard error.
Result<ImageHeader> readImageHeader(const std::filesystem::path &file);

/// `channels` 1 (only for images stored grey) or 3. Transparent parts are blended onto black, 16 bits a
/// channel become 8. A JPEG image may come out at a half, a quarter or an eighth of its size as long as each
/// side keeps `sideWanted` pixels or more: decoding so costs a fraction of the time.  Errors: as
/// readImageHeader; whatever makes the decoder guess pixels counts as damage.
Result<DecodedImage> decodeImage(const std::filesystem::path &file, int channels, int sideWanted);

} // namespace engine
