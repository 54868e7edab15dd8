// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/dataset.h"
#include "engine/core/random.h"
#include <algorithm>
#include <array>
#include <cmath>

namespace engine {

Split splitValidation(const ImageSet &images, double share, std::uint64_t seed)
{
    std::array<std::vector<std::uint32_t>, 256> byClass;
    for (std::size_t i = 0; i < images.count(); ++i)
        byClass[images.labels[i]].push_back(static_cast<std::uint32_t>(i));

    const double part = std::clamp(share, 0.0, 1.0);
    Split split;
    std::size_t seen = 0, taken = 0;
    for (std::size_t label = 0; label < byClass.size(); ++label) {
        auto &members = byClass[label];
        SplitMix64 random{seed, label};
        shuffle(members, random);
        seen += members.size();
        // Rounding the running total, not each class, makes the whole come out right as well.
        const auto upTo = static_cast<std::size_t>(std::llround(part * static_cast<double>(seen)));
        const auto cut = members.begin() + static_cast<std::ptrdiff_t>(std::min(upTo - taken, members.size()));
        split.validation.insert(split.validation.end(), members.begin(), cut);
        split.train.insert(split.train.end(), cut, members.end());
        taken = split.validation.size();
    }
    std::ranges::sort(split.train);
    std::ranges::sort(split.validation);
    return split;
}

Normalisation measureNormalisation(const ImageSet &images, std::span<const std::uint32_t> indices)
{
    Normalisation result;
    const std::size_t plane = static_cast<std::size_t>(images.height) * images.width;
    for (std::size_t channel = 0; channel < static_cast<std::size_t>(images.channels); ++channel) {
        // Counting the 256 values first is exact whatever the number of images.
        std::array<std::uint64_t, 256> counts{};
        for (const std::uint32_t i : indices) {
            for (const std::uint8_t pixel : images.image(i).subspan(channel * plane, plane))
                ++counts[pixel];
        }
        const double total = std::max(1.0, static_cast<double>(plane * indices.size()));
        double mean = 0, variance = 0;
        for (std::size_t value = 0; value < counts.size(); ++value)
            mean += static_cast<double>(counts[value]) * static_cast<double>(value) / 255;
        mean /= total;
        for (std::size_t value = 0; value < counts.size(); ++value)
            variance += static_cast<double>(counts[value]) * std::pow(static_cast<double>(value) / 255 - mean, 2);
        result.mean.push_back(static_cast<float>(mean));
        result.deviation.push_back(static_cast<float>(std::sqrt(variance / total)));
    }
    return result;
}

} // namespace engine
