// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/augmentation.h"
#include "engine/core/random.h"
#include <algorithm>
#include <iterator>

namespace engine {
namespace {

/// One row: columns [first, last) come from the source, the rest is black.
template <typename Out>
void writeRow(const std::uint8_t *source, int width, int right, const std::array<float, 256> &values, Out out)
{
    const int first = std::clamp(-right, 0, width), last = std::clamp(width - right, 0, width);
    out = std::fill_n(out, first, values[0]);
    out = std::transform(source + first + right, source + last + right, out, [&](std::uint8_t grey) { return values[grey]; });
    std::fill_n(out, width - last, values[0]);
}

} // namespace

PixelTable::PixelTable(const Normalisation &normalisation) : m_values(normalisation.mean.size())
{
    for (std::size_t c = 0; c < m_values.size(); ++c) {
        const double mean = normalisation.mean[c];
        const double deviation = normalisation.deviation[c] > 0 ? normalisation.deviation[c] : 1;
        for (std::size_t grey = 0; grey < 256; ++grey)
            m_values[c][grey] = static_cast<float>((static_cast<double>(grey) / 255 - mean) / deviation);
    }
}

int paddingOf(const ImageSet &images) noexcept
{
    return std::min(images.height, images.width) < 30 ? 2 : 4;
}

Variation drawVariation(const MinibatchOptions &options, int padding, std::uint64_t epoch, std::uint64_t position) noexcept
{
    // All three are drawn whatever is switched on, so that one switch does not change what the other does.
    SplitMix64 random{options.seed, epoch, position};
    const auto places = static_cast<std::uint32_t>(2 * padding + 1);
    const int down = static_cast<int>(random.below(places)) - padding;
    const int right = static_cast<int>(random.below(places)) - padding;
    const bool mirrored = random.below(2) == 1;
    return {.down = options.pad ? down : 0, .right = options.pad ? right : 0, .mirrored = options.mirror && mirrored};
}

void writeImage(const ImageSet &images, std::size_t index, const PixelTable &table, Variation variation, float *out)
{
    const int height = images.height, width = images.width;
    const std::uint8_t *plane = images.image(index).data();
    for (int channel = 0; channel < images.channels; ++channel, plane += static_cast<std::ptrdiff_t>(height) * width) {
        const auto &values = table.channel(static_cast<std::size_t>(channel));
        for (int y = 0; y < height; ++y, out += width) {
            const int from = y + variation.down;
            if (from < 0 || from >= height)
                std::fill_n(out, width, values[0]);
            else if (variation.mirrored)
                writeRow(plane + static_cast<std::ptrdiff_t>(from) * width, width, variation.right, values,
                         std::make_reverse_iterator(out + width));
            else
                writeRow(plane + static_cast<std::ptrdiff_t>(from) * width, width, variation.right, values, out);
        }
    }
}

} // namespace engine
