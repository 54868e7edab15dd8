// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/data/dataset.h"
#include "engine/data/minibatches.h"
#include <array>
#include <cstdint>
#include <vector>

namespace engine {

/// Normalised value of each of the 256 grey values of each channel: (v ÷ 255 − mean) ÷ deviation.
/// A constant channel (deviation 0) is only centred.
class PixelTable {
public:
    explicit PixelTable(const Normalisation &normalisation);
    const std::array<float, 256> &channel(std::size_t c) const { return m_values[c]; }

private:
    std::vector<std::array<float, 256>> m_values;
};

/// What happens to one image: the crop begins `down` rows and `right` columns from the image's corner (negative: in the
/// black padding), then it may be mirrored left-right.
struct Variation {
    int down = 0, right = 0;
    bool mirrored = false;
};

/// Rows and columns of padding on each side: 2 where a side is below 30, otherwise 4.
int paddingOf(const ImageSet &images) noexcept;

/// The variation of the image at this position of this epoch. Each offset −padding … padding is equally likely.
Variation drawVariation(const MinibatchOptions &options, int padding, std::uint64_t epoch, std::uint64_t position) noexcept;

/// Writes the normalised image, imageBytes() values, to `out`. Padding is black, i.e. grey value 0 before
/// normalisation.
void writeImage(const ImageSet &images, std::size_t index, const PixelTable &table, Variation variation, float *out);

} // namespace engine
