// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/parameters.h"
#include "engine/storage/h5.h"
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

namespace engine::h5 {

/// What was read so far from one file: it cannot hold more than it is long, and a snapshot unpacks to little more.
struct Budget {
    std::uint64_t fileBytes = 0;
    std::uint64_t seenBytes = 0;     ///< storage of all datasets read
    std::uint64_t declaredBytes = 0; ///< what they unpack to
    std::size_t seenObjects = 0;     ///< groups and datasets met by name listing; links may run in circles
};

/// A group of a file that nobody vouches for. Every function throws Failure(BadFormat) that names the place, what was
/// expected and what was found; nothing is allocated that the file could not hold.
class GroupReader {
public:
    GroupReader(Handle group, std::string path, std::shared_ptr<Budget> budget)
        : m_group{std::move(group)}, m_path{std::move(path)}, m_budget{std::move(budget)}
    {
    }
    const std::string &path() const noexcept { return m_path; }

    bool hasAttribute(const char *name) const;
    double real(const char *name) const;
    std::uint64_t whole(const char *name) const; ///< refuses negative ones
    bool flag(const char *name) const;           ///< refuses what is neither 0 nor 1
    std::string text(const char *name) const;
    std::vector<std::string> texts(const char *name) const; ///< one dimension
    std::vector<std::string> textsOfAnyLength(const char *name) const; ///< the same, also as h5py writes a list of str
    /// Number, whole number or text, as the attribute's own type says.
    ParameterValue parameter(const char *name) const;

    bool has(const std::string &name) const;
    /// Requires a group of this name.
    GroupReader group(const std::string &name) const;
    /// Names of all children, in alphabetical order. Soft and external links are refused.
    std::vector<std::string> children() const;
    bool isGroup(const std::string &name) const;
    /// As a group, so that the attributes of a dataset can be read.
    GroupReader dataset(const std::string &name) const;

    /// Extents of a dataset, at most eight.
    Shape shape(const std::string &name) const;
    /// Values of a dataset that must have exactly this shape and exactly the type T.
    template <typename T>
    std::vector<T> values(const std::string &name, const Shape &expected) const
    {
        const Handle data = checked(name, fileType<T>(), expected);
        std::vector<T> result(valueCount(expected));
        fetch(data, name, fileType<T>(), std::as_writable_bytes(std::span{result}));
        return result;
    }
    /// Values of a dataset of this shape and of any type of whole numbers that a signed 64-bit one can hold.
    std::vector<std::int64_t> wholes(const std::string &name, const Shape &expected) const;
    /// Bytes of this very dataset, which must have the given type.
    std::vector<std::byte> bytes(const std::string &name, hid_t type) const;
    /// Whether the dataset has exactly this type.
    bool hasType(const std::string &name, hid_t type) const;

private:
    [[noreturn]] void refuse(const std::string &name, const std::string &why) const;
    Handle open(const std::string &name, H5I_type_t kind) const;
    Handle attribute(const char *name, H5T_class_t kind, bool scalar) const;
    Handle checked(const std::string &name, hid_t type, const Shape &expected) const;
    void checkStorage(hid_t data, std::uint64_t declaredBytes) const;
    void fetch(const Handle &data, const std::string &name, hid_t type, std::span<std::byte> to) const;

    Handle m_group;
    std::string m_path;
    std::shared_ptr<Budget> m_budget;
};

/// An HDF5 file open for reading.
class FileReader {
public:
    /// Errors, thrown: NotFound, Unreadable (a folder, a pipe, no permission), BadFormat (empty, not HDF5, damaged).
    explicit FileReader(const std::filesystem::path &file);
    GroupReader root() const;

private:
    std::shared_ptr<Budget> m_budget;
    Handle m_file;
};

} // namespace engine::h5
