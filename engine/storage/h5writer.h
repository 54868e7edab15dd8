// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/parameters.h"
#include "engine/storage/h5.h"
#include <cstddef>
#include <span>
#include <string_view>

namespace engine::h5 {

/// Whether compressing a dataset pays: codes and counts shrink three- to tenfold, float weights hardly at all.
enum class Packing { Plain, Gzip };

/// A dataset just written, to hang attributes on. Everything throws Failure(Internal).
class Node {
public:
    explicit Node(Handle id) noexcept : m_id{std::move(id)} {}
    hid_t id() const noexcept { return m_id.get(); }

    void attribute(const char *name, double value) const;
    void attribute(const char *name, std::int64_t value) const;
    void attribute(const char *name, std::uint64_t value) const;
    void attribute(const char *name, bool value) const; ///< uint8, 0 or 1
    /// Text that the reader needs: of fixed length, so that it lies inside the checksummed object header.
    void attribute(const char *name, std::string_view value) const;
    void attribute(const char *name, const char *value) const { attribute(name, std::string_view{value}); }
    void attribute(const char *name, std::span<const std::string_view> values) const; ///< none at all if empty
    /// Text for viewers: of variable length, which h5py hands out as str. HDF5 keeps it where no checksum is, so the
    /// reader never looks at it.
    void viewerText(const char *name, std::string_view value) const;
    void viewerText(const char *name, std::span<const std::string_view> values) const; ///< none at all if empty
    void parameter(const char *name, const ParameterValue &value) const;
    /// What a viewer writes at the axis.
    void label(std::string_view longName, std::string_view units) const;

private:
    Handle m_id;
};

/// How every object is made: no times in it, all attributes in its header. `properties`: of its creation.
void keepPlain(hid_t properties);

/// A group being filled.
class GroupWriter : public Node {
public:
    using Node::Node;

    /// A new group below this one. `nexusClass` e.g. "NXdata".
    GroupWriter group(const std::string &name, std::string_view nexusClass) const;
    /// Requires: values.size() is the product of `shape`. Chunked (0.1 to 1 MiB) from 4 KiB on, each chunk
    /// with a checksum.
    template <typename T>
    Node values(const std::string &name, const Shape &shape, std::span<const T> values, Packing packing = Packing::Plain) const
    {
        return bytes(name, shape, fileType<T>(), std::as_bytes(values), packing);
    }
    Node bytes(const std::string &name, const Shape &shape, hid_t type, std::span<const std::byte> values, Packing packing) const;
    /// A second name for an object below another group.
    void link(const std::string &name, const GroupWriter &from, const std::string &target) const;
};

} // namespace engine::h5
