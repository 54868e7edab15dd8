// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/safetensorswriter.h"
#include "engine/files/atomicfile.h"
#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <vector>

namespace engine {
namespace {

using nlohmann::json;

constexpr std::size_t kAlignment = 8;

struct WrittenType {
    std::string_view name;
    std::size_t bytes;
};

WrittenType writtenType(NamedArray::Type type)
{
    switch (type) {
    case NamedArray::Type::Int64: return {"I64", 8};
    case NamedArray::Type::UInt8: return {"U8", 1};
    case NamedArray::Type::Float32: break;
    }
    return {"F32", 4};
}

Result<void> check(std::span<const NamedArray> tensors, const std::filesystem::path &file)
{
    std::set<std::string_view> names;
    for (const NamedArray &tensor : tensors) {
        if (!names.insert(tensor.name).second)
            return fail(ErrorCode::BadValue, fmt::format("Safetensors file {}: expected tensors of different names, found {} twice.",
                                                         file.string(), tensor.name));
        std::uint64_t bytes = writtenType(tensor.type).bytes;
        for (const auto side : tensor.shape)
            bytes *= static_cast<std::uint64_t>(side);
        if (bytes != tensor.bytes.size())
            return fail(ErrorCode::BadValue, fmt::format("Safetensors file {}: expected {} bytes of {}, as its shape takes, found {}.",
                                                         file.string(), bytes, tensor.name, tensor.bytes.size()));
    }
    return {};
}

/// With spaces behind it, so that the values begin aligned.
std::string headerOf(std::span<const NamedArray *const> tensors, const std::map<std::string, std::string> &metadata)
{
    json header = json::object();
    if (!metadata.empty())
        header["__metadata__"] = metadata;
    std::size_t place = 0;
    for (const NamedArray *tensor : tensors) {
        header[tensor->name] = {
            {"dtype", writtenType(tensor->type).name}, {"shape", tensor->shape}, {"data_offsets", {place, place + tensor->bytes.size()}}};
        place += tensor->bytes.size();
    }
    std::string text = header.dump(-1, ' ', false, json::error_handler_t::replace);
    text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');
    return text;
}

} // namespace

Result<void> writeSafetensors(std::span<const NamedArray> tensors, const std::map<std::string, std::string> &metadata,
                              const std::filesystem::path &file)
{
    if (auto good = check(tensors, file); !good)
        return good;
    std::vector<const NamedArray *> ordered;
    for (const NamedArray &tensor : tensors)
        ordered.push_back(&tensor);
    std::ranges::stable_sort(ordered, std::ranges::greater{}, [](const NamedArray *tensor) { return writtenType(tensor->type).bytes; });
    const std::string header = headerOf(ordered, metadata);
    const std::uint64_t length = header.size();
    std::vector<std::byte> bytes;
    const auto append = [&bytes](std::span<const std::byte> more) { bytes.insert(bytes.end(), more.begin(), more.end()); };
    append(std::as_bytes(std::span{&length, 1}));
    append(std::as_bytes(std::span{header}));
    for (const NamedArray *tensor : ordered)
        append(tensor->bytes);
    return replaceFile(file, bytes);
}

} // namespace engine
