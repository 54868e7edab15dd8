// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/inputfile.h"
#include "engine/data/sources.h"
#include <algorithm>
#include <array>
#include <system_error>

namespace engine {
namespace {

constexpr std::uint32_t kLongestSide = 1024;
constexpr std::uint32_t kMostImages = 1'000'000; // 16 times the real set; bounds what a forged header can ask for
constexpr std::size_t kFirstRead = 1u << 20;
constexpr const char *kInstallHint = " (the Debian package dataset-fashion-mnist brings it: sudo apt install dataset-fashion-mnist)";

/// What a set of IDX files must be.
struct Demands {
    std::string name;        ///< how error sentences call it
    std::string hint;        ///< where it comes from; may be empty
    std::uint32_t side = 0;  ///< of the images; 0: any
    std::uint32_t classes = 256;
};

/// Images or labels of one file.
struct IdxFile {
    std::uint32_t count = 0, height = 1, width = 1;
    std::vector<std::uint8_t> bytes;
};

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

/// Reads `expected` bytes. Memory grows with what really arrives, so a forged header cannot ask for more than
/// twice that.
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

/// One IDX file; `rank` 3: images, `rank` 1: labels.
Result<IdxFile> readIdx(const std::filesystem::path &file, std::uint32_t rank, const Demands &demands)
{
    auto opened = InputFile::open(file);
    if (!opened && opened.error().code == ErrorCode::NotFound)
        return fail(ErrorCode::NotFound, demands.name + " is incomplete: the folder " + quoted(file.parent_path()) + " has no file "
                                             + file.stem().string() + ", neither plain nor as .gz" + demands.hint + ".");
    if (!opened)
        return std::unexpected(opened.error());
    GzipReader reader{std::move(*opened)};
    std::array<std::uint8_t, 16> header{};
    const auto wantedBytes = std::span{header}.first(4 + 4 * rank);
    const auto got = reader.read(wantedBytes);
    if (!got)
        return std::unexpected(got.error());
    const std::uint32_t magic = bigEndian(header.data()), wanted = 0x800 + rank;
    if (*got >= 4 && magic != wanted)
        return badFile(file, std::string{rank == 3 ? "IDX images" : "IDX labels"} + " (magic number " + std::to_string(wanted) + ")",
                       "magic number " + std::to_string(magic));
    if (*got < wantedBytes.size())
        return badFile(file, "an IDX header of " + std::to_string(wantedBytes.size()) + " bytes", std::to_string(*got) + " bytes");
    IdxFile result;
    result.count = bigEndian(header.data() + 4);
    if (result.count == 0 || result.count > kMostImages)
        return badFile(file, "1 to " + std::to_string(kMostImages) + " entries", std::to_string(result.count));
    if (rank == 3) {
        result.height = bigEndian(header.data() + 8);
        result.width = bigEndian(header.data() + 12);
        const std::string found = std::to_string(result.height) + "×" + std::to_string(result.width), side = std::to_string(demands.side);
        if (demands.side > 0 && (result.height != demands.side || result.width != demands.side))
            return badFile(file, "images of " + side + "×" + side + " pixels", found);
        if (std::min(result.height, result.width) == 0 || std::max(result.height, result.width) > kLongestSide)
            return badFile(file, "images with sides of 1 to " + std::to_string(kLongestSide) + " pixels", found);
    }
    auto bytes = readBody(reader, file, std::size_t{result.count} * result.height * result.width);
    if (!bytes)
        return std::unexpected(bytes.error());
    result.bytes = std::move(*bytes);
    return result;
}

Result<ImageSet> readPair(const std::filesystem::path &folder, const char *imagesName, const char *labelsName, const Demands &demands)
{
    const auto imagesFile = pick(folder, imagesName), labelsFile = pick(folder, labelsName);
    auto images = readIdx(imagesFile, 3, demands);
    if (!images)
        return std::unexpected(images.error());
    auto labels = readIdx(labelsFile, 1, demands);
    if (!labels)
        return std::unexpected(labels.error());
    if (labels->count != images->count)
        return badFile(labelsFile, std::to_string(images->count) + " labels as " + quoted(imagesFile.filename()) + " has images",
                       std::to_string(labels->count));
    const auto wrong = std::ranges::find_if(labels->bytes, [&](std::uint8_t label) { return label >= demands.classes; });
    if (wrong != labels->bytes.end())
        return badFile(labelsFile, "labels 0 to " + std::to_string(demands.classes - 1),
                       "label " + std::to_string(*wrong) + " for image number " + std::to_string(wrong - labels->bytes.begin() + 1));
    return ImageSet{.channels = 1, .height = static_cast<int>(images->height), .width = static_cast<int>(images->width),
                    .pixels = std::move(images->bytes), .labels = std::move(labels->bytes)};
}

/// Both sets; class names are left to the caller.
Result<Dataset> readFolder(const std::filesystem::path &folder, const Demands &demands)
{
    std::error_code ignored;
    const auto status = std::filesystem::status(folder, ignored);
    if (status.type() == std::filesystem::file_type::not_found)
        return fail(ErrorCode::NotFound, demands.name + " is not there: no folder " + quoted(folder) + demands.hint + ".");
    if (std::filesystem::exists(status) && !std::filesystem::is_directory(status))
        return fail(ErrorCode::Unreadable, quoted(folder) + " is a file, expected the folder that holds the four IDX files.");
    auto train = readPair(folder, "train-images-idx3-ubyte", "train-labels-idx1-ubyte", demands);
    if (!train)
        return std::unexpected(train.error());
    auto test = readPair(folder, "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte", demands);
    if (!test)
        return std::unexpected(test.error());
    return Dataset{.name = demands.name, .classNames = {}, .train = std::move(*train), .test = std::move(*test)};
}

} // namespace

Result<Dataset> loadFashionMnist(const std::filesystem::path &folder)
{
    auto data = readFolder(folder, {.name = "Fashion-MNIST", .hint = kInstallHint, .side = 28, .classes = 10});
    if (!data)
        return data;
    data->classNames = {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"};
    data->mirrorIsSafe = true;
    return data;
}

Result<Dataset> loadIdx(const std::filesystem::path &folder)
{
    auto data = readFolder(folder, {.name = "The IDX data set", .hint = ""});
    if (!data)
        return data;
    if (data->train.height != data->test.height || data->train.width != data->test.width)
        return badFile(pick(folder, "t10k-images-idx3-ubyte"), "images of the size of those to train with, "
                           + std::to_string(data->train.height) + "×" + std::to_string(data->train.width),
                       std::to_string(data->test.height) + "×" + std::to_string(data->test.width));
    const int highest = std::max(std::ranges::max(data->train.labels), std::ranges::max(data->test.labels));
    if (highest == 0)
        return badFile(pick(folder, "train-labels-idx1-ubyte"), "at least two classes", "label 0 alone");
    for (int label = 0; label <= highest; ++label)
        data->classNames.push_back(std::to_string(label));
    data->name = (folder.has_filename() ? folder : folder.parent_path()).filename().string();
    return data;
}

} // namespace engine
