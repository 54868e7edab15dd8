// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/codecounts.h"
#include "engine/coding/deflate.h"
#include "engine/coding/description.h"
#include "engine/coding/fields.h"
#include "engine/coding/half.h"
#include "engine/coding/packedfile.h"
#include "engine/coding/sections.h"
#include "engine/frame/size.h"
#include "engine/files/atomicfile.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <fmt/format.h>

namespace engine {
namespace {

using namespace sections;

/// Stored entropies are float32; a reader's logarithm may differ from the writer's.
constexpr double kEntropyTolerance = 1e-4;

std::unexpected<Error> in(const std::string &where, const Error &error)
{
    return fail(error.code, fmt::format("{}: {}.", where, error.text));
}
std::unexpected<Error> damaged(std::string text) { return fail(ErrorCode::BadFormat, std::move(text)); }

std::string whereOf(const std::filesystem::path &file) { return "Packed file " + inQuotes(file); }

/// The sections this version knows, which stand in one order.
struct Known {
    const PackedSection *network = nullptr, *provenance = nullptr, *log = nullptr, *index = nullptr, *code = nullptr, *codebooks = nullptr,
                        *tensors = nullptr;
    std::vector<const PackedSection *> kernels;
};

Result<Known> sortOut(const std::vector<PackedSection> &all)
{
    Known known;
    const std::pair<std::string_view, const PackedSection **> single[] = {{kNetwork, &known.network},     {kProvenance, &known.provenance},
                                                                          {kLog, &known.log},             {kIndex, &known.index},
                                                                          {kCode, &known.code},           {kCodebooks, &known.codebooks},
                                                                          {kTensors, &known.tensors}};
    constexpr std::string_view order[] = {kNetwork, kProvenance, kLog, kIndex, kCode, kCodebooks, kKernel, kTensors, kEnd};
    std::size_t last = 0;
    for (const auto &section : all) {
        const auto place = static_cast<std::size_t>(std::ranges::find(order, section.type) - std::begin(order));
        if (place == std::size(order))
            continue; // of a newer minor version
        if (place < last)
            return damaged(
                fmt::format("expected section {} before {}, found it at byte {}", section.type, order[last], section.offset - kHeadBytes));
        last = place;
        if (section.type == kKernel)
            known.kernels.push_back(&section);
        const auto found = std::ranges::find(single, section.type, &std::pair<std::string_view, const PackedSection **>::first);
        if (found != std::end(single)) {
            if (*found->second)
                return damaged(fmt::format("expected one section {}, found another at byte {}", section.type, section.offset - kHeadBytes));
            *found->second = &section;
        }
    }
    for (const auto &[type, section] : single)
        if (!*section && type != kCode && type != kLog)
            return damaged(fmt::format("expected a section {}, found none", type));
    return known;
}

/// Counts and places that follow from index and sections together.
Result<void> placeEntries(PackedContents &contents, const Known &known)
{
    if (known.kernels.size() != contents.kernels.size())
        return damaged(fmt::format("expected {} sections {}, found {}", contents.kernels.size(), kKernel, known.kernels.size()));
    for (std::size_t i = 0; i < contents.kernels.size(); ++i) {
        auto &entry = contents.kernels[i];
        const auto all = description::product(entry.shape);
        if (entry.shape.empty() || !all || *all == 0 || entry.channels > static_cast<std::uint64_t>(entry.shape.front()))
            return damaged(fmt::format("kernel {}: expected a shape and a range of its output channels, found others", i));
        entry.weights = *all / static_cast<std::uint64_t>(entry.shape.front()) * entry.channels;
        entry.k = contents.codebooks[entry.codebook];
        entry.stream = *known.kernels[i];
        if (entry.tableBytes > entry.stream.bytes)
            return damaged(
                fmt::format("kernel {}: expected tables within {} bytes of codes, found {}", i, entry.stream.bytes, entry.tableBytes));
    }
    std::uint64_t codebookBytes = 0;
    for (const int k : contents.codebooks)
        codebookBytes += 4 * static_cast<std::uint64_t>(k);
    if (std::ranges::find(contents.codebooks, 0) != contents.codebooks.end())
        return damaged(fmt::format("codebooks: expected k from 1 to {}, found 0", kMaxRepresentatives));
    if (codebookBytes != known.codebooks->bytes)
        return damaged(fmt::format("expected {} bytes of codebooks, found {}", codebookBytes, known.codebooks->bytes));
    std::uint64_t left = known.tensors->bytes;
    for (auto &entry : contents.tensors) {
        const auto values = description::product(entry.shape);
        const std::uint64_t each = entry.stored == PackedTensor::Stored::Float16 ? 2 : 4;
        if (!values || *values > left / each)
            return damaged(fmt::format("tensor {}: expected values within {} bytes, found more", &entry - contents.tensors.data(), left));
        entry.values = *values;
        entry.bytes = each * *values;
        entry.offset = known.tensors->offset + known.tensors->bytes - left;
        left -= entry.bytes;
    }
    if (left != 0)
        return damaged(fmt::format("expected section {} to end with the last tensor, found {} bytes more", kTensors, left));
    return {};
}

Result<PackedContents> readContents(const Source &source, std::uint64_t maxWeights)
{
    auto walked = walk(source);
    if (!walked)
        return std::unexpected(walked.error());
    const auto known = sortOut(walked->all);
    if (!known)
        return std::unexpected(known.error());
    PackedContents contents;
    contents.minorVersion = walked->minorVersion;
    contents.fileBytes = source.size();
    const std::pair<const PackedSection *, decltype(&description::takeNetwork)> descriptions[] = {
        {known->network, description::takeNetwork},
        {known->provenance, description::takeProvenance},
        {known->index, description::takeIndex}};
    for (const auto &[section, take] : descriptions) {
        if (section->bytes > 2 * kMaxInflated)
            return damaged(
                fmt::format("expected at most {} bytes in section {}, found {}", 2 * kMaxInflated, section->type, section->bytes));
        auto packed = content(source, *section);
        auto plain = packed ? inflated(*packed) : std::move(packed);
        auto taken = plain ? take(*plain, contents) : Result<void>{std::unexpected(plain.error())};
        if (!taken)
            return fail(taken.error().code, fmt::format("section {}: {}", section->type, taken.error().text));
    }
    if (known->log) {
        if (known->log->bytes != description::kLogDigestBytes)
            return damaged(fmt::format("section {}: expected {} bytes, found {}", kLog, description::kLogDigestBytes, known->log->bytes));
        const auto digest = content(source, *known->log);
        if (!digest)
            return fail(digest.error().code, fmt::format("section {}: {}", kLog, digest.error().text));
        description::takeLogDigest(*digest, contents);
    }
    if (auto good = placeEntries(contents, *known); !good)
        return std::unexpected(good.error());
    if (auto good = description::checkContents(contents, maxWeights); !good)
        return std::unexpected(good.error());
    contents.sections = std::move(walked->all);
    return contents;
}

Result<void> checkUse(const PackedKernelEntry &entry, std::span<const CodeIndex> codes)
{
    const auto counts = countCodes(codes);
    const int used = countUsed(counts);
    if (const auto entropy = entropyBits(counts);
        used != entry.used || !(std::abs(entropy - static_cast<double>(entry.entropy)) <= kEntropyTolerance))
        return damaged(fmt::format("expected {} used representatives and an entropy of {:.4f} bits, found {} and {:.4f}", entry.used,
                                   entry.entropy, used, entropy));
    return {};
}

const PackedSection &sectionOf(const PackedContents &contents, std::string_view type)
{
    return *std::ranges::find(contents.sections, type, &PackedSection::type);
}

} // namespace

bool isPackedFile(const std::filesystem::path &file)
{
    const auto source = FileSource::open(file);
    std::array<std::byte, kMagicBytes> magic;
    return source && source->size() >= magic.size() && source->read(0, magic) && beginsPackedFile(magic);
}

Result<PackedContents> readPackedHeader(const std::filesystem::path &file)
{
    const auto source = FileSource::open(file);
    if (!source)
        return in(whereOf(file), source.error());
    auto contents = readContents(*source, kMaxPackedWeights);
    if (!contents)
        return in(whereOf(file), contents.error());
    return contents;
}

Result<PackedReader> PackedReader::view(std::span<const std::byte> bytes, const std::string &where, std::uint64_t maxWeights)
{
    const MemorySource source{bytes};
    auto contents = readContents(source, maxWeights);
    if (!contents)
        return in(where, contents.error());
    for (const auto &section : contents->sections)
        if (auto good = verify(source, section); !good)
            return in(where, good.error());
    PackedReader reader;
    reader.m_bytes = bytes;
    reader.m_where = where;
    FieldReader values{bytes.subspan(sectionOf(*contents, kCodebooks).offset, sectionOf(*contents, kCodebooks).bytes)};
    for (const int k : contents->codebooks) {
        auto &codebook = reader.m_codebooks.emplace_back(static_cast<std::size_t>(k));
        std::ranges::generate(codebook, [&] { return values.real32(); });
        if (!std::ranges::all_of(codebook, [](float r) { return std::isfinite(r); }))
            return in(where, {ErrorCode::BadFormat, "codebooks: expected finite representatives, found others"});
    }
    reader.m_contents = *std::move(contents);
    for (std::size_t i = 0; i < reader.m_contents.tensors.size(); ++i) {
        std::vector<float> tensor(reader.m_contents.tensors[i].values);
        reader.readTensor(i, tensor);
        if (!std::ranges::all_of(tensor, [](float v) { return std::isfinite(v); }))
            return in(where, {ErrorCode::BadFormat,
                              fmt::format("tensor {}: expected finite values, found others", reader.m_contents.tensors[i].name)});
    }
    return reader;
}

Result<PackedReader> PackedReader::open(const std::filesystem::path &file)
{
    const auto source = FileSource::open(file);
    if (!source)
        return in(whereOf(file), source.error());
    std::vector<std::byte> bytes(source->size());
    if (!source->read(0, bytes))
        return in(whereOf(file), {ErrorCode::Unreadable, "expected to read on, found an error of the disk"});
    auto reader = view(bytes, whereOf(file));
    if (reader)
        reader->m_owned = std::move(bytes); // where the bytes lie does not change by that
    return reader;
}

Result<void> PackedReader::decodeCodes(std::size_t kernel, std::span<CodeIndex> codes) const
{
    const auto &entry = m_contents.kernels[kernel];
    const auto stream = m_bytes.subspan(entry.stream.offset, entry.stream.bytes);
    const auto named = [&](const Error &error) {
        return in(fmt::format("{}: kernel {} ({})", m_where, entry.name, name(entry.coder)), error);
    };
    if (auto good = decode(stream, entry.coder, entry.k, codes); !good)
        return named(good.error());
    if (auto good = checkUse(entry, codes); !good)
        return named(good.error());
    const auto tables = countTableBytes(stream, entry.coder, entry.k);
    if (!tables || *tables != entry.tableBytes)
        return named({ErrorCode::BadFormat, fmt::format("expected {} bytes of tables, found {}", entry.tableBytes, tables.value_or(0))});
    return {};
}

Result<void> PackedReader::decodeWeights(std::size_t kernel, std::span<float> weights) const
{
    // Codes wait in the last quarter: the weights, written from the front, only reach those that were read.
    const std::span codes{reinterpret_cast<CodeIndex *>(weights.data()) + 3 * weights.size(), weights.size()};
    if (auto good = decodeCodes(kernel, codes); !good)
        return good;
    lookUp(codes, codebook(kernel), weights);
    return {};
}

void PackedReader::readTensor(std::size_t tensor, std::span<float> values) const noexcept
{
    const auto &entry = m_contents.tensors[tensor];
    const auto bytes = m_bytes.subspan(entry.offset, entry.bytes);
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (entry.stored == PackedTensor::Stored::Float16)
            values[i] = fromHalf(littleEndian<std::uint16_t>(bytes.subspan(2 * i).first<2>()));
        else
            values[i] = std::bit_cast<float>(littleEndian<std::uint32_t>(bytes.subspan(4 * i).first<4>()));
    }
}

std::span<const std::byte> PackedReader::networkCode() const noexcept
{
    const auto found = std::ranges::find(m_contents.sections, kCode, &PackedSection::type);
    return found == m_contents.sections.end() ? std::span<const std::byte>{} : m_bytes.subspan(found->offset, found->bytes);
}

namespace {

Result<PackedModel> modelOf(const PackedReader &reader)
{
    const auto &contents = reader.contents();
    PackedModel model{contents.network, contents.data, contents.accuracy, contents.provenance, {}, {}};
    model.network.code.assign(reader.networkCode().begin(), reader.networkCode().end());
    for (std::size_t i = 0; i < contents.kernels.size(); ++i) {
        const auto &entry = contents.kernels[i];
        PackedKernel kernel{entry.name, entry.kind, entry.shape, entry.firstChannel, entry.channels, reader.codebook(i), {}};
        kernel.codes.resize(entry.weights);
        if (auto good = reader.decodeCodes(i, kernel.codes); !good)
            return std::unexpected(good.error());
        model.kernels.push_back(std::move(kernel));
    }
    for (std::size_t i = 0; i < contents.tensors.size(); ++i) {
        const auto &entry = contents.tensors[i];
        PackedTensor tensor{entry.name, entry.shape, std::vector<float>(entry.values), entry.stored};
        reader.readTensor(i, tensor.values);
        model.tensors.push_back(std::move(tensor));
    }
    return model;
}

} // namespace

Result<PackedModel> readPackedBytes(std::span<const std::byte> bytes, const std::string &where, std::uint64_t maxWeights)
{
    const auto reader = PackedReader::view(bytes, where, maxWeights);
    if (!reader)
        return std::unexpected(reader.error());
    return modelOf(*reader);
}

Result<PackedModel> readPacked(const std::filesystem::path &file)
{
    const auto reader = PackedReader::open(file);
    if (!reader)
        return std::unexpected(reader.error());
    return modelOf(*reader);
}

} // namespace engine
