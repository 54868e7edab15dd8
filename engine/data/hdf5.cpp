// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/inputfile.h"
#include "engine/data/sources.h"
#include "engine/storage/imagefile.h"
#include <algorithm>

namespace engine {
namespace {

constexpr std::int64_t kMostClasses = 256;
constexpr std::uint64_t kLongestSide = 1024;
constexpr double kTestShare = 0.2;

std::unexpected<Error> badFile(const std::filesystem::path &file, const std::string &expected, const std::string &found)
{
    return fail(ErrorCode::BadFormat, "The images in " + quoted(file) + " are not usable: expected " + expected + ", found " + found + ".");
}

Result<ImageSet> toImageSet(ImageFile::Part &&part, const std::filesystem::path &file, std::int64_t classes)
{
    const auto [images, channels, height, width] = part.shape;
    if ((channels != 1 && channels != 3) || height > kLongestSide || width > kLongestSide)
        return badFile(file, "1 or 3 channels and sides of up to " + std::to_string(kLongestSide) + " pixels",
                       std::to_string(channels) + " × " + std::to_string(height) + " × " + std::to_string(width));
    ImageSet set{.channels = static_cast<int>(channels), .height = static_cast<int>(height), .width = static_cast<int>(width),
                 .pixels = std::move(part.pixels), .labels = std::vector<std::uint8_t>(images)};
    const auto wrong = std::ranges::find_if(part.labels, [&](std::int64_t label) { return label < 0 || label >= classes; });
    if (wrong != part.labels.end())
        return badFile(file, "labels 0 to " + std::to_string(classes - 1),
                       "label " + std::to_string(*wrong) + " for image number " + std::to_string(wrong - part.labels.begin() + 1));
    std::ranges::transform(part.labels, set.labels.begin(), [](std::int64_t label) { return static_cast<std::uint8_t>(label); });
    return set;
}

ImageSet chosen(const ImageSet &from, std::span<const std::uint32_t> indices)
{
    ImageSet set{.channels = from.channels, .height = from.height, .width = from.width, .pixels = {}, .labels = {}};
    set.pixels.reserve(indices.size() * from.imageBytes());
    for (const auto i : indices) {
        set.labels.push_back(from.labels[i]);
        set.pixels.insert(set.pixels.end(), from.image(i).begin(), from.image(i).end());
    }
    return set;
}

/// A file without test images: some of the others become that, the same ones whatever the run's seed.
void takeTestOut(Dataset &data)
{
    const Split split = splitValidation(data.train, kTestShare, 0);
    data.test = chosen(data.train, split.validation);
    data.train = chosen(data.train, split.train);
}

} // namespace

Result<Dataset> loadHdf5(const std::filesystem::path &file)
{
    auto content = readImageFile(file);
    if (!content)
        return std::unexpected(content.error());
    const std::int64_t highest =
        std::max(std::ranges::max(content->train.labels), content->test ? std::ranges::max(content->test->labels) : 0);
    auto &names = content->classNames;
    const std::int64_t classes = names.empty() ? std::min(highest + 1, kMostClasses) : static_cast<std::int64_t>(names.size());
    if (classes < 2 || classes > kMostClasses)
        return badFile(file, "2 to 256 classes", std::to_string(classes));
    for (std::int64_t label = 0; names.size() < static_cast<std::size_t>(classes); ++label)
        names.push_back(std::to_string(label));
    auto train = toImageSet(std::move(content->train), file, classes);
    if (!train)
        return std::unexpected(train.error());
    Dataset data{.name = file.filename().string(), .classNames = std::move(names), .train = *std::move(train), .test = {},
                 .mirrorIsSafe = content->mirrorIsSafe};
    if (!content->test) {
        takeTestOut(data);
        if (data.test.count() == 0 || data.train.count() == 0)
            return badFile(file, "more images, of which a fifth can be set aside for the test",
                           std::to_string(data.train.count() + data.test.count()));
        return data;
    }
    auto test = toImageSet(*std::move(content->test), file, classes);
    if (!test)
        return std::unexpected(test.error());
    data.test = *std::move(test);
    return data;
}

} // namespace engine
