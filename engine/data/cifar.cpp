// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/inputfile.h"
#include "engine/data/sources.h"
#include <algorithm>
#include <array>
#include <iterator>
#include <numeric>
#include <optional>
#include <sstream>
#include <system_error>

#include <archive.h>
#include <archive_entry.h>

namespace engine {
namespace {

constexpr std::size_t kImageBytes = 3 * 32 * 32;
constexpr std::size_t kMostNameBytes = 4096;
constexpr int kMostEntries = 1000;                      // the official archives have 9 and fewer
constexpr std::int64_t kMostUnpackedBytes = 512 << 20;  // they have 185 MB

/// One of the two sets; they differ in how records are labelled and divided into files.
struct CifarFormat {
    const char *name, *archive, *innerFolder, *namesFile;
    std::vector<const char *> files; ///< the last one is the test set
    std::vector<std::size_t> records; ///< of each file
    std::size_t labelBytes;           ///< before the pixels of a record; the last one is the label
    std::size_t classes;
    std::vector<std::string> classNames; ///< where there is no file with names; without any, numbers

    std::size_t recordBytes() const { return labelBytes + kImageBytes; }
    std::size_t fileBytes(std::size_t file) const { return records[file] * recordBytes(); }
};

const CifarFormat kCifar10{
    .name = "CIFAR-10",
    .archive = "cifar-10-binary.tar.gz",
    .innerFolder = "cifar-10-batches-bin",
    .namesFile = "batches.meta.txt",
    .files = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"},
    .records = {10'000, 10'000, 10'000, 10'000, 10'000, 10'000},
    .labelBytes = 1,
    .classes = 10,
    .classNames = {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}};
const CifarFormat kCifar100{.name = "CIFAR-100",
                            .archive = "cifar-100-binary.tar.gz",
                            .innerFolder = "cifar-100-binary",
                            .namesFile = "fine_label_names.txt",
                            .files = {"train.bin", "test.bin"},
                            .records = {50'000, 10'000},
                            .labelBytes = 2,
                            .classes = 100,
                            .classNames = {}};

/// What the files hold, before anything in it is believed.
struct RawFiles {
    std::vector<std::vector<std::uint8_t>> batches; ///< as CifarFormat::files
    std::optional<std::string> names;
};

std::unexpected<Error> wrongSize(const CifarFormat &format, const std::string &file, std::size_t expected, const std::string &found)
{
    return fail(ErrorCode::BadFormat, "The file " + file + " is no " + format.name + " batch: expected " + std::to_string(expected)
                                          + " bytes, found " + found + ".");
}

Result<std::vector<std::uint8_t>> readBatch(const CifarFormat &format, const std::filesystem::path &path, std::size_t expected)
{
    auto file = InputFile::open(path);
    if (!file)
        return std::unexpected(file.error());
    if (file->sizeBytes() != expected)
        return wrongSize(format, quoted(path), expected, std::to_string(file->sizeBytes()));
    std::vector<std::uint8_t> bytes(expected);
    const auto got = file->read(bytes);
    if (!got)
        return std::unexpected(got.error());
    if (*got != expected)
        return wrongSize(format, quoted(path), expected, std::to_string(*got));
    return bytes;
}

Result<std::optional<std::string>> readNames(const std::filesystem::path &path)
{
    auto file = InputFile::open(path);
    if (!file && file.error().code == ErrorCode::NotFound)
        return std::nullopt;
    if (!file)
        return std::unexpected(file.error());
    std::vector<std::uint8_t> bytes(kMostNameBytes);
    const auto got = file->read(bytes);
    if (!got)
        return std::unexpected(got.error());
    return std::string(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(*got));
}

std::string listed(const std::vector<const char *> &files)
{
    return files.size() > 2 ? std::string{files.front()} + " to " + files[files.size() - 2] + " and " + files.back()
                            : std::string{files.front()} + " and " + files.back();
}

Result<RawFiles> readFolder(const CifarFormat &format, std::filesystem::path folder)
{
    std::error_code ignored;
    const auto inner = folder / format.innerFolder;
    if (!std::filesystem::exists(folder / format.files[0], ignored) && std::filesystem::is_directory(inner, ignored))
        folder = inner;
    RawFiles raw;
    for (std::size_t i = 0; i < format.files.size(); ++i) {
        auto batch = readBatch(format, folder / format.files[i], format.fileBytes(i));
        if (!batch && batch.error().code == ErrorCode::NotFound)
            return fail(ErrorCode::NotFound, std::string{format.name} + " is incomplete: the folder " + quoted(folder) + " has no file "
                                                 + format.files[i] + ", expected " + listed(format.files) + ".");
        if (!batch)
            return std::unexpected(batch.error());
        raw.batches.push_back(std::move(*batch));
    }
    auto names = readNames(folder / format.namesFile);
    if (!names)
        return std::unexpected(names.error());
    raw.names = std::move(*names);
    return raw;
}

/// An archive that is being streamed; entries are unpacked into memory only, never onto the disk.
class TarReader {
public:
    TarReader(const CifarFormat &format, InputFile file) : m_format{format}, m_file(std::move(file)), m_archive(::archive_read_new())
    {
        if (!m_archive)
            throw std::bad_alloc{};
        // Only what the official file is made of: fewer parsers for a forged file to reach.
        ::archive_read_support_filter_gzip(m_archive.get());
        ::archive_read_support_format_tar(m_archive.get());
    }

    Result<RawFiles> readAll()
    {
        if (::archive_read_open_fd(m_archive.get(), m_file.descriptor(), 1 << 16) != ARCHIVE_OK)
            return damaged();
        RawFiles raw;
        raw.batches.resize(m_format.files.size());
        for (int entries = 0;; ++entries) {
            archive_entry *entry = nullptr;
            const int state = ::archive_read_next_header(m_archive.get(), &entry);
            if (state == ARCHIVE_EOF)
                return raw;
            if (state != ARCHIVE_OK && state != ARCHIVE_WARN)
                return damaged();
            if (entries == kMostEntries || ::archive_entry_size(entry) > kMostUnpackedBytes
                || ::archive_filter_bytes(m_archive.get(), 0) > kMostUnpackedBytes)
                return fail(ErrorCode::BadFormat, "The archive " + quoted(m_file.path()) + " holds far more than " + m_format.name +
                                                      " does, expected " + m_format.archive + ".");
            if (auto taken = take(entry, raw); !taken)
                return std::unexpected(taken.error());
        }
    }

private:
    struct Closer { void operator()(archive *a) const noexcept { ::archive_read_free(a); } };

    std::unexpected<Error> damaged() const
    {
        const char *text = ::archive_error_string(m_archive.get());
        return fail(ErrorCode::BadFormat, "The archive " + quoted(m_file.path()) + " is damaged or no gzipped tar file ("
                                              + (text ? text : "no further reason") + "), expected " + m_format.archive + ".");
    }

    Result<void> take(archive_entry *entry, RawFiles &raw)
    {
        const char *pathname = ::archive_entry_pathname(entry);
        if (!pathname || ::archive_entry_filetype(entry) != AE_IFREG)
            return {};
        const std::string name = std::filesystem::path{pathname}.filename().string();
        const auto at = std::ranges::find(m_format.files, name);
        if (at == m_format.files.end() && name != m_format.namesFile)
            return {};
        const std::string shown = quoted(pathname) + " in " + quoted(m_file.path());
        const bool isBatch = at != m_format.files.end();
        const auto file = static_cast<std::size_t>(at - m_format.files.begin());
        if (isBatch ? !raw.batches[file].empty() : raw.names.has_value())
            return fail(ErrorCode::BadFormat, "The file " + shown + " is there twice, expected once.");
        const std::size_t expected = isBatch ? m_format.fileBytes(file) : kMostNameBytes;
        if (isBatch && ::archive_entry_size(entry) != static_cast<std::int64_t>(expected))
            return wrongSize(m_format, shown, expected, std::to_string(::archive_entry_size(entry)));
        auto bytes = readEntry(expected);
        if (!bytes)
            return std::unexpected(bytes.error());
        if (!isBatch)
            raw.names = std::string(bytes->begin(), bytes->end());
        else if (bytes->size() != expected)
            return wrongSize(m_format, shown, expected, std::to_string(bytes->size()));
        else
            raw.batches[file] = std::move(*bytes);
        return {};
    }

    Result<std::vector<std::uint8_t>> readEntry(std::size_t most)
    {
        std::vector<std::uint8_t> bytes(most);
        std::size_t done = 0;
        while (done < most) {
            const auto got = ::archive_read_data(m_archive.get(), bytes.data() + done, most - done);
            if (got < 0)
                return damaged();
            if (got == 0)
                break;
            done += static_cast<std::size_t>(got);
        }
        bytes.resize(done);
        return bytes;
    }

    const CifarFormat &m_format;
    InputFile m_file;
    std::unique_ptr<archive, Closer> m_archive;
};

Result<RawFiles> readArchive(const CifarFormat &format, const std::filesystem::path &path)
{
    auto file = InputFile::open(path);
    if (!file)
        return std::unexpected(file.error());
    auto raw = TarReader{format, std::move(*file)}.readAll();
    if (!raw)
        return raw;
    for (std::size_t i = 0; i < format.files.size(); ++i) {
        if (raw->batches[i].empty())
            return fail(ErrorCode::NotFound, std::string{format.name} + " is incomplete: the archive " + quoted(path) + " has no file " +
                                                 format.files[i] + ", expected the binary version, " + format.archive + ".");
    }
    return raw;
}

Result<void> append(ImageSet &set, const CifarFormat &format, std::vector<std::uint8_t> &&batch, const std::string &file)
{
    for (std::size_t record = 0; record * format.recordBytes() < batch.size(); ++record) {
        const auto pixels = batch.begin() + static_cast<std::ptrdiff_t>(record * format.recordBytes() + format.labelBytes);
        const std::uint8_t label = *(pixels - 1);
        if (label >= format.classes)
            return fail(ErrorCode::BadFormat, "The file " + file + " is no " + format.name + " batch: expected a label of 0 to "
                                                  + std::to_string(format.classes - 1) + " in record number " + std::to_string(record + 1)
                                                  + ", found " + std::to_string(label) + ".");
        set.labels.push_back(label);
        set.pixels.insert(set.pixels.end(), pixels, pixels + kImageBytes);
    }
    batch = {}; // frees it: all at once beside the sets would be 370 MB
    return {};
}

Result<std::vector<std::string>> parseNames(const CifarFormat &format, const std::optional<std::string> &text, const std::string &file)
{
    if (!text && !format.classNames.empty())
        return format.classNames;
    std::vector<std::string> names;
    for (std::size_t label = 0; !text && label < format.classes; ++label)
        names.push_back(std::to_string(label));
    std::istringstream lines{text.value_or("")};
    for (std::string line; std::getline(lines, line);) {
        std::erase_if(line, [](char c) { return static_cast<unsigned char>(c) < ' '; });
        if (!line.empty())
            names.push_back(std::move(line));
    }
    if (names.size() != format.classes)
        return fail(ErrorCode::BadFormat, "The file " + file + " is not usable: expected " + std::to_string(format.classes) +
                                              " class names, found " + std::to_string(names.size()) + ".");
    return names;
}

ImageSet emptySet(std::size_t images)
{
    ImageSet set{.channels = 3, .height = 32, .width = 32, .pixels = {}, .labels = {}};
    set.pixels.reserve(images * kImageBytes);
    set.labels.reserve(images);
    return set;
}

Result<Dataset> load(const CifarFormat &format, const std::filesystem::path &path)
{
    std::error_code ignored;
    const auto status = std::filesystem::status(path, ignored);
    if (status.type() == std::filesystem::file_type::not_found)
        return fail(ErrorCode::NotFound, std::string{format.name} + " is not there: no file or folder " + quoted(path)
                                             + ", expected a folder with " + format.files.front() + " or the file " + format.archive + ".");
    auto raw = std::filesystem::is_directory(status) ? readFolder(format, path) : readArchive(format, path);
    if (!raw)
        return std::unexpected(raw.error());
    const std::string inside = " of " + quoted(path);
    auto names = parseNames(format, raw->names, format.namesFile + inside);
    if (!names)
        return std::unexpected(names.error());
    const std::size_t test = format.records.back();
    Dataset data{.name = format.name,
                 .classNames = std::move(*names),
                 .train = emptySet(std::accumulate(format.records.begin(), format.records.end(), std::size_t{0}) - test),
                 .test = emptySet(test),
                 .mirrorIsSafe = true};
    for (std::size_t i = 0; i < format.files.size(); ++i) {
        auto &set = i + 1 < format.files.size() ? data.train : data.test;
        if (auto added = append(set, format, std::move(raw->batches[i]), format.files[i] + inside); !added)
            return std::unexpected(added.error());
    }
    return data;
}

} // namespace

Result<Dataset> loadCifar10(const std::filesystem::path &path) { return load(kCifar10, path); }

Result<Dataset> loadCifar100(const std::filesystem::path &path) { return load(kCifar100, path); }

} // namespace engine
