// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/h5reader.h"
#include "engine/files/atomicfile.h"
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <string_view>
#include <system_error>

namespace engine::h5 {
namespace {

constexpr int kMaxRank = 8;
constexpr std::uint64_t kDeflateLimit = 1032;       // no deflate stream expands further
constexpr std::uint64_t kFreeBytes = 64u << 20;     // small files may unpack to this much, whatever their size
constexpr std::uint64_t kExpansionLimit = 16;       // larger ones to this many times their size: float weights hardly shrink
constexpr std::uint64_t kMaxChunkBytes = 64u << 20; // HDF5 takes this much for one chunk; ours hold at most 1 MiB
constexpr std::size_t kMaxObjects = 1'000'000;
constexpr std::size_t kMaxTextBytes = 1 << 20;

Shape extentsOf(hid_t space)
{
    const int rank = H5Sget_simple_extent_ndims(space);
    if (rank < 0 || rank > kMaxRank || H5Sget_simple_extent_type(space) == H5S_NULL)
        throw Failure{ErrorCode::BadFormat, fmt::format("expected at most {} dimensions, found {}", kMaxRank, rank)};
    Shape shape(static_cast<std::size_t>(rank));
    if (rank > 0)
        require(H5Sget_simple_extent_dims(space, shape.data(), nullptr), ErrorCode::BadFormat, "shape");
    return shape;
}

Handle made(hid_t id, Handle::Close close) { return own(id, close, ErrorCode::BadFormat, "damaged"); }

/// Deflate streams a value passes through; other filters than those HDF5 brings along are refused, so that no
/// plugin is loaded.
int deflateCount(hid_t properties)
{
    int deflates = 0;
    const int filters = H5Pget_nfilters(properties);
    for (int i = 0; i < filters; ++i) {
        unsigned flags = 0, config = 0;
        std::size_t count = 0;
        const auto filter = H5Pget_filter2(properties, static_cast<unsigned>(i), &flags, &count, nullptr, 0, nullptr, &config);
        if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_FLETCHER32)
            throw Failure{ErrorCode::BadFormat, fmt::format("expected gzip, shuffle or fletcher32, found filter {}", filter)};
        deflates += filter == H5Z_FILTER_DEFLATE;
    }
    if (filters < 0 || deflates > 1)
        throw Failure{ErrorCode::BadFormat, "expected at most one gzip filter"};
    return deflates;
}

void checkChunk(hid_t properties, std::size_t valueBytes)
{
    Shape chunk(kMaxRank + 1);
    const int rank = H5Pget_chunk(properties, kMaxRank + 1, chunk.data());
    if (rank < 0 || rank > kMaxRank)
        throw Failure{ErrorCode::BadFormat, "expected chunks of the data's own rank"};
    chunk.resize(static_cast<std::size_t>(rank));
    if (valueCount(chunk) > kMaxChunkBytes / valueBytes)
        throw Failure{ErrorCode::BadFormat, fmt::format("expected chunks of at most 64 MiB, found {}", toText(chunk))};
}

} // namespace

void GroupReader::refuse(const std::string &name, const std::string &why) const
{
    throw Failure{ErrorCode::BadFormat, fmt::format("{}{}{}: {}", m_path, m_path.ends_with('/') ? "" : "/", name, why)};
}

bool GroupReader::hasAttribute(const char *name) const { return H5Aexists(m_group.get(), name) > 0; }

Handle GroupReader::attribute(const char *name, H5T_class_t kind, bool scalar) const
{
    const auto where = fmt::format("attribute {} of {}", name, m_path);
    if (!hasAttribute(name))
        throw Failure{ErrorCode::BadFormat, where + " is missing"};
    Handle attribute = own(H5Aopen(m_group.get(), name, H5P_DEFAULT), H5Aclose, ErrorCode::BadFormat, where);
    const Handle type = own(H5Aget_type(attribute.get()), H5Tclose, ErrorCode::BadFormat, where);
    const Handle space = own(H5Aget_space(attribute.get()), H5Sclose, ErrorCode::BadFormat, where);
    const auto found = H5Tget_class(type.get());
    const std::size_t bytes = H5Tget_size(type.get());
    const bool numberFits = kind == H5T_STRING || bytes <= sizeof(double);
    if (found != kind || !numberFits || bytes == 0 || bytes > kMaxTextBytes || H5Tis_variable_str(type.get()) > 0)
        throw Failure{ErrorCode::BadFormat, where + (kind == H5T_STRING    ? ": expected a text of fixed length"
                                                     : kind == H5T_INTEGER ? ": expected a whole number"
                                                                           : ": expected a number")};
    const auto shape = extentsOf(space.get());
    const auto count = valueCount(shape);
    if (shape.size() != (scalar ? 0u : 1u) || count > m_budget->fileBytes / bytes)
        throw Failure{ErrorCode::BadFormat,
                      fmt::format("{}: expected {}, found {}", where, scalar ? "one value" : "a list", toText(shape))};
    return attribute;
}

double GroupReader::real(const char *name) const
{
    double value = 0;
    const Handle found = attribute(name, H5T_FLOAT, true);
    require(H5Aread(found.get(), H5T_NATIVE_DOUBLE, &value), ErrorCode::BadFormat, name);
    return value;
}

std::uint64_t GroupReader::whole(const char *name) const
{
    const Handle found = attribute(name, H5T_INTEGER, true);
    const Handle type = made(H5Aget_type(found.get()), H5Tclose);
    const bool isSigned = H5Tget_sign(type.get()) == H5T_SGN_2;
    std::uint64_t value = 0;
    require(H5Aread(found.get(), isSigned ? H5T_NATIVE_INT64 : H5T_NATIVE_UINT64, &value), ErrorCode::BadFormat, name);
    if (isSigned && static_cast<std::int64_t>(value) < 0)
        throw Failure{ErrorCode::BadFormat, fmt::format("attribute {} of {}: expected 0 or more, found {}", name, m_path,
                                                        static_cast<std::int64_t>(value))};
    return value;
}

bool GroupReader::flag(const char *name) const
{
    const auto value = whole(name);
    if (value > 1)
        throw Failure{ErrorCode::BadFormat, fmt::format("attribute {} of {}: expected 0 or 1, found {}", name, m_path, value)};
    return value == 1;
}

std::vector<std::string> GroupReader::texts(const char *name) const
{
    const Handle found = attribute(name, H5T_STRING, false);
    const Handle type = made(H5Aget_type(found.get()), H5Tclose);
    const Handle space = made(H5Aget_space(found.get()), H5Sclose);
    const std::size_t length = H5Tget_size(type.get());
    std::string table(length * valueCount(extentsOf(space.get())), '\0');
    require(H5Aread(found.get(), type.get(), table.data()), ErrorCode::BadFormat, name);
    std::vector<std::string> result;
    for (std::size_t begin = 0; begin < table.size(); begin += length)
        result.emplace_back(table.substr(begin, length).c_str());
    return result;
}

std::vector<std::string> GroupReader::textsOfAnyLength(const char *name) const
{
    const auto where = fmt::format("attribute {} of {}", name, m_path);
    const Handle any = own(H5Aopen(m_group.get(), name, H5P_DEFAULT), H5Aclose, ErrorCode::BadFormat, where);
    const Handle type = own(H5Aget_type(any.get()), H5Tclose, ErrorCode::BadFormat, where);
    if (H5Tis_variable_str(type.get()) <= 0)
        return texts(name);
    const Handle space = own(H5Aget_space(any.get()), H5Sclose, ErrorCode::BadFormat, where);
    const auto shape = extentsOf(space.get());
    if (shape.size() != 1 || shape[0] > m_budget->fileBytes)
        throw Failure{ErrorCode::BadFormat, fmt::format("{}: expected a list, found {}", where, toText(shape))};
    std::vector<char *> pointers(shape[0]);
    require(H5Aread(any.get(), type.get(), pointers.data()), ErrorCode::BadFormat, where);
    std::vector<std::string> result;
    for (const char *pointer : pointers)
        result.emplace_back(pointer ? pointer : "");
    H5Dvlen_reclaim(type.get(), space.get(), H5P_DEFAULT, pointers.data());
    return result;
}

std::string GroupReader::text(const char *name) const
{
    const Handle found = attribute(name, H5T_STRING, true);
    const Handle type = made(H5Aget_type(found.get()), H5Tclose);
    std::string value(H5Tget_size(type.get()), '\0');
    require(H5Aread(found.get(), type.get(), value.data()), ErrorCode::BadFormat, name);
    return value.c_str(); // padded with zero bytes
}

ParameterValue GroupReader::parameter(const char *name) const
{
    const Handle any = own(H5Aopen(m_group.get(), name, H5P_DEFAULT), H5Aclose, ErrorCode::BadFormat, name);
    const Handle type = made(H5Aget_type(any.get()), H5Tclose);
    switch (H5Tget_class(type.get())) {
    case H5T_FLOAT: return real(name);
    case H5T_INTEGER: return static_cast<std::int64_t>(whole(name)); // no parameter is negative
    default: return text(name);
    }
}

bool GroupReader::has(const std::string &name) const { return H5Lexists(m_group.get(), name.c_str(), H5P_DEFAULT) > 0; }

Handle GroupReader::open(const std::string &name, H5I_type_t kind) const
{
    if (H5Lexists(m_group.get(), name.c_str(), H5P_DEFAULT) <= 0)
        refuse(name, "is missing");
    H5L_info_t link{};
    if (H5Lget_info(m_group.get(), name.c_str(), &link, H5P_DEFAULT) < 0 || link.type != H5L_TYPE_HARD)
        refuse(name, "expected data of this file, found a link elsewhere");
    const hid_t id = H5Oopen(m_group.get(), name.c_str(), H5P_DEFAULT);
    if (id < 0)
        refuse(name, cause());
    Handle object{id, H5Oclose};
    if (H5Iget_type(id) != kind)
        refuse(name, kind == H5I_GROUP ? "expected a group" : "expected a dataset");
    return object;
}

GroupReader GroupReader::group(const std::string &name) const
{
    Handle child = open(name, H5I_GROUP);
    return {std::move(child), m_path + (m_path.ends_with('/') ? "" : "/") + name, m_budget};
}

GroupReader GroupReader::dataset(const std::string &name) const
{
    Handle child = open(name, H5I_DATASET);
    return {std::move(child), m_path + "/" + name, m_budget};
}

bool GroupReader::isGroup(const std::string &name) const
{
    const Handle object{H5Oopen(m_group.get(), name.c_str(), H5P_DEFAULT), H5Oclose};
    return object && H5Iget_type(object.get()) == H5I_GROUP;
}

std::vector<std::string> GroupReader::children() const
{
    H5G_info_t info{};
    require(H5Gget_info(m_group.get(), &info), ErrorCode::BadFormat, m_path);
    m_budget->seenObjects += static_cast<std::size_t>(std::min<hsize_t>(info.nlinks, kMaxObjects));
    if (m_budget->seenObjects >= kMaxObjects)
        throw Failure{ErrorCode::BadFormat, fmt::format("{}: expected fewer than {} objects", m_path, kMaxObjects)};
    std::vector<std::string> names;
    for (hsize_t i = 0; i < info.nlinks; ++i) {
        std::array<char, 4096> name{};
        const auto length = H5Lget_name_by_idx(m_group.get(), ".", H5_INDEX_NAME, H5_ITER_INC, i, name.data(), name.size(), H5P_DEFAULT);
        if (length < 0 || static_cast<std::size_t>(length) >= name.size())
            throw Failure{ErrorCode::BadFormat, fmt::format("{}: the list of its parts is damaged: {}", m_path, cause())};
        names.emplace_back(name.data());
    }
    return names;
}

Shape GroupReader::shape(const std::string &name) const
{
    const Handle data = open(name, H5I_DATASET);
    try {
        return extentsOf(made(H5Dget_space(data.get()), H5Sclose).get());
    } catch (const Failure &failure) {
        refuse(name, failure.what());
    }
}

bool GroupReader::hasType(const std::string &name, hid_t type) const
{
    const Handle data = open(name, H5I_DATASET);
    const Handle found{H5Dget_type(data.get()), H5Tclose};
    return found && H5Tequal(found.get(), type) > 0;
}

std::vector<std::int64_t> GroupReader::wholes(const std::string &name, const Shape &expected) const
{
    const Handle data = open(name, H5I_DATASET);
    const Handle type = own(H5Dget_type(data.get()), H5Tclose, ErrorCode::BadFormat, m_path);
    const bool fits = H5Tget_class(type.get()) == H5T_INTEGER && H5Tget_size(type.get()) <= (H5Tget_sign(type.get()) == H5T_SGN_2 ? 8 : 4);
    if (!fits)
        refuse(name, "expected whole numbers");
    checked(name, type.get(), expected);
    std::vector<std::int64_t> result(valueCount(expected));
    fetch(data, name, H5T_NATIVE_INT64, std::as_writable_bytes(std::span{result}));
    return result;
}

Handle GroupReader::checked(const std::string &name, hid_t type, const Shape &expected) const
{
    Handle data = open(name, H5I_DATASET);
    try {
        const Handle found = made(H5Dget_type(data.get()), H5Tclose);
        if (H5Tequal(found.get(), type) <= 0)
            throw Failure{ErrorCode::BadFormat, fmt::format("expected {} of {} bytes, found another type",
                                                            H5Tget_class(type) == H5T_FLOAT ? "numbers" : "whole numbers",
                                                            H5Tget_size(type))};
        const auto shape = extentsOf(made(H5Dget_space(data.get()), H5Sclose).get());
        if (shape != expected)
            throw Failure{ErrorCode::BadFormat, fmt::format("expected {}, found {}", toText(expected), toText(shape))};
        std::uint64_t bytes = 0;
        if (__builtin_mul_overflow(valueCount(shape), H5Tget_size(type), &bytes))
            throw Failure{ErrorCode::BadFormat, "declares more than fits into memory"};
        checkStorage(data.get(), bytes);
    } catch (const Failure &failure) {
        refuse(name, failure.what());
    }
    return data;
}

void GroupReader::checkStorage(hid_t data, std::uint64_t declaredBytes) const
{
    const Handle properties = made(H5Dget_create_plist(data), H5Pclose);
    const auto layout = H5Pget_layout(properties.get());
    const bool plain = layout == H5D_COMPACT || layout == H5D_CONTIGUOUS || layout == H5D_CHUNKED;
    if (!plain || H5Pget_external_count(properties.get()) != 0)
        throw Failure{ErrorCode::BadFormat, "expected data inside this file"};
    int deflates = 0;
    if (layout == H5D_CHUNKED) {
        const Handle type = made(H5Dget_type(data), H5Tclose);
        checkChunk(properties.get(), H5Tget_size(type.get()));
        deflates = deflateCount(properties.get());
    }
    const std::uint64_t stored = H5Dget_storage_size(data);
    m_budget->seenBytes += std::min(stored, m_budget->fileBytes + 1);
    if (m_budget->seenBytes > m_budget->fileBytes)
        throw Failure{ErrorCode::BadFormat, "claims more storage than the file has"};
    if (declaredBytes > stored * (deflates ? kDeflateLimit : 1))
        throw Failure{ErrorCode::BadFormat, fmt::format("declares {} bytes, but stores {}", declaredBytes, stored)};
    const auto limit = kFreeBytes + kExpansionLimit * m_budget->fileBytes;
    m_budget->declaredBytes += std::min(declaredBytes, limit + 1);
    if (m_budget->declaredBytes > limit)
        throw Failure{ErrorCode::BadFormat, "unpacks to far more than a file of this size should"};
}

void GroupReader::fetch(const Handle &data, const std::string &name, hid_t type, std::span<std::byte> to) const
{
    if (!to.empty() && H5Dread(data.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, to.data()) < 0)
        refuse(name, cause());
}

std::vector<std::byte> GroupReader::bytes(const std::string &name, hid_t type) const
{
    const auto expected = shape(name);
    const Handle data = checked(name, type, expected);
    std::vector<std::byte> result(valueCount(expected) * H5Tget_size(type));
    fetch(data, name, type, result);
    return result;
}

namespace {

/// Signature and length, which HDF5 checks too but cannot put into words for a person.
void checkStart(std::istream &stream, std::uint64_t fileBytes)
{
    constexpr std::string_view kSignature = "\x89HDF\r\n\x1a\n";
    std::array<char, kEndAddressOffset + sizeof(std::uint64_t)> start{};
    stream.read(start.data(), start.size());
    if (!std::string_view{start.data(), start.size()}.starts_with(kSignature))
        throw Failure{ErrorCode::BadFormat, "it is not an HDF5 file"};
    const char version = start[kSignature.size()], addressBytes = start[kSignature.size() + 1];
    std::uint64_t end = 0;
    std::memcpy(&end, start.data() + kEndAddressOffset, sizeof end);
    if ((version == 2 || version == 3) && addressBytes == sizeof end && end > fileBytes)
        throw Failure{ErrorCode::BadFormat, fmt::format("it is truncated: expected {} bytes, found {}", end, fileBytes)};
}

} // namespace

FileReader::FileReader(const std::filesystem::path &file) : m_budget{std::make_shared<Budget>()}
{
    namespace fs = std::filesystem;
    std::error_code error;
    const auto status = fs::status(file, error);
    if (status.type() == fs::file_type::not_found)
        throw Failure{ErrorCode::NotFound, "there is no such file"};
    if (!fs::is_regular_file(status))
        throw Failure{ErrorCode::Unreadable, error                       ? error.message()
                                             : fs::is_directory(status) ? "it is a folder"
                                                                        : "it is a pipe or device"};
    std::ifstream stream{file, std::ios::binary};
    if (!stream)
        throw Failure{ErrorCode::Unreadable, std::generic_category().message(errno)};
    m_budget->fileBytes = fs::file_size(file);
    if (m_budget->fileBytes == 0)
        throw Failure{ErrorCode::BadFormat, "it is empty"};
    checkStart(stream, m_budget->fileBytes);
    const Handle access = made(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    require(H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG), ErrorCode::Internal, "HDF5");
    // Snapshots are replaced as a whole, never written in place: a lock could only keep us from reading.
    require(H5Pset_file_locking(access.get(), false, true), ErrorCode::Internal, "HDF5");
    m_file = own(H5Fopen(file.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose, ErrorCode::BadFormat, "it is damaged");
}

GroupReader FileReader::root() const
{
    return {made(H5Gopen2(m_file.get(), "/", H5P_DEFAULT), H5Gclose), "/", m_budget};
}

} // namespace engine::h5
