// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/safetensors.h"
#include "engine/files/atomicfile.h"
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

namespace engine {
namespace {

using nlohmann::json;

constexpr std::size_t kLengthBytes = 8;

struct KnownType {
    std::string_view name;
    SafetensorsFile::Type type;
    std::uint64_t bytes;
};
constexpr std::array kKnownTypes = {
    KnownType{"F64", SafetensorsFile::Type::Float64, 8}, KnownType{"F32", SafetensorsFile::Type::Float32, 4},
    KnownType{"F16", SafetensorsFile::Type::Float16, 2}, KnownType{"BF16", SafetensorsFile::Type::BFloat16, 2}};

std::unexpected<Error> damaged(const std::filesystem::path &file, std::string_view expected, std::string_view found)
{
    return fail(ErrorCode::BadFormat, fmt::format("Safetensors file {}: expected {}, found {}.", file.string(), expected, found));
}

Result<std::vector<std::byte>> wholeFile(const std::filesystem::path &file)
{
    std::error_code error;
    if (!std::filesystem::exists(file, error))
        return fail(ErrorCode::NotFound, fmt::format("Safetensors file {}: expected a file, found none.", file.string()));
    if (!std::filesystem::is_regular_file(file, error))
        return fail(ErrorCode::Unreadable,
                    fmt::format("Safetensors file {}: expected a regular file, found something else.", file.string()));
    std::vector<std::byte> bytes(std::filesystem::file_size(file, error));
    std::ifstream stream{file, std::ios::binary};
    if (error || !stream.read(reinterpret_cast<char *>(bytes.data()), static_cast<std::streamsize>(bytes.size())))
        return fail(ErrorCode::Unreadable, fmt::format("Safetensors file {}: expected to read {} bytes, found that it may not be read.",
                                                       file.string(), bytes.size()));
    return bytes;
}

/// Whole numbers that are not negative, as shapes and offsets are.
std::optional<std::vector<std::uint64_t>> wholeNumbers(const json &list)
{
    if (!list.is_array())
        return std::nullopt;
    std::vector<std::uint64_t> numbers;
    for (const auto &item : list) {
        if (!item.is_number_unsigned() || item.get<std::uint64_t>() > INT64_MAX)
            return std::nullopt;
        numbers.push_back(item.get<std::uint64_t>());
    }
    return numbers;
}

/// The bytes that a shape takes, or nothing where that exceeds `most`.
std::optional<std::uint64_t> bytesOf(const std::vector<std::uint64_t> &shape, std::uint64_t each, std::uint64_t most)
{
    std::uint64_t total = each;
    for (const auto side : shape) {
        if (__builtin_mul_overflow(total, side, &total))
            return std::nullopt;
    }
    return total <= most ? std::optional{total} : std::nullopt;
}

} // namespace

Result<SafetensorsFile> SafetensorsFile::read(const std::filesystem::path &file)
{
    auto bytes = wholeFile(file);
    if (!bytes)
        return std::unexpected(bytes.error());
    SafetensorsFile result;
    result.m_bytes = *std::move(bytes);
    if (auto good = result.readHeader(file); !good)
        return std::unexpected(good.error());
    return result;
}

Result<void> SafetensorsFile::readHeader(const std::filesystem::path &file)
{
    const std::span<const std::byte> all{m_bytes};
    std::uint64_t length = 0;
    if (all.size() < kLengthBytes)
        return damaged(file, "the length of a header", fmt::format("{} bytes", all.size()));
    std::memcpy(&length, all.data(), kLengthBytes);
    if (length > all.size() - kLengthBytes)
        return damaged(file, "a header that ends within the file", fmt::format("a length of {} bytes in a file of {}", length, all.size()));
    const auto values = all.subspan(kLengthBytes + length);
    const auto *text = reinterpret_cast<const char *>(all.data() + kLengthBytes);
    const json header = json::parse(text, text + length, nullptr, /*allow_exceptions=*/false);
    if (!header.is_object())
        return damaged(file, "a header in JSON", "other text");
    for (const auto &[name, entry] : header.items()) {
        if (name == "__metadata__")
            continue;
        if (!entry.is_object() || !entry.contains("dtype") || !entry["dtype"].is_string() || !entry.contains("shape") ||
            !entry.contains("data_offsets"))
            return damaged(file, fmt::format("dtype, shape and data_offsets of {}", name), "other fields");
        const auto type = std::ranges::find(kKnownTypes, entry["dtype"].get<std::string>(), &KnownType::name);
        if (type == kKnownTypes.end())
            continue;
        const auto shape = wholeNumbers(entry["shape"]), place = wholeNumbers(entry["data_offsets"]);
        if (!shape || !place || place->size() != 2 || place->front() > place->back() || place->back() > values.size())
            return damaged(file, fmt::format("{} to lie within the {} bytes of values", name, values.size()), entry.dump());
        const auto wanted = bytesOf(*shape, type->bytes, values.size());
        if (!wanted || *wanted != place->back() - place->front())
            return damaged(file, fmt::format("as many bytes for {} as its shape takes", name), entry.dump());
        m_tensors.push_back({name, type->type, {shape->begin(), shape->end()}, values.subspan(place->front(), *wanted)});
    }
    return {};
}

} // namespace engine
