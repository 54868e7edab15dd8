// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/inputfile.h"
#include "engine/data/sources.h"
#include <algorithm>
#include <array>
#include <system_error>

namespace engine {
namespace {

constexpr std::uint32_t kSide = 28;
constexpr int kClasses = 10;
constexpr std::uint32_t kMostImages = 1'000'000; // 16 times the real set; bounds what a forged header can ask for
constexpr std::size_t kFirstRead = 1u << 20;
constexpr const char *kInstallHint = " (the Debian package dataset-fashion-mnist brings it: sudo apt install dataset-fashion-mnist)";

/// `folder`/`name`, or the same with .gz where only that is there.
std::filesystem::path pick(const std::filesystem::path &folder, const char *name)
{
    std::error_code ignored;
    const auto plain = folder / name;
    auto zipped = plain;
    zipped += ".gz";
    return std::filesystem::exists(plain, ignored) ? plain : zipped;
}

std::uint32_t bigEndian(const std::uint8_t *bytes)
{
    return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
}

std::unexpected<Error> badFile(const std::filesystem::path &file, const std::string &expected, const std::string &found)
{
    return fail(ErrorCode::BadFormat, "The file " + quoted(file) + " is not usable: expected " + expected + ", found " + found + ".");
}

/// Reads `expected` bytes. Memory grows with what really arrives, so a forged header cannot ask for more than twice that.
Result<std::vector<std::uint8_t>> readBody(GzipReader &reader, const std::filesystem::path &file, std::size_t expected)
{
    std::vector<std::uint8_t> body;
    while (body.size() < expected) {
        const std::size_t before = body.size();
        body.resize(before + std::min(expected - before, std::max(kFirstRead, before)));
        const auto got = reader.read(std::span{body}.subspan(before));
        if (!got)
            return std::unexpected(got.error());
        if (before + *got < body.size())
            return badFile(file, std::to_string(expected) + " bytes after the header", "only " + std::to_string(before + *got));
    }
    std::array<std::uint8_t, 1> more{};
    const auto extra = reader.read(more); // also makes zlib compare its checksum
    if (!extra)
        return std::unexpected(extra.error());
    if (*extra != 0)
        return badFile(file, "an end after " + std::to_string(expected) + " bytes of data", "more data");
    return body;
}

/// The bytes of one IDX file; `rank` 3: images of 28×28, `rank` 1: labels.
Result<std::vector<std::uint8_t>> readIdx(const std::filesystem::path &file, std::uint32_t rank)
{
    auto opened = InputFile::open(file);
    if (!opened && opened.error().code == ErrorCode::NotFound)
        return fail(ErrorCode::NotFound, "Fashion-MNIST is incomplete: the folder " + quoted(file.parent_path()) + " has no file "
                                             + file.stem().string() + ", neither plain nor as .gz" + kInstallHint + ".");
    if (!opened)
        return std::unexpected(opened.error());
    GzipReader reader{std::move(*opened)};
    std::array<std::uint8_t, 16> bytes{};
    const auto header = std::span{bytes}.first(4 + 4 * rank);
    const auto got = reader.read(header);
    if (!got)
        return std::unexpected(got.error());
    const std::uint32_t magic = bigEndian(bytes.data()), wanted = 0x800 + rank;
    if (*got >= 4 && magic != wanted)
        return badFile(file, std::string{rank == 3 ? "IDX images" : "IDX labels"} + " (magic number " + std::to_string(wanted) + ")",
                       "magic number " + std::to_string(magic));
    if (*got < header.size())
        return badFile(file, "an IDX header of " + std::to_string(header.size()) + " bytes", std::to_string(*got) + " bytes");
    const std::uint32_t count = bigEndian(bytes.data() + 4);
    if (count == 0 || count > kMostImages)
        return badFile(file, "1 to " + std::to_string(kMostImages) + " entries", std::to_string(count));
    if (rank == 1)
        return readBody(reader, file, count);
    const std::uint32_t height = bigEndian(bytes.data() + 8), width = bigEndian(bytes.data() + 12);
    if (height != kSide || width != kSide)
        return badFile(file, "images of 28×28 pixels", std::to_string(height) + "×" + std::to_string(width));
    return readBody(reader, file, std::size_t{count} * kSide * kSide);
}

Result<ImageSet> readPair(const std::filesystem::path &folder, const char *imagesName, const char *labelsName)
{
    const auto imagesFile = pick(folder, imagesName), labelsFile = pick(folder, labelsName);
    auto pixels = readIdx(imagesFile, 3);
    if (!pixels)
        return std::unexpected(pixels.error());
    auto labels = readIdx(labelsFile, 1);
    if (!labels)
        return std::unexpected(labels.error());
    const std::size_t images = pixels->size() / (kSide * kSide);
    if (labels->size() != images)
        return badFile(labelsFile, std::to_string(images) + " labels as " + quoted(imagesFile.filename()) + " has images",
                       std::to_string(labels->size()));
    const auto wrong = std::ranges::find_if(*labels, [](std::uint8_t label) { return label >= kClasses; });
    if (wrong != labels->end())
        return badFile(labelsFile, "labels 0 to 9",
                       "label " + std::to_string(*wrong) + " for image number " + std::to_string(wrong - labels->begin() + 1));
    return ImageSet{.channels = 1, .height = kSide, .width = kSide, .pixels = std::move(*pixels), .labels = std::move(*labels)};
}

} // namespace

Result<Dataset> loadFashionMnist(const std::filesystem::path &folder)
{
    std::error_code ignored;
    const auto status = std::filesystem::status(folder, ignored);
    if (status.type() == std::filesystem::file_type::not_found)
        return fail(ErrorCode::NotFound, "Fashion-MNIST is not there: no folder " + quoted(folder) + kInstallHint + ".");
    if (std::filesystem::exists(status) && !std::filesystem::is_directory(status))
        return fail(ErrorCode::Unreadable, quoted(folder) + " is a file, expected the folder that holds the four IDX files.");
    auto train = readPair(folder, "train-images-idx3-ubyte", "train-labels-idx1-ubyte");
    if (!train)
        return std::unexpected(train.error());
    auto test = readPair(folder, "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte");
    if (!test)
        return std::unexpected(test.error());
    return Dataset{.name = "Fashion-MNIST",
                   .classNames = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                                  "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"},
                   .train = std::move(*train),
                   .test = std::move(*test),
                   .mirrorIsSafe = true};
}

} // namespace engine
