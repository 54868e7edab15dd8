// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/machine.h"
#include "engine/core/parallelfor.h"
#include "engine/data/imagedecoder.h"
#include "engine/data/imagescaling.h"
#include "engine/data/inputfile.h"
#include "engine/data/sources.h"
#include <algorithm>
#include <charconv>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include <unistd.h>

namespace engine {
namespace {

constexpr std::size_t kMostClasses = 256, kMostEntries = 1'000'000;
constexpr int kUsualSide = 32, kLongestSideKept = 96, kShortestSide = 16, kLongestSide = 256;
constexpr std::size_t kTestEvery = 5;
constexpr unsigned kMostThreads = 16;
constexpr std::size_t kLargeImage = std::size_t{1} << 24; // pixels; several at once could fill the memory

using Path = std::filesystem::path;

std::unexpected<Error> badFolder(const Path &folder, const std::string &expected, const std::string &found)
{
    return fail(ErrorCode::BadFormat, "The folder " + quoted(folder) + " is not usable: expected " + expected + ", found " + found + ".");
}

bool isFolder(const Path &path)
{
    std::error_code ignored;
    return std::filesystem::is_directory(path, ignored);
}

bool isImageName(const Path &path)
{
    std::string ending = path.extension().string();
    std::ranges::transform(ending, ending.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return ending == ".png" || ending == ".jpg" || ending == ".jpeg";
}

/// What a folder holds, but for hidden entries, sorted by name.
Result<std::vector<Path>> visibleEntries(const Path &folder)
{
    std::vector<Path> entries;
    std::error_code error;
    for (std::filesystem::directory_iterator at{folder, error}, end; !error && at != end; at.increment(error)) {
        if (!at->path().filename().native().starts_with('.'))
            entries.push_back(at->path());
        if (entries.size() > kMostEntries)
            return badFolder(folder, "at most " + std::to_string(kMostEntries) + " entries", "more");
    }
    if (error)
        return fail(ErrorCode::Unreadable, "The folder " + quoted(folder) + " cannot be read: " + error.message() + ".");
    std::ranges::sort(entries, {}, [](const Path &path) -> const std::string & { return path.native(); });
    return entries;
}

struct Class {
    std::string name;
    std::vector<Path> files; ///< sorted by name
};

Result<std::vector<Class>> listClasses(const Path &folder)
{
    auto entries = visibleEntries(folder);
    if (!entries)
        return std::unexpected(entries.error());
    std::erase_if(*entries, [](const Path &path) { return !isFolder(path); });
    if (entries->size() < 2 || entries->size() > kMostClasses)
        return badFolder(folder, "2 to " + std::to_string(kMostClasses) + " sub-folders with the images of one class each",
                         entries->empty() ? "no sub-folder" : std::to_string(entries->size()));
    std::vector<Class> classes;
    for (const Path &place : *entries) {
        auto files = visibleEntries(place);
        if (!files)
            return std::unexpected(files.error());
        const auto other = std::ranges::find_if_not(*files, isImageName);
        const std::string instead = other == files->end() ? "none" : "only others such as " + quoted(other->filename());
        std::erase_if(*files, [](const Path &path) { return !isImageName(path); });
        if (files->empty())
            return badFolder(place, "files whose names end in .png, .jpg or .jpeg", instead);
        classes.push_back({place.filename().string(), *std::move(files)});
    }
    return classes;
}

struct Listing {
    std::vector<std::string> classNames;
    std::vector<Path> files;          ///< those to train with, then those of the test
    std::vector<std::uint8_t> labels; ///< one for each
    std::size_t trainCount = 0;

    void append(const Path &file, std::size_t label)
    {
        files.push_back(file);
        labels.push_back(static_cast<std::uint8_t>(label));
    }
};

Result<Listing> fromTwoFolders(const Path &trainFolder, const Path &testFolder)
{
    const auto train = listClasses(trainFolder);
    if (!train)
        return std::unexpected(train.error());
    const auto test = listClasses(testFolder);
    if (!test)
        return std::unexpected(test.error());
    const auto lacks = [](const std::vector<Class> &classes, const Class &wanted) {
        return std::ranges::find(classes, wanted.name, &Class::name) == classes.end();
    };
    const std::string expected = "the classes of " + quoted(trainFolder);
    for (const Class &one : *test) {
        if (lacks(*train, one))
            return badFolder(testFolder, expected, quoted(Path{one.name}) + " besides");
    }
    Listing listing;
    for (const Class &one : *train) {
        if (lacks(*test, one))
            return badFolder(testFolder, expected, "no " + quoted(Path{one.name}));
        listing.classNames.push_back(one.name);
    }
    for (const auto *part : {&*train, &*test}) {
        listing.trainCount = listing.files.size();
        for (std::size_t label = 0; label < part->size(); ++label) {
            for (const Path &file : (*part)[label].files)
                listing.append(file, label);
        }
    }
    return listing;
}

/// Without a part for the test: every fifth image of each class becomes that.
Result<Listing> fromOneFolder(const Path &folder)
{
    const auto classes = listClasses(folder);
    if (!classes)
        return std::unexpected(classes.error());
    Listing listing;
    for (const bool isTest : {false, true}) {
        listing.trainCount = listing.files.size();
        for (std::size_t label = 0; label < classes->size(); ++label) {
            const auto &files = (*classes)[label].files;
            for (std::size_t i = 0; i < files.size(); ++i) {
                if ((i % kTestEvery == kTestEvery - 1) == isTest)
                    listing.append(files[i], label);
            }
        }
    }
    if (listing.trainCount == listing.files.size())
        return badFolder(folder, "folders train and test, or a class with five images or more, of which every fifth is for the test",
                         "at most " +
                             std::to_string(std::ranges::max(*classes, {}, [](const Class &c) { return c.files.size(); }).files.size()) +
                             " in a class");
    for (const Class &one : *classes)
        listing.classNames.push_back(one.name);
    return listing;
}

Result<Listing> listImages(const Path &folder)
{
    std::error_code ignored;
    const auto status = std::filesystem::status(folder, ignored);
    if (status.type() == std::filesystem::file_type::not_found)
        return fail(ErrorCode::NotFound,
                    "The images are not there: no folder " + quoted(folder) + ", expected one with a sub-folder for each class.");
    if (std::filesystem::exists(status) && !std::filesystem::is_directory(status))
        return fail(ErrorCode::Unreadable, quoted(folder) + " is a file, expected a folder with a sub-folder for each class.");
    const Path train = folder / "train";
    if (!isFolder(train))
        return fromOneFolder(folder);
    for (const char *name : {"test", "val", "valid"}) {
        if (isFolder(folder / name))
            return fromTwoFolders(train, folder / name);
    }
    // A class may be called "train", too: then its folder holds images.
    const auto inside = visibleEntries(train);
    if (!inside)
        return std::unexpected(inside.error());
    if (std::ranges::any_of(*inside, isFolder))
        return badFolder(folder, "a folder test, val or valid beside train", "none");
    return fromOneFolder(folder);
}

/// What all images become.
struct Shape {
    int channels = 3, height = kUsualSide, width = kUsualSide;
    std::size_t bytes() const
    {
        return static_cast<std::size_t>(channels) * static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
    }
};

Shape commonShape(const std::vector<ImageHeader> &headers, std::optional<int> side)
{
    Shape shape{.channels = std::ranges::all_of(headers, &ImageHeader::grey) ? 1 : 3};
    const ImageHeader &first = headers.front();
    const bool alike =
        std::ranges::all_of(headers, [&](const ImageHeader &h) { return h.width == first.width && h.height == first.height; });
    if (side || !alike || std::max(first.width, first.height) > kLongestSideKept)
        shape.width = shape.height = side.value_or(kUsualSide);
    else
        shape.width = first.width, shape.height = first.height;
    return shape;
}

Result<void> fitsMemory(const Path &folder, std::size_t images, const Shape &shape)
{
    constexpr std::size_t kMebi = 1 << 20;
    const auto memory = static_cast<std::size_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    if (images > memory / shape.bytes())
        return badFolder(folder, "images that fit into the " + std::to_string(memory / kMebi) + " MiB of memory",
                         std::to_string(images) + " that take " + std::to_string(images * shape.bytes() / kMebi) + " MiB");
    return {};
}

ImageSet emptySet(const Shape &shape, std::span<const std::uint8_t> labels)
{
    return {.channels = shape.channels,
            .height = shape.height,
            .width = shape.width,
            .pixels = std::vector<std::uint8_t>(labels.size() * shape.bytes()),
            .labels = {labels.begin(), labels.end()}};
}

Result<Dataset> load(const Path &folder, std::optional<int> side, unsigned threads)
{
    auto listing = listImages(folder);
    if (!listing)
        return std::unexpected(listing.error());
    const auto &files = listing->files;
    std::vector<ImageHeader> headers(files.size());
    const auto examined = parallelFor(files.size(), threads, {}, [&](std::size_t i) -> Result<void> {
        auto header = readImageHeader(files[i]);
        if (!header)
            return std::unexpected(header.error());
        headers[i] = *header;
        return {};
    });
    if (!examined)
        return std::unexpected(examined.error());
    const Shape shape = commonShape(headers, side);
    if (auto fits = fitsMemory(folder, files.size(), shape); !fits)
        return std::unexpected(fits.error());
    const std::span labels{listing->labels};
    Dataset data{.name = (folder.has_filename() ? folder : folder.parent_path()).filename().string(),
                 .classNames = std::move(listing->classNames),
                 .train = emptySet(shape, labels.first(listing->trainCount)),
                 .test = emptySet(shape, labels.subspan(listing->trainCount)),
                 .mirrorIsSafe = true}; // as for photographs, which most such folders hold; who has letters picks the augmentation
    std::mutex large;
    const auto decoded = parallelFor(files.size(), threads, {}, [&](std::size_t i) -> Result<void> {
        std::unique_lock alone{large, std::defer_lock};
        if (headers[i].pixels() > kLargeImage)
            alone.lock();
        const auto image = decodeImage(files[i], shape.channels, 2 * std::max(shape.width, shape.height));
        if (!image)
            return std::unexpected(image.error());
        const bool isTrain = i < listing->trainCount;
        auto &pixels = isTrain ? data.train.pixels : data.test.pixels;
        const std::size_t place = isTrain ? i : i - listing->trainCount;
        scaleInto(*image, shape.width, shape.height, std::span{pixels}.subspan(place * shape.bytes(), shape.bytes()));
        return {};
    });
    return decoded ? Result<Dataset>{std::move(data)} : std::unexpected(decoded.error());
}

} // namespace

Result<Dataset> loadFolder(const Path &place, unsigned threads)
{
    if (threads == 0)
        threads = std::min(usableProcessors(), kMostThreads);
    const std::string text = place.string();
    const auto at = text.rfind('@');
    const auto digits = at == std::string::npos ? std::string{} : text.substr(at + 1);
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos || isFolder(place))
        return load(place, {}, threads);
    int side = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), side); // leaves 0 where the number is far too large
    if (side < kShortestSide || side > kLongestSide)
        return fail(ErrorCode::BadValue, "The side of the images in " + quoted(place) + " is not usable: expected a number from " +
                                             std::to_string(kShortestSide) + " to " + std::to_string(kLongestSide) +
                                             " after the @, found " + digits + ".");
    return load(text.substr(0, at), side, threads);
}

} // namespace engine
