// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/codecounts.h"
#include "engine/coding/deflate.h"
#include "engine/coding/description.h"
#include "engine/coding/fields.h"
#include "engine/coding/half.h"
#include "engine/coding/packedfile.h"
#include "engine/coding/sections.h"
#include "engine/core/machine.h"
#include "engine/frame/size.h"
#include "engine/files/atomicfile.h"
#include <algorithm>
#include <atomic>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <numeric>
#include <thread>

namespace engine {
namespace {

std::unexpected<Error> unpackable(ErrorCode code, std::string_view why)
{
    return fail(code, fmt::format("The network cannot be packed: {}.", why));
}

bool fitsHalf(std::span<const float> values)
{
    return std::ranges::all_of(values, [](float v) { return std::abs(v) <= kLargestHalf; });
}

Result<void> checkNumbers(const PackedModel &model)
{
    const auto finite = [](float value) { return std::isfinite(value); };
    for (const auto &kernel : model.kernels)
        if (!std::ranges::all_of(kernel.codebook, finite))
            return unpackable(ErrorCode::NotFinite, fmt::format("kernel {}: expected finite representatives, found others", kernel.name));
    for (const auto &tensor : model.tensors) {
        if (!std::ranges::all_of(tensor.values, finite))
            return unpackable(ErrorCode::NotFinite, fmt::format("tensor {}: expected finite values, found others", tensor.name));
        if (tensor.stored == PackedTensor::Stored::Float16 && !fitsHalf(tensor.values))
            return unpackable(ErrorCode::BadValue,
                              fmt::format("tensor {}: expected values in the range of float16, found larger ones", tensor.name));
    }
    return {};
}

/// Numbers codebooks, equal ones alike.
class CodebookList {
public:
    std::uint32_t add(const std::vector<float> &codebook)
    {
        std::vector<std::uint32_t> bits(codebook.size()); // 0 and −0 differ
        std::ranges::transform(codebook, bits.begin(), [](float r) { return std::bit_cast<std::uint32_t>(r); });
        const auto [found, isNew] = m_numbers.try_emplace(bits, static_cast<std::uint32_t>(m_sizes.size()));
        if (isNew) {
            m_sizes.push_back(static_cast<int>(codebook.size()));
            for (const float r : codebook)
                m_fields.real(r);
        }
        return found->second;
    }
    const std::vector<int> &sizes() const noexcept { return m_sizes; }
    const std::vector<std::byte> &bytes() const noexcept { return m_fields.bytes(); }

private:
    std::map<std::vector<std::uint32_t>, std::uint32_t> m_numbers;
    std::vector<int> m_sizes;
    FieldWriter m_fields;
};

/// Where the number of a tensor's values comes from.
enum class Counted { Values, Shape };

PackedContents contentsOf(const PackedModel &model, const PackOptions &options, Counted counted, CodebookList &codebooks)
{
    PackedContents contents{kPackedMinor, model.network, model.data, model.accuracy, model.provenance, {}, {}, {}, {}, 0};
    for (const auto &kernel : model.kernels) {
        PackedKernelEntry entry;
        entry.name = kernel.name;
        entry.kind = kernel.kind;
        entry.shape = kernel.shape;
        entry.firstChannel = kernel.firstChannel;
        entry.channels = kernel.channels;
        entry.weights = kernel.codes.size();
        entry.k = static_cast<int>(kernel.codebook.size());
        entry.codebook = codebooks.add(kernel.codebook);
        const auto counts = countCodes(kernel.codes);
        entry.used = countUsed(counts);
        entry.entropy = static_cast<float>(entropyBits(counts));
        contents.kernels.push_back(std::move(entry));
    }
    for (const auto &tensor : model.tensors) {
        const bool isHalf = tensor.stored == PackedTensor::Stored::Float16 || (options.halfTensors && fitsHalf(tensor.values));
        const auto values = counted == Counted::Values ? tensor.values.size() : description::product(tensor.shape).value_or(0);
        contents.tensors.push_back(
            {tensor.name, tensor.shape, isHalf ? PackedTensor::Stored::Float16 : PackedTensor::Stored::Float32, values, 0, 0});
    }
    contents.codebooks = codebooks.sizes();
    return contents;
}

/// Kernels by turns, the largest first, so that all threads end at about the same time.
Result<std::vector<CodedStream>> encodeKernels(const PackedModel &model, const PackOptions &options)
{
    std::vector<std::size_t> order(model.kernels.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, std::greater{}, [&](std::size_t i) { return model.kernels[i].codes.size(); });
    std::vector<Result<CodedStream>> streams(model.kernels.size());
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < order.size() && !options.stop.stop_requested(); i = next++) {
            const auto &kernel = model.kernels[order[i]];
            const int k = static_cast<int>(kernel.codebook.size());
            streams[order[i]] = options.coder ? encode(kernel.codes, k, *options.coder) : encodeSmallest(kernel.codes, k);
        }
    };
    const auto wanted = options.threads > 0 ? static_cast<std::size_t>(options.threads) : usableProcessors();
    {
        std::vector<std::jthread> others;
        for (std::size_t t = 1; t < std::min(wanted, order.size()); ++t)
            others.emplace_back(work);
        work();
    }
    if (options.stop.stop_requested())
        return unpackable(ErrorCode::Internal, "it was given up");
    std::vector<CodedStream> result;
    for (std::size_t i = 0; i < streams.size(); ++i) {
        if (!streams[i])
            return unpackable(streams[i].error().code, fmt::format("kernel {}: {}", model.kernels[i].name, streams[i].error().text));
        result.push_back(*std::move(streams[i]));
    }
    return result;
}

std::vector<std::byte> tensorBytes(const PackedModel &model, const PackedContents &contents)
{
    FieldWriter fields;
    for (std::size_t i = 0; i < model.tensors.size(); ++i)
        for (const float value : model.tensors[i].values) {
            if (contents.tensors[i].stored == PackedTensor::Stored::Float16)
                fields.fixed(toHalf(value));
            else
                fields.real(value);
        }
    return fields.bytes();
}

Result<void> check(const PackedModel &model, const PackedContents &contents)
{
    if (auto good = description::checkContents(contents, kMaxPackedWeights); !good)
        return unpackable(ErrorCode::BadValue, good.error().text);
    for (const auto &entry : contents.kernels)
        if (const auto channelWeights = *description::product(entry.shape) / static_cast<std::uint64_t>(entry.shape.front());
            entry.weights != entry.channels * channelWeights)
            return unpackable(ErrorCode::BadValue, fmt::format("kernel {}: expected {} codes for {} output channels, found {}", entry.name,
                                                               entry.channels * channelWeights, entry.channels, entry.weights));
    return checkNumbers(model);
}

/// A file but for its tensors.
struct Parts {
    PackedContents contents;
    std::vector<std::pair<std::string_view, std::vector<std::byte>>> sections; ///< those before the tensors, in their order
};

Result<Parts> partsOf(const PackedModel &model, const PackOptions &options, Counted counted)
{
    CodebookList codebooks;
    Parts parts{contentsOf(model, options, counted, codebooks), {}};
    auto &contents = parts.contents;
    if (auto good = check(model, contents); !good)
        return std::unexpected(good.error());
    auto streams = encodeKernels(model, options);
    if (!streams)
        return std::unexpected(streams.error());
    for (std::size_t i = 0; i < streams->size(); ++i) {
        contents.kernels[i].coder = (*streams)[i].coder;
        contents.kernels[i].tableBytes = (*streams)[i].tableBytes;
    }
    const std::pair<std::string_view, std::vector<std::byte>> descriptions[] = {
        {sections::kNetwork, description::putNetwork(model)},
        {sections::kProvenance, description::putProvenance(model.provenance)},
        {sections::kIndex, description::putIndex(contents)}};
    for (const auto &[type, bytes] : descriptions) {
        if (bytes.size() > kMaxInflated)
            return unpackable(ErrorCode::BadValue,
                              fmt::format("section {}: expected at most {} bytes, found {}", type, kMaxInflated, bytes.size()));
        parts.sections.emplace_back(type, deflated(bytes));
    }
    if (!model.network.code.empty())
        parts.sections.emplace_back(sections::kCode, model.network.code);
    parts.sections.emplace_back(sections::kCodebooks, codebooks.bytes());
    for (auto &stream : *streams)
        parts.sections.emplace_back(sections::kKernel, std::move(stream.bytes));
    return parts;
}

} // namespace

Result<std::vector<std::byte>> packToMemory(const PackedModel &model, const PackOptions &options)
{
    const auto parts = partsOf(model, options, Counted::Values);
    if (!parts)
        return std::unexpected(parts.error());
    std::vector<std::byte> file;
    sections::putFileHead(file);
    for (const auto &[type, bytes] : parts->sections)
        sections::putSection(file, type, bytes);
    sections::putSection(file, sections::kTensors, tensorBytes(model, parts->contents));
    sections::putSection(file, sections::kEnd, {});
    return file;
}

Result<PackedContents> planPacked(const PackedModel &model, const PackOptions &options)
{
    auto parts = partsOf(model, options, Counted::Shape);
    if (!parts)
        return std::unexpected(parts.error());
    PackedContents contents = std::move(parts->contents);
    contents.network.code.clear();
    contents.fileBytes = sections::kHeadBytes;
    const auto add = [&contents](std::string_view type, std::uint64_t bytes) {
        contents.sections.push_back({std::string{type}, contents.fileBytes + sections::kHeadBytes, bytes, 0});
        contents.fileBytes += sections::kHeadBytes + bytes;
    };
    auto kernel = contents.kernels.begin();
    for (const auto &[type, bytes] : parts->sections) {
        add(type, bytes.size());
        if (type == sections::kKernel)
            (kernel++)->stream = contents.sections.back();
    }
    std::uint64_t tensorBytes = 0;
    for (auto &entry : contents.tensors) {
        entry.offset = contents.fileBytes + sections::kHeadBytes + tensorBytes;
        entry.bytes = (entry.stored == PackedTensor::Stored::Float16 ? 2 : 4) * entry.values;
        tensorBytes += entry.bytes;
    }
    add(sections::kTensors, tensorBytes);
    add(sections::kEnd, 0);
    return contents;
}

Result<std::uint64_t> writePacked(const PackedModel &model, const std::filesystem::path &file, const PackOptions &options)
{
    const auto bytes = packToMemory(model, options);
    if (!bytes)
        return std::unexpected(bytes.error());
    if (auto written = replaceFile(file, *bytes); !written)
        return std::unexpected(written.error());
    return bytes->size();
}

} // namespace engine
