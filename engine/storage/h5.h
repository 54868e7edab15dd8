// SPDX-FileCopyrightText: 2026 The Condensate authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "engine/core/result.h"
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <hdf5.h>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

/// The little of HDF5 that snapshots need, with owners and exceptions. Internal to engine/storage: no header that other
/// folders include may name it, and no h5::Failure leaves a public function.
namespace engine::h5 {

using Shape = std::vector<hsize_t>; ///< extents, slowest first; empty: a scalar

/// Where superblocks 2 and 3 with 8-byte addresses keep the address of the file's end.
inline constexpr std::size_t kEndAddressOffset = 28;

/// Trouble on the way through a file; becomes an Error at the public function.
class Failure : public std::runtime_error {
public:
    Failure(ErrorCode code, const std::string &text) : std::runtime_error{text}, m_code{code} {}
    ErrorCode code() const noexcept { return m_code; }

private:
    ErrorCode m_code;
};

/// While one lives, its thread alone may call HDF5 (the library is not thread-safe) and the library prints no errors.
class Session {
public:
    Session();
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

private:
    std::scoped_lock<std::mutex> m_lock;
};

/// Owns one HDF5 identifier.
class Handle {
public:
    using Close = herr_t (*)(hid_t);

    Handle() = default;
    Handle(hid_t id, Close close) noexcept : m_id{id}, m_close{close} {}
    Handle(Handle &&other) noexcept : m_id{std::exchange(other.m_id, H5I_INVALID_HID)}, m_close{other.m_close} {}
    Handle &operator=(Handle &&other) noexcept
    {
        std::swap(m_id, other.m_id);
        std::swap(m_close, other.m_close);
        return *this;
    }
    ~Handle()
    {
        if (m_id >= 0)
            m_close(m_id);
    }
    hid_t get() const noexcept { return m_id; }
    explicit operator bool() const noexcept { return m_id >= 0; }

private:
    hid_t m_id = H5I_INVALID_HID;
    Close m_close = nullptr;
};

/// The innermost cause on the error stack of HDF5, e.g. "incorrect metadata checksum"; "no cause given" without one.
std::string cause();

/// The identifier, owned. Throws Failure "`what`: cause" when HDF5 could not make it.
Handle own(hid_t id, Handle::Close close, ErrorCode code, const std::string &what);
/// Throws Failure "`what`: cause" for a negative status.
void require(herr_t status, ErrorCode code, const std::string &what);

/// What `work` gives, a Result; what it throws becomes an Error with the text `sentence(why)`. `trouble`: the
/// code of what is no Failure, such as a lack of memory.
template <typename Work, typename Sentence>
std::invoke_result_t<Work> withoutThrowing(ErrorCode trouble, const Sentence &sentence, const Work &work)
{
    try {
        return work();
    } catch (const Failure &failure) {
        return fail(failure.code(), sentence(failure.what()));
    } catch (const std::bad_alloc &) {
        return fail(trouble, sentence("not enough memory"));
    } catch (const std::exception &unexpected) {
        return fail(trouble, sentence(unexpected.what()));
    }
}

/// The little-endian type in which a T is stored; bit for bit what memory holds.
template <typename T>
hid_t fileType()
{
    if constexpr (std::same_as<T, float>)
        return H5T_IEEE_F32LE;
    else if constexpr (std::same_as<T, double>)
        return H5T_IEEE_F64LE;
    else if constexpr (std::same_as<T, std::uint8_t>)
        return H5T_STD_U8LE;
    else if constexpr (std::same_as<T, std::uint16_t>)
        return H5T_STD_U16LE;
    else if constexpr (std::same_as<T, std::uint32_t>)
        return H5T_STD_U32LE;
    else if constexpr (std::same_as<T, std::uint64_t>)
        return H5T_STD_U64LE;
    else {
        static_assert(std::same_as<T, std::int64_t>);
        return H5T_STD_I64LE;
    }
}

/// "8 × 1 × 5 × 5"; "one value" for a scalar.
std::string toText(const Shape &shape);
/// Number of values; the largest 64-bit number where it would not fit.
std::uint64_t valueCount(const Shape &shape);

} // namespace engine::h5
