// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/coding/description.h"
#include "engine/coding/fields.h"
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace engine::description {
namespace {

constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();

Result<void> judge(const FieldReader &fields, std::string_view what)
{
    if (fields.endsHere())
        return {};
    return fail(ErrorCode::BadFormat, fmt::format("expected the fields of {} and nothing else, found {} at its byte {}", what,
                                                  fields.good() ? "more" : "none or one out of range", fields.position()));
}

void putShape(FieldWriter &fields, std::span<const std::int64_t> shape)
{
    fields.number(shape.size());
    for (const auto extent : shape)
        fields.number(static_cast<std::uint64_t>(extent));
}

std::vector<std::int64_t> takeShape(FieldReader &fields)
{
    std::vector<std::int64_t> shape(fields.count(kMaxDimensions));
    for (auto &extent : shape)
        extent = static_cast<std::int64_t>(fields.number(std::numeric_limits<std::int64_t>::max()));
    return shape;
}

std::optional<double> measured(double value) { return std::isnan(value) ? std::nullopt : std::optional{value}; }

PackedKernelEntry takeKernel(FieldReader &fields, std::size_t codebooks)
{
    PackedKernelEntry entry;
    entry.name = fields.text();
    entry.kind = fields.text();
    entry.shape = takeShape(fields);
    entry.firstChannel = fields.number(kAny);
    entry.channels = fields.number(kAny);
    entry.codebook = static_cast<std::uint32_t>(fields.number(codebooks - 1));
    entry.coder = static_cast<Coder>(fields.number(kCoders.size() - 1));
    entry.tableBytes = fields.number(kAny);
    entry.used = static_cast<int>(fields.number(kMaxRepresentatives));
    entry.entropy = fields.real32();
    return entry;
}

PackedTensorEntry takeTensor(FieldReader &fields)
{
    PackedTensorEntry entry;
    entry.name = fields.text();
    entry.shape = takeShape(fields);
    entry.stored = static_cast<PackedTensor::Stored>(fields.number(1));
    return entry;
}

} // namespace

std::optional<std::uint64_t> product(std::span<const std::int64_t> shape) noexcept
{
    std::uint64_t result = 1;
    for (const auto extent : shape)
        if (extent < 0 || __builtin_mul_overflow(result, static_cast<std::uint64_t>(extent), &result))
            return std::nullopt;
    return result;
}

std::vector<std::byte> putNetwork(const PackedModel &model)
{
    FieldWriter fields;
    fields.text(model.network.name);
    fields.number(model.network.parameters.size());
    for (const auto &[key, value] : model.network.parameters) {
        fields.text(key);
        fields.text(value);
    }
    for (const auto number : {model.network.classes, model.network.channels, model.network.height, model.network.width})
        fields.number(number);
    for (std::uint32_t c = 0; c < model.network.channels; ++c) {
        fields.real(model.data.mean[c]);
        fields.real(model.data.deviation[c]);
    }
    fields.text(model.data.name);
    fields.number(model.data.classNames.size());
    for (const auto &name : model.data.classNames)
        fields.text(name);
    fields.real(model.accuracy.latent.value_or(std::numeric_limits<double>::quiet_NaN()));
    fields.real(model.accuracy.snapped.value_or(std::numeric_limits<double>::quiet_NaN()));
    fields.number(model.accuracy.images);
    return fields.bytes();
}

Result<void> takeNetwork(std::span<const std::byte> bytes, PackedContents &contents)
{
    FieldReader fields{bytes};
    auto &network = contents.network;
    network.name = fields.text();
    network.parameters.resize(fields.count(kMaxEntries));
    for (auto &[key, value] : network.parameters) {
        key = fields.text();
        value = fields.text();
    }
    for (auto *number : {&network.classes, &network.channels, &network.height, &network.width})
        *number = static_cast<std::uint32_t>(fields.number(kMaxSide));
    for (std::uint32_t c = 0; c < network.channels && fields.good(); ++c) {
        contents.data.mean.push_back(fields.real32());
        contents.data.deviation.push_back(fields.real32());
    }
    contents.data.name = fields.text();
    contents.data.classNames.resize(fields.count(kMaxEntries));
    for (auto &name : contents.data.classNames)
        name = fields.text();
    contents.accuracy.latent = measured(fields.real64());
    contents.accuracy.snapped = measured(fields.real64());
    contents.accuracy.images = fields.number(kAny);
    return judge(fields, "a network");
}

std::vector<std::byte> putProvenance(const PackedProvenance &provenance)
{
    FieldWriter fields;
    fields.text(provenance.programVersion);
    fields.number(provenance.seed);
    fields.text(provenance.recipe);
    return fields.bytes();
}

Result<void> takeProvenance(std::span<const std::byte> bytes, PackedContents &contents)
{
    FieldReader fields{bytes};
    contents.provenance.programVersion = fields.text();
    contents.provenance.seed = fields.number(kAny);
    contents.provenance.recipe = fields.text();
    return judge(fields, "a provenance");
}

std::vector<std::byte> putLogDigest(const PackedProvenance &provenance)
{
    const std::string &digits = provenance.logDigest;
    std::vector<std::byte> bytes(kLogDigestBytes);
    for (std::size_t i = 0; i < std::min(bytes.size(), digits.size() / 2); ++i) {
        unsigned value = 0;
        std::from_chars(digits.data() + 2 * i, digits.data() + 2 * i + 2, value, 16);
        bytes[i] = static_cast<std::byte>(value);
    }
    return bytes;
}

void takeLogDigest(std::span<const std::byte> bytes, PackedContents &contents)
{
    for (const std::byte byte : bytes)
        contents.provenance.logDigest += fmt::format("{:02x}", static_cast<unsigned>(byte));
}

std::vector<std::byte> putIndex(const PackedContents &contents)
{
    FieldWriter fields;
    fields.number(contents.codebooks.size());
    for (const int k : contents.codebooks)
        fields.number(static_cast<std::uint64_t>(k));
    fields.number(contents.kernels.size());
    for (const auto &entry : contents.kernels) {
        fields.text(entry.name);
        fields.text(entry.kind);
        putShape(fields, entry.shape);
        for (const std::uint64_t number :
             {entry.firstChannel, entry.channels, std::uint64_t{entry.codebook}, static_cast<std::uint64_t>(entry.coder), entry.tableBytes,
              static_cast<std::uint64_t>(entry.used)})
            fields.number(number);
        fields.real(entry.entropy);
    }
    fields.number(contents.tensors.size());
    for (const auto &entry : contents.tensors) {
        fields.text(entry.name);
        putShape(fields, entry.shape);
        fields.number(static_cast<std::uint64_t>(entry.stored));
    }
    return fields.bytes();
}

Result<void> takeIndex(std::span<const std::byte> bytes, PackedContents &contents)
{
    FieldReader fields{bytes};
    contents.codebooks.resize(fields.count(kMaxEntries));
    for (auto &k : contents.codebooks)
        k = static_cast<int>(fields.number(kMaxRepresentatives));
    const auto kernels = fields.count(contents.codebooks.empty() ? 0 : kMaxEntries);
    for (std::uint64_t i = 0; i < kernels && fields.good(); ++i)
        contents.kernels.push_back(takeKernel(fields, contents.codebooks.size()));
    const auto tensors = fields.count(kMaxEntries);
    for (std::uint64_t i = 0; i < tensors && fields.good(); ++i)
        contents.tensors.push_back(takeTensor(fields));
    return judge(fields, "an index");
}

} // namespace engine::description
