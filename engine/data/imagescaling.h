// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/data/imagedecoder.h"
#include <span>

namespace engine {

/// Brings the whole image to `width` × `height` pixels and writes them as (channels, height, width). Each new
/// pixel is a mean of the old ones around its centre, with weights that fall in a line to 0 at a distance of
/// one new pixel, or of one old one where the image grows (linear interpolation). At its own size an image
/// stays as it is.  Requires: `out` holds channels · height · width values.
void scaleInto(const DecodedImage &image, int width, int height, std::span<std::uint8_t> out);

} // namespace engine
