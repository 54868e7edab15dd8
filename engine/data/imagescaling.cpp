// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/imagescaling.h"
#include <algorithm>
#include <cmath>

namespace engine {
namespace {

/// What one new pixel takes of a row or column: weights of the old pixels from `first` on, with sum 1.
struct Taps {
    std::size_t first = 0;
    std::vector<float> weights;
};

std::vector<Taps> tapsFor(int from, int to)
{
    const double step = static_cast<double>(from) / to, reach = std::max(1.0, step);
    std::vector<Taps> all;
    for (int pixel = 0; pixel < to; ++pixel) {
        const double centre = (pixel + 0.5) * step;
        const int first = std::max(0, static_cast<int>(std::floor(centre - reach))),
                  end = std::min(from, static_cast<int>(std::ceil(centre + reach)));
        Taps taps{.first = static_cast<std::size_t>(first), .weights = {}};
        double sum = 0;
        for (int old = first; old < end; ++old) {
            const double weight = std::max(0.0, 1.0 - std::abs(old + 0.5 - centre) / reach);
            taps.weights.push_back(static_cast<float>(weight));
            sum += weight;
        }
        for (float &weight : taps.weights)
            weight = static_cast<float>(weight / sum);
        all.push_back(std::move(taps));
    }
    return all;
}

} // namespace

void scaleInto(const DecodedImage &image, int width, int height, std::span<std::uint8_t> out)
{
    const auto across = tapsFor(image.width, width), down = tapsFor(image.height, height);
    const auto channels = static_cast<std::size_t>(image.channels), oldWidth = static_cast<std::size_t>(image.width),
               rows = static_cast<std::size_t>(image.height);
    std::vector<float> narrowed(channels * rows * across.size()); // (channels, old height, new width)
    for (std::size_t channel = 0, at = 0; channel < channels; ++channel) {
        for (std::size_t row = 0; row < rows; ++row) {
            for (const Taps &taps : across) {
                const std::uint8_t *old = image.pixels.data() + (row * oldWidth + taps.first) * channels + channel;
                float sum = 0;
                for (std::size_t i = 0; i < taps.weights.size(); ++i)
                    sum += taps.weights[i] * static_cast<float>(old[i * channels]);
                narrowed[at++] = sum;
            }
        }
    }
    for (std::size_t channel = 0, at = 0; channel < channels; ++channel) {
        for (const Taps &taps : down) {
            for (std::size_t column = 0; column < across.size(); ++column) {
                const float *old = narrowed.data() + (channel * rows + taps.first) * across.size() + column;
                float sum = 0;
                for (std::size_t i = 0; i < taps.weights.size(); ++i)
                    sum += taps.weights[i] * old[i * across.size()];
                out[at++] = static_cast<std::uint8_t>(std::clamp(std::lround(sum), 0l, 255l));
            }
        }
    }
}

} // namespace engine
