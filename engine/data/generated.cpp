// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/random.h"
#include "engine/data/sources.h"
#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <string>

namespace engine {
namespace {

constexpr int kClasses = 10;
constexpr int kLattice = 5;           // a pattern is 5×5 random grey values, interpolated: smooth, so a crop of 2 keeps it
constexpr std::uint64_t kSeed = 2026; // the set is always the same one
constexpr int kNoise = 36;            // largest of each of four added values; makes neighbouring classes overlap a little

struct Shape { int channels = 1, height = 28, width = 28; };

Result<Shape> parseShape(std::string_view text)
{
    if (text.empty())
        return Shape{};
    std::array<int, 3> sides{};
    const char *at = text.data(), *end = text.data() + text.size();
    bool good = true;
    for (std::size_t i = 0; i < sides.size() && good; ++i) {
        const auto [stop, error] = std::from_chars(at, end, sides[i]);
        good = error == std::errc{} && (i == 2 ? stop == end : stop != end && *stop == 'x');
        at = stop + (i < 2 && good ? 1 : 0);
    }
    const auto fits = [](int side) { return side >= 16 && side <= 64; };
    if (!good || (sides[0] != 1 && sides[0] != 3) || !fits(sides[1]) || !fits(sides[2]))
        return fail(ErrorCode::BadValue, "The generated set cannot have the shape \"" + std::string{text}
                                             + "\": expected CxHxW, such as 3x32x32, with 1 or 3 channels and sides of 16 to 64.");
    return Shape{.channels = sides[0], .height = sides[1], .width = sides[2]};
}

/// Grey values 0 … 255 of one plane of one class. Whole numbers only, so that every machine makes the same set.
std::vector<int> makePlane(const Shape &shape, SplitMix64 &random)
{
    std::array<int, kLattice * kLattice> lattice{};
    std::ranges::generate(lattice, [&] { return static_cast<int>(random.below(256)); });
    std::vector<int> plane;
    plane.reserve(static_cast<std::size_t>(shape.height) * shape.width);
    for (int y = 0; y < shape.height; ++y) {
        for (int x = 0; x < shape.width; ++x) {
            const int down = y * (kLattice - 1), right = x * (kLattice - 1);
            const int row = down / shape.height, column = right / shape.width;
            const int dy = down % shape.height, dx = right % shape.width;
            const int *corner = &lattice[static_cast<std::size_t>(row * kLattice + column)];
            const int above = corner[0] * (shape.width - dx) + corner[1] * dx;
            const int below = corner[kLattice] * (shape.width - dx) + corner[kLattice + 1] * dx;
            plane.push_back((above * (shape.height - dy) + below * dy) / (shape.width * shape.height));
        }
    }
    return plane;
}

std::uint8_t noisy(int grey, int contrast, SplitMix64 &random)
{
    int noise = 0;
    for (int i = 0; i < 4; ++i)
        noise += static_cast<int>(random.below(2 * kNoise + 1)) - kNoise;
    return static_cast<std::uint8_t>(std::clamp(128 + (grey - 128) * contrast / 100 + noise, 0, 255));
}

ImageSet makeSet(const Shape &shape, const std::vector<std::vector<int>> &patterns, std::size_t count, SplitMix64 random)
{
    ImageSet set{.channels = shape.channels, .height = shape.height, .width = shape.width, .pixels = {}, .labels = {}};
    set.pixels.reserve(count * set.imageBytes());
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t label = i % kClasses;
        const int contrast = 30 + static_cast<int>(random.below(71)); // percent
        for (const int grey : patterns[label])
            set.pixels.push_back(noisy(grey, contrast, random));
        set.labels.push_back(static_cast<std::uint8_t>(label));
    }
    return set;
}

} // namespace

Result<Dataset> makeGenerated(std::string_view text)
{
    const auto shape = parseShape(text);
    if (!shape)
        return std::unexpected(shape.error());
    SplitMix64 random{kSeed};
    std::vector<std::vector<int>> patterns(kClasses);
    Dataset data;
    data.name = "generated patterns (not real data)";
    for (auto &pattern : patterns) {
        for (int channel = 0; channel < shape->channels; ++channel)
            std::ranges::copy(makePlane(*shape, random), std::back_inserter(pattern));
        data.classNames.push_back("pattern " + std::to_string(data.classNames.size()));
    }
    data.train = makeSet(*shape, patterns, 2000, SplitMix64{kSeed, 1});
    data.test = makeSet(*shape, patterns, 500, SplitMix64{kSeed, 2});
    return data;
}

} // namespace engine
