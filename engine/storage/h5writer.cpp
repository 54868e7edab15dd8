// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/storage/h5writer.h"
#include <algorithm>

namespace engine::h5 {
namespace {

constexpr std::size_t kCompactBytes = 4096;         // up to here values live in the object header, under its checksum
constexpr std::size_t kChunkBytes = std::size_t{1} << 20;
constexpr unsigned kGzipLevel = 1;                  // higher levels cost several times the time for a few percent

Handle made(hid_t id, Handle::Close close, const std::string &what)
{
    return own(id, close, ErrorCode::Internal, "HDF5 could not make " + what);
}

void check(herr_t status, const std::string &what)
{
    require(status, ErrorCode::Internal, "HDF5 could not write " + what);
}

Handle makeSpace(const Shape &shape)
{
    const auto rank = static_cast<int>(shape.size());
    return made(shape.empty() ? H5Screate(H5S_SCALAR) : H5Screate_simple(rank, shape.data(), nullptr), H5Sclose, "a shape");
}

void writeAttribute(hid_t object, const char *name, hid_t type, const Shape &shape, const void *value)
{
    const Handle space = makeSpace(shape);
    const Handle attribute = made(H5Acreate2(object, name, type, space.get(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose, name);
    check(H5Awrite(attribute.get(), type, value), name);
}

Handle textType(std::size_t length)
{
    Handle type = made(H5Tcopy(H5T_C_S1), H5Tclose, "a text type");
    check(H5Tset_size(type.get(), std::max<std::size_t>(length, 1)), "a text type"); // HDF5 knows no length 0
    check(H5Tset_strpad(type.get(), H5T_STR_NULLPAD), "a text type");
    check(H5Tset_cset(type.get(), H5T_CSET_UTF8), "a text type");
    return type;
}

/// Halves the slowest extents until a chunk holds at most 1 MiB.
Shape chunkOf(const Shape &shape, std::size_t valueBytes)
{
    Shape chunk = shape;
    for (auto &extent : chunk) {
        const auto rows = valueCount(chunk) / extent;
        const auto fitting = std::max<hsize_t>(kChunkBytes / (rows * valueBytes), 1);
        if (fitting >= extent)
            break;
        const hsize_t parts = (extent + fitting - 1) / fitting;
        extent = (extent + parts - 1) / parts; // even parts: little is wasted in the last one
    }
    return chunk;
}

Handle layoutOf(const Shape &shape, std::size_t valueBytes, Packing packing)
{
    Handle properties = made(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "a layout");
    const hid_t id = properties.get();
    keepPlain(id);
    const auto bytes = valueCount(shape) * valueBytes;
    if (bytes == 0)
        return properties;
    if (bytes <= kCompactBytes) {
        check(H5Pset_layout(id, H5D_COMPACT), "a layout");
        return properties;
    }
    const Shape chunk = chunkOf(shape, valueBytes);
    check(H5Pset_chunk(id, static_cast<int>(chunk.size()), chunk.data()), "a layout");
    check(H5Pset_fill_time(id, H5D_FILL_TIME_NEVER), "a layout");
    if (packing == Packing::Gzip) {
        if (valueBytes > 1)
            check(H5Pset_shuffle(id), "a layout");
        check(H5Pset_deflate(id, kGzipLevel), "a layout");
    }
    check(H5Pset_fletcher32(id), "a layout");
    return properties;
}

} // namespace

void Node::attribute(const char *name, double value) const { writeAttribute(id(), name, H5T_IEEE_F64LE, {}, &value); }
void Node::attribute(const char *name, std::int64_t value) const { writeAttribute(id(), name, H5T_STD_I64LE, {}, &value); }
void Node::attribute(const char *name, std::uint64_t value) const { writeAttribute(id(), name, H5T_STD_U64LE, {}, &value); }

void Node::attribute(const char *name, bool value) const
{
    const std::uint8_t byte = value ? 1 : 0;
    writeAttribute(id(), name, H5T_STD_U8LE, {}, &byte);
}

void Node::attribute(const char *name, std::string_view value) const
{
    const std::string padded = value.empty() ? std::string(1, '\0') : std::string{value};
    writeAttribute(id(), name, textType(value.size()).get(), {}, padded.data());
}

void Node::attribute(const char *name, std::span<const std::string_view> values) const
{
    if (values.empty())
        return;
    const auto length = std::max<std::size_t>(std::ranges::max(values, {}, &std::string_view::size).size(), 1);
    std::string table(length * values.size(), '\0');
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i].copy(table.data() + i * length, length);
    writeAttribute(id(), name, textType(length).get(), {values.size()}, table.data());
}

void Node::viewerText(const char *name, std::string_view value) const
{
    const std::string terminated{value};
    const char *text = terminated.c_str();
    writeAttribute(id(), name, textType(H5T_VARIABLE).get(), {}, &text);
}

void Node::viewerText(const char *name, std::span<const std::string_view> values) const
{
    if (values.empty())
        return;
    const std::vector<std::string> terminated(values.begin(), values.end());
    std::vector<const char *> texts;
    for (const auto &text : terminated)
        texts.push_back(text.c_str());
    writeAttribute(id(), name, textType(H5T_VARIABLE).get(), {texts.size()}, texts.data());
}

void Node::parameter(const char *name, const ParameterValue &value) const
{
    if (const auto *text = std::get_if<std::string>(&value))
        attribute(name, std::string_view{*text});
    else if (const auto *whole = std::get_if<std::int64_t>(&value))
        attribute(name, *whole);
    else
        attribute(name, std::get<double>(value));
}

void Node::label(std::string_view longName, std::string_view units) const
{
    viewerText("long_name", longName);
    if (!units.empty())
        viewerText("units", units);
}

void keepPlain(hid_t properties)
{
    // HDF5 1.10 crashes when it copies an object whose attributes, text of variable length among them, left its header.
    constexpr unsigned kAttributesInHeader = 1024;
    check(H5Pset_attr_phase_change(properties, kAttributesInHeader, 0), "a layout");
    check(H5Pset_obj_track_times(properties, false), "a layout"); // the same snapshot gives the same bytes
}

GroupWriter GroupWriter::group(const std::string &name, std::string_view nexusClass) const
{
    const Handle properties = made(H5Pcreate(H5P_GROUP_CREATE), H5Pclose, name);
    keepPlain(properties.get());
    GroupWriter created{made(H5Gcreate2(id(), name.c_str(), H5P_DEFAULT, properties.get(), H5P_DEFAULT), H5Gclose, name)};
    created.viewerText("NX_class", nexusClass);
    return created;
}

Node GroupWriter::bytes(const std::string &name, const Shape &shape, hid_t type, std::span<const std::byte> values,
                        Packing packing) const
{
    const Handle space = makeSpace(shape);
    const Handle layout = layoutOf(shape, H5Tget_size(type), packing);
    Node node{made(H5Dcreate2(id(), name.c_str(), type, space.get(), H5P_DEFAULT, layout.get(), H5P_DEFAULT), H5Dclose, name)};
    if (!values.empty())
        check(H5Dwrite(node.id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), name);
    return node;
}

void GroupWriter::link(const std::string &name, const GroupWriter &from, const std::string &target) const
{
    check(H5Lcreate_hard(from.id(), target.c_str(), id(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), name);
}

} // namespace engine::h5
