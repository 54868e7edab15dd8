// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/data/inputfile.h"
#include "engine/data/sources.h"
#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <sstream>
#include <system_error>

#include <archive.h>
#include <archive_entry.h>

namespace engine {
namespace {

constexpr std::size_t kImageBytes = 3 * 32 * 32;
constexpr std::size_t kRecordBytes = 1 + kImageBytes;
constexpr std::size_t kRecords = 10'000;
constexpr std::size_t kFileBytes = kRecords * kRecordBytes;
constexpr std::size_t kClasses = 10;
constexpr std::size_t kMostNameBytes = 4096;
constexpr int kMostEntries = 1000;                      // the official archive has 9
constexpr std::int64_t kMostUnpackedBytes = 512 << 20;  // the official archive has 185 MB
constexpr std::array<const char *, 6> kFiles{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                             "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"};
constexpr const char *kNamesFile = "batches.meta.txt";

/// What the files hold, before anything in it is believed.
struct RawFiles {
    std::array<std::vector<std::uint8_t>, kFiles.size()> batches; ///< as kFiles
    std::optional<std::string> names;
};

std::unexpected<Error> wrongSize(const std::string &file, const std::string &found)
{
    return fail(ErrorCode::BadFormat, "The file " + file + " is no CIFAR-10 batch: expected " + std::to_string(kFileBytes)
                                          + " bytes, found " + found + ".");
}

Result<std::vector<std::uint8_t>> readBatch(const std::filesystem::path &path)
{
    auto file = InputFile::open(path);
    if (!file)
        return std::unexpected(file.error());
    if (file->sizeBytes() != kFileBytes)
        return wrongSize(quoted(path), std::to_string(file->sizeBytes()));
    std::vector<std::uint8_t> bytes(kFileBytes);
    const auto got = file->read(bytes);
    if (!got)
        return std::unexpected(got.error());
    if (*got != kFileBytes)
        return wrongSize(quoted(path), std::to_string(*got));
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

Result<RawFiles> readFolder(std::filesystem::path folder)
{
    std::error_code ignored;
    const auto inner = folder / "cifar-10-batches-bin";
    if (!std::filesystem::exists(folder / kFiles[0], ignored) && std::filesystem::is_directory(inner, ignored))
        folder = inner;
    RawFiles raw;
    for (std::size_t i = 0; i < kFiles.size(); ++i) {
        auto batch = readBatch(folder / kFiles[i]);
        if (!batch && batch.error().code == ErrorCode::NotFound)
            return fail(ErrorCode::NotFound, "CIFAR-10 is incomplete: the folder " + quoted(folder) + " has no file "
                                                 + kFiles[i] + ", expected data_batch_1.bin to data_batch_5.bin and test_batch.bin.");
        if (!batch)
            return std::unexpected(batch.error());
        raw.batches[i] = std::move(*batch);
    }
    auto names = readNames(folder / kNamesFile);
    if (!names)
        return std::unexpected(names.error());
    raw.names = std::move(*names);
    return raw;
}

/// An archive that is being streamed; entries are unpacked into memory only, never onto the disk.
class TarReader {
public:
    explicit TarReader(InputFile file) : m_file(std::move(file)), m_archive(::archive_read_new())
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
        for (int entries = 0;; ++entries) {
            archive_entry *entry = nullptr;
            const int state = ::archive_read_next_header(m_archive.get(), &entry);
            if (state == ARCHIVE_EOF)
                return raw;
            if (state != ARCHIVE_OK && state != ARCHIVE_WARN)
                return damaged();
            if (entries == kMostEntries || ::archive_entry_size(entry) > kMostUnpackedBytes
                || ::archive_filter_bytes(m_archive.get(), 0) > kMostUnpackedBytes)
                return fail(ErrorCode::BadFormat, "The archive " + quoted(m_file.path())
                                                      + " holds far more than CIFAR-10 does, expected cifar-10-binary.tar.gz.");
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
                                              + (text ? text : "no further reason") + "), expected cifar-10-binary.tar.gz.");
    }

    Result<void> take(archive_entry *entry, RawFiles &raw)
    {
        const char *pathname = ::archive_entry_pathname(entry);
        if (!pathname || ::archive_entry_filetype(entry) != AE_IFREG)
            return {};
        const std::string name = std::filesystem::path{pathname}.filename().string();
        const auto at = std::ranges::find(kFiles, name);
        if (at == kFiles.end() && name != kNamesFile)
            return {};
        const std::string shown = quoted(pathname) + " in " + quoted(m_file.path());
        const bool isBatch = at != kFiles.end();
        if (isBatch ? !raw.batches[static_cast<std::size_t>(at - kFiles.begin())].empty() : raw.names.has_value())
            return fail(ErrorCode::BadFormat, "The file " + shown + " is there twice, expected once.");
        if (isBatch && ::archive_entry_size(entry) != static_cast<std::int64_t>(kFileBytes))
            return wrongSize(shown, std::to_string(::archive_entry_size(entry)));
        auto bytes = readEntry(isBatch ? kFileBytes : kMostNameBytes);
        if (!bytes)
            return std::unexpected(bytes.error());
        if (!isBatch)
            raw.names = std::string(bytes->begin(), bytes->end());
        else if (bytes->size() != kFileBytes)
            return wrongSize(shown, std::to_string(bytes->size()));
        else
            raw.batches[static_cast<std::size_t>(at - kFiles.begin())] = std::move(*bytes);
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

    InputFile m_file;
    std::unique_ptr<archive, Closer> m_archive;
};

Result<RawFiles> readArchive(const std::filesystem::path &path)
{
    auto file = InputFile::open(path);
    if (!file)
        return std::unexpected(file.error());
    auto raw = TarReader{std::move(*file)}.readAll();
    if (!raw)
        return raw;
    for (std::size_t i = 0; i < kFiles.size(); ++i) {
        if (raw->batches[i].empty())
            return fail(ErrorCode::NotFound, "CIFAR-10 is incomplete: the archive " + quoted(path) + " has no file " + kFiles[i]
                                                 + ", expected the binary version, cifar-10-binary.tar.gz.");
    }
    return raw;
}

Result<void> append(ImageSet &set, std::vector<std::uint8_t> &&batch, const std::string &file)
{
    for (std::size_t record = 0; record < kRecords; ++record) {
        const auto at = batch.begin() + static_cast<std::ptrdiff_t>(record * kRecordBytes);
        if (*at >= kClasses)
            return fail(ErrorCode::BadFormat, "The file " + file + " is no CIFAR-10 batch: expected a label of 0 to 9 in record number "
                                                  + std::to_string(record + 1) + ", found " + std::to_string(*at) + ".");
        set.labels.push_back(*at);
        set.pixels.insert(set.pixels.end(), at + 1, at + kRecordBytes);
    }
    batch = {}; // frees it: all six at once beside the sets would be 370 MB
    return {};
}

Result<std::vector<std::string>> parseNames(const std::optional<std::string> &text, const std::string &file)
{
    if (!text)
        return std::vector<std::string>{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};
    std::vector<std::string> names;
    std::istringstream lines{*text};
    for (std::string line; std::getline(lines, line);) {
        std::erase_if(line, [](char c) { return static_cast<unsigned char>(c) < ' '; });
        if (!line.empty())
            names.push_back(std::move(line));
    }
    if (names.size() != kClasses)
        return fail(ErrorCode::BadFormat, "The file " + file + " is not usable: expected 10 class names, found "
                                              + std::to_string(names.size()) + ".");
    return names;
}

ImageSet emptySet(std::size_t images)
{
    ImageSet set{.channels = 3, .height = 32, .width = 32, .pixels = {}, .labels = {}};
    set.pixels.reserve(images * kImageBytes);
    set.labels.reserve(images);
    return set;
}

} // namespace

Result<Dataset> loadCifar10(const std::filesystem::path &path)
{
    std::error_code ignored;
    const auto status = std::filesystem::status(path, ignored);
    if (status.type() == std::filesystem::file_type::not_found)
        return fail(ErrorCode::NotFound, "CIFAR-10 is not there: no file or folder " + quoted(path)
                                             + ", expected a folder with data_batch_1.bin or the file cifar-10-binary.tar.gz.");
    auto raw = std::filesystem::is_directory(status) ? readFolder(path) : readArchive(path);
    if (!raw)
        return std::unexpected(raw.error());
    const std::string inside = " of " + quoted(path);
    auto names = parseNames(raw->names, kNamesFile + inside);
    if (!names)
        return std::unexpected(names.error());
    Dataset data{.name = "CIFAR-10", .classNames = std::move(*names), .train = emptySet(5 * kRecords), .test = emptySet(kRecords), .mirrorIsSafe = true};
    for (std::size_t i = 0; i < kFiles.size(); ++i) {
        auto &set = i + 1 < kFiles.size() ? data.train : data.test;
        if (auto added = append(set, std::move(raw->batches[i]), kFiles[i] + inside); !added)
            return std::unexpected(added.error());
    }
    return data;
}

} // namespace engine
